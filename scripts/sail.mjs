// npm run docs:sail [-- --check]: runs the conformance cases on a Sail server that it starts, and writes what came of
// them to conformance/engines/sail.json, from which docs/engines.md is made. With --check nothing is written: other
// cases that pass or fail than the file says are an error.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SAIL_VERSION, sailFolder } from "./provision/sail.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kept = join(root, "conformance", "engines", "sail.json");
const program = join(sailFolder, "bin", "sail");

if (existsSync(join(sailFolder, "complete"))) await main();
else
  process.stderr.write(
    "SKIPPED: the conformance cases on Sail: it is not there; run: npm run provision sail (needs Python)\n",
  );

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-sail-"));
  const port = await freePort();
  const server = spawn(program, ["spark", "server", "--ip", "127.0.0.1", "--port", String(port)], { stdio: "ignore" });
  try {
    await listening(port, server);
    const file = join(folder, "report.json");
    // a failing case is for the file to say
    spawnSync(
      process.execPath,
      [
        join(root, "scripts", "conformance.mjs"),
        join(root, "fixtures", "conformance"),
        "--engine",
        "spark",
        "--json",
        file,
      ],
      {
        cwd: root,
        stdio: ["ignore", "inherit", "inherit"],
        env: { ...process.env, DYNAFRAME_SPARK: `sc://127.0.0.1:${port}` },
      },
    );
    keep(JSON.parse(readFileSync(file, "utf8")));
  } finally {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

function keep({ cases }) {
  const now = {
    version: SAIL_VERSION,
    cases: cases.map(({ id, op, status, reason }) => ({
      id,
      op,
      status,
      ...(status === "PASS" ? {} : { reason: plainReason(reason) }),
    })),
  };
  if (!process.argv.includes("--check")) {
    writeFileSync(kept, `${JSON.stringify(now, undefined, 1)}\n`);
    return console.log(`${kept} written`);
  }
  const known = JSON.parse(readFileSync(kept, "utf8"));
  const statuses = ({ version, cases: all }) => [version, ...all.map(({ id, status }) => `${id} ${status}`)].sort();
  const before = new Set(statuses(known));
  const after = statuses(now);
  const other = after.filter((line) => !before.delete(line));
  if (other.length + before.size === 0) return;
  console.error(
    `Sail does other than conformance/engines/sail.json says: now ${other.join("; ") || "nothing more"}; no longer ${[...before].join("; ") || "nothing"}. Run: npm run docs:sail, then npm run docs:engines`,
  );
  process.exitCode = 1;
}

/** The first line, without what differs from run to run. */
function plainReason(reason = "") {
  return (reason.split("\n")[0] ?? "").replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "…");
}

async function listening(port, server) {
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`Sail ended with status ${server.exitCode}`);
    const there = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => {
        resolve(false);
      });
    });
    if (there) return;
    await sleep(100);
  }
  throw new Error("Sail does not answer");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .once("error", reject)
      .listen(0, "127.0.0.1", () => {
        const { port } = probe.address();
        probe.close(() => {
          resolve(port);
        });
      });
  });
}
