/**
 * Tries to find the catalog's key by every way that this test knows, and prints what each gave. Arguments: the key's
 * path, the host's process id, a folder to write into. It waits for a line between two rounds. Outside of a user
 * namespace it only reads, and mounts, moves and kills nothing.
 */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DatabaseSync } from "@photostructure/sqlite";
import { thisHost } from "../../src/storage/this-host.js";

const [key = "", host = "", scratch = ""] = process.argv.slice(2);
const isInside = !/^0\s+0\s+4294967295$/.test(readFileSync("/proc/self/uid_map", "utf8").trim());
const ONLY_INSIDE: readonly string[] = [
  "rename",
  "umount",
  "remount",
  "more namespaces",
  "another proc",
  "the host's namespace",
  "programs of the kernel",
  "ending the host",
  "ending the group",
];
const read = (path: string): string => readFileSync(path, "utf8");
const say = (...words: readonly string[]): string =>
  said(spawnSync(words[0] ?? "", words.slice(1), { encoding: "utf8", timeout: 20_000 }));
const said = ({ stdout, stderr, status, error }: SpawnSyncReturns<string>): string =>
  error?.message ?? `${status} ${stdout}${stderr}`;
const shell = (script: string): string => say("sh", "-c", script, "sh", key, host, scratch);
const pids = (): readonly string[] => [
  ...new Set([host, ...readdirSync("/proc").filter((name) => /^\d+$/.test(name))]),
];
/** What the first of them gives that gives anything. */
const any = (all: readonly string[], one: (each: string) => string): string => {
  const failures = new Set<string>();
  for (const each of all) {
    try {
      return one(each);
    } catch (error) {
      failures.add((error as NodeJS.ErrnoException).code ?? String(error));
    }
  }
  return `none of ${all.length}: ${[...failures].join(", ")}`;
};
const others = (): readonly string[] => pids().filter((pid) => pid !== String(process.pid));
/** Memory that another process holds, where it says that it does. */
function memory(pid: string): string {
  const regions = read(`/proc/${pid}/maps`)
    .split("\n")
    .flatMap(
      (line) =>
        /^([0-9a-f]+)-([0-9a-f]+) rw/
          .exec(line)
          ?.slice(1, 3)
          .map((hex) => Number.parseInt(hex, 16)) ?? [],
    );
  const file = openSync(`/proc/${pid}/mem`, "r");
  const page = Buffer.alloc(4096);
  readSync(file, page, 0, page.length, regions[0] ?? 0);
  closeSync(file);
  return `the-key is not needed: ${page.length} bytes of ${pid}`;
}

async function engine(sql: string): Promise<string> {
  const connection = await (await DuckDBInstance.create()).connect();
  return JSON.stringify((await connection.runAndReadAll(sql)).getRows());
}

const ATTACKS: { readonly [name: string]: () => string | Promise<string> } = {
  path: () => read(key),
  "working folder": () => read("key"),
  symlink: () => {
    rmSync(join(scratch, "link"), { force: true });
    symlinkSync(key, join(scratch, "link"));
    return read(join(scratch, "link"));
  },
  "symlink to the folder": () => {
    rmSync(join(scratch, "folder"), { force: true });
    symlinkSync(`/proc/self/root${dirname(key)}`, join(scratch, "folder"));
    return read(join(scratch, "folder", "key"));
  },
  "hard link": () => shell('rm -f "$3/hard"; ln "$1" "$3/hard" && cat "$3/hard"'),
  rename: () => shell('mv "$1" "$3/moved" && cat "$3/moved"'),
  "own root": () => read(`/proc/self/root${key}`),
  "own working folder": () => read("/proc/self/cwd/key"),
  "roots of others": () => any(others(), (pid) => read(`/proc/${pid}/root${key}`)),
  "working folders of others": () => any(others(), (pid) => read(`/proc/${pid}/cwd/key`)),
  "environments of others": () => any(others(), (pid) => read(`/proc/${pid}/environ`)),
  "files of others": () =>
    any(
      others().flatMap((pid) => {
        try {
          return readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`);
        } catch {
          return [`/proc/${pid}/fd/0`];
        }
      }),
      (fd) => {
        if (readlinkSync(fd) !== key) throw new Error("another file");
        return read(fd);
      },
    ),
  "memory of others": () => any(others(), memory),
  "own files": () => any(readdirSync("/proc/self/fd"), (fd) => read(`/proc/self/fd/${fd}/key`)),
  "a program": () => say("cat", key),
  umount: () => shell('umount "$(dirname "$1")"; umount -l "$(dirname "$1")"; cat "$1"'),
  remount: () =>
    shell(
      'mkdir -p "$3/m"; mount --bind "$(dirname "$(dirname "$1")")" "$3/m" && cat "$3"/m/*/key; mount --rbind / "$3/m" && cat "$3/m$1"',
    ),
  "more namespaces": () =>
    shell('unshare --user --map-root-user --mount sh -c \'umount "$(dirname "$0")"; cat "$0"\' "$1"'),
  "another proc": () => shell('mkdir -p "$3/p"; mount -t proc proc "$3/p" && cat "$3/p/$2/root$1"'),
  "the host's namespace": () => shell('nsenter --target "$2" --mount cat "$1"; nsenter --target 1 --mount cat "$1"'),
  "the engine": () => engine(`SELECT content FROM read_text('${key}')`),
  "the engine by a pattern": () => engine(`SELECT content FROM read_text('${dirname(key)}/k*')`),
  SQLite: () => {
    new DatabaseSync(key, { readOnly: true }).exec("SELECT * FROM sqlite_master");
    return "opened";
  },
  disks: () =>
    any(
      readdirSync("/dev").filter((name) => /^(?:vd|sd|nvme|dm-|loop|mem|kmem|mapper)/.test(name)),
      (name) => {
        closeSync(openSync(`/dev/${name}`, "r"));
        return `the-key is on ${name}`;
      },
    ),
  "programs of the kernel": () => {
    writeFileSync("/proc/sys/kernel/core_pattern", read("/proc/sys/kernel/core_pattern"));
    return "the-key goes to core_pattern";
  },
  "sockets of services": () =>
    any(
      ["/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private", `/run/user/${process.getuid?.()}`],
      (path) => {
        readdirSync(dirname(path));
        return readdirSync(dirname(path)).includes(path.split("/").at(-1) ?? "") ? `the-key by ${path}` : "not there";
      },
    ),
  "being taken for a process of the host": () =>
    thisHost() === hostname() ? "the-key: its process ids are the host's" : thisHost(),
  "ending the host": () => {
    process.kill(Number(host), "SIGKILL");
    return "the-key is lost";
  },
  "ending the group": () => {
    process.on("SIGTERM", () => undefined);
    process.kill(0, "SIGTERM");
    return "told";
  },
};

async function round(): Promise<void> {
  const given: { [name: string]: string } = {};
  for (const [name, attack] of Object.entries(ATTACKS)) {
    if (!isInside && ONLY_INSIDE.includes(name)) continue;
    try {
      given[name] = await attack();
    } catch (error) {
      given[name] = error instanceof Error ? error.message : String(error);
    }
  }
  process.stdout.write(`${JSON.stringify(given)}\n`);
}

void round()
  .then(
    () =>
      new Promise<void>((resolve) => {
        process.stdin.once("data", () => {
          resolve();
        });
      }),
  )
  .then(round)
  .then(() => process.exit(0));
