/** A MariaDB server of the test's own: a fresh data folder in a temporary folder on a free port, gone afterwards. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerCertificate } from "./postgres.js";
import { databaseServer, freePort, giveTo, ownCopy, unprivileged, type DatabaseServer } from "./server-process.js";

export const PASSWORD = "s3cret-päss'wörd%";
/** What a new server of MariaDB or MySQL runs first. */
export const SET_UP = `CREATE USER 'tester'@'%' IDENTIFIED BY '${PASSWORD.replaceAll("'", "''")}';\nGRANT ALL PRIVILEGES ON *.* TO 'tester'@'%' WITH GRANT OPTION;\nCREATE DATABASE IF NOT EXISTS shop;\n`;

const find = (name: string): string | undefined =>
  [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/local/sbin", "/usr/libexec"]
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

/** Undefined, with one line on standard error, on a machine without MariaDB. */
export async function startMariadb(tls?: ServerCertificate): Promise<DatabaseServer | undefined> {
  const server = find("mariadbd");
  const install = find("mariadb-install-db");
  const account = unprivileged("mysql");
  if (server === undefined || install === undefined || account === undefined) {
    process.stderr.write(
      "SKIPPED: no MariaDB on this machine, its tests do not run (apt-get install mariadb-server)\n",
    );
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-maria-"));
  const data = join(folder, "data");
  const init = join(folder, "init.sql");
  mkdirSync(data);
  writeFileSync(init, SET_UP);
  giveTo(account, folder, data, init);
  const env = { PATH: process.env["PATH"] ?? "", TZ: "America/St_Johns" };
  const made = spawnSync(
    install,
    ["--no-defaults", `--datadir=${data}`, "--skip-test-db", "--auth-root-authentication-method=normal"],
    { ...account, cwd: folder, env, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.stderr}${made.stdout}`);
  const port = await freePort();
  const encrypted =
    tls === undefined
      ? []
      : [`--ssl-cert=${ownCopy(account, tls.cert, folder)}`, `--ssl-key=${ownCopy(account, tls.key, folder)}`];
  const child = spawn(
    server,
    [
      "--no-defaults",
      `--datadir=${data}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--socket=${join(folder, "s")}`,
      `--pid-file=${join(folder, "pid")}`,
      `--init-file=${init}`,
      "--character-set-server=utf8mb4",
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-buffer-pool-size=32M",
      "--max-allowed-packet=4M",
      "--lower-case-table-names=0",
      ...encrypted,
    ],
    { ...account, cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] },
  );
  return databaseServer(child, () => answers(port), { folder, port, password: PASSWORD, end: "SIGKILL" });
}

/** The server greets whoever connects once it is up. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket.once("data", () => {
      done(true);
    });
    socket.once("error", () => {
      done(false);
    });
    socket.setTimeout(1000, () => {
      done(false);
    });
  });
}
