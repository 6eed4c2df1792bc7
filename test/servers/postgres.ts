/** A PostgreSQL server of the test's own: a fresh cluster in a temporary folder on a free port, gone afterwards. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseServer, freePort, giveTo, ownCopy, unprivileged, type DatabaseServer } from "./server-process.js";

const PASSWORD = "s3cret pass/wörd%";

/** Where Debian, Red Hat, Homebrew and the installers put the binaries; PATH first. */
function binaries(): string | undefined {
  const versioned = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"].flatMap((root) =>
    existsSync(root)
      ? readdirSync(root)
          .sort()
          .reverse()
          .map((v) => join(root, v, "bin"))
      : [],
  );
  return [...(process.env["PATH"] ?? "").split(":"), "/usr/pgsql/bin", ...versioned].find(
    (folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")),
  );
}

/** PEM files of a server that speaks TLS. */
export type ServerCertificate = { readonly cert: string; readonly key: string };

/** Undefined, with one line on standard error, on a machine without PostgreSQL. */
export async function startPostgres(tls?: ServerCertificate): Promise<DatabaseServer | undefined> {
  const bin = binaries();
  const account = unprivileged("postgres");
  if (bin === undefined || account === undefined) {
    process.stderr.write("SKIPPED: no PostgreSQL on this machine, its tests do not run (apt-get install postgresql)\n");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-pg-"));
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, PASSWORD);
  giveTo(account, folder, passwordFile);
  const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "America/St_Johns" };
  const made = spawnSync(
    join(bin, "initdb"),
    [
      "-D",
      data,
      "-U",
      "tester",
      "-E",
      "UTF8",
      "--auth=scram-sha-256",
      `--pwfile=${passwordFile}`,
      "--no-sync",
      "--locale=C",
    ],
    { ...account, cwd: folder, env, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.stdout}`);
  const port = await freePort();
  const encrypted =
    tls === undefined
      ? []
      : [
          "-c",
          "ssl=on",
          "-c",
          `ssl_cert_file=${ownCopy(account, tls.cert, folder)}`,
          "-c",
          `ssl_key_file=${ownCopy(account, tls.key, folder)}`,
        ];
  const server = spawn(
    join(bin, "postgres"),
    [
      "-D",
      data,
      "-p",
      String(port),
      "-k",
      folder,
      "-h",
      "127.0.0.1",
      "-c",
      "fsync=off",
      "-c",
      "timezone=America/St_Johns",
      ...encrypted,
    ],
    { ...account, cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] },
  );
  return databaseServer(server, (log) => /ready to accept connections/.test(log), {
    folder,
    port,
    password: PASSWORD,
    end: "SIGQUIT",
  });
}
