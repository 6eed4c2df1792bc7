/**
 * A server of MySQL itself, from what `scripts/provision/mysql.mjs` unpacked: a fresh data folder on a free port, gone
 * afterwards.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { answers, PASSWORD, SET_UP } from "./mariadb.js";
import type { ServerCertificate } from "./postgres.js";
import { databaseServer, freePort, ownCopy, type DatabaseServer } from "./server-process.js";

const ROOT = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "dynaframe", "mysql");

/** Undefined, with one line on standard error, on a machine without MySQL. */
export async function startMysql(tls?: ServerCertificate): Promise<DatabaseServer | undefined> {
  if (!existsSync(join(ROOT, "usr/sbin/mysqld"))) {
    process.stderr.write(
      "SKIPPED: no MySQL on this machine, its tests do not run; those of MariaDB do (node scripts/provision.mjs mysql)\n",
    );
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-mysql-"));
  const data = join(folder, "data");
  const init = join(folder, "init.sql");
  mkdirSync(data);
  writeFileSync(init, SET_UP);
  const env = { PATH: process.env["PATH"] ?? "", TZ: "America/St_Johns" };
  // its own loader and libraries: those of the machine are older
  const libraries = join(ROOT, "usr/lib/x86_64-linux-gnu");
  // another account could not read what lies in root's cache folder
  const ownUser = process.getuid?.() === 0 ? ["--user=root"] : [];
  const server = [
    join(libraries, "ld-linux-x86-64.so.2"),
    "--library-path",
    libraries,
    join(ROOT, "usr/sbin/mysqld"),
    "--no-defaults",
    `--datadir=${data}`,
    `--basedir=${join(ROOT, "usr")}`,
    ...ownUser,
  ] as const;
  const [loader, ...args] = server;
  const made = spawnSync(loader, [...args, "--initialize-insecure"], { cwd: folder, env, encoding: "utf8" });
  if (made.status !== 0)
    throw new Error(`mysqld --initialize-insecure failed: ${made.stderr}${made.stdout}`, { cause: made.error });
  const port = await freePort();
  const encrypted =
    tls === undefined
      ? []
      : [`--ssl-cert=${ownCopy({}, tls.cert, folder)}`, `--ssl-key=${ownCopy({}, tls.key, folder)}`];
  const child = spawn(
    loader,
    [
      ...args,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--mysqlx=OFF",
      "--secure-file-priv=NULL",
      `--socket=${join(folder, "s")}`,
      `--pid-file=${join(folder, "pid")}`,
      `--init-file=${init}`,
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-buffer-pool-size=32M",
      "--max-allowed-packet=4M",
      "--skip-log-bin",
      ...encrypted,
    ],
    { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] },
  );
  return databaseServer(child, () => answers(port), { folder, port, password: PASSWORD, end: "SIGKILL" });
}
