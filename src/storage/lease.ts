/** One at a time among processes: a lease file that outlives no process. */
import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errnoOf, withFileErrors } from "./file-error.js";
import { thisHost } from "./this-host.js";

export type Lease = { release(): Promise<void> };

/** Who holds a lease. */
export type Holder = { readonly token: string; readonly pid: number; readonly host: string; readonly started: string };

/** A living holder touches its file this often; one that has not for `STALE_MS` is dead, wherever it ran. */
const HEARTBEAT_MS = 10_000;
const STALE_MS = 120_000;
const ATTEMPTS = 5;

/**
 * Takes the lease `name` in `folder`. While another process lives and holds it, throws what `busy` gives. The lease of
 * a process that was killed is taken over, at once on the same machine, after two minutes from another.
 */
export async function takeLease(
  folder: string,
  name: string,
  busy: (holder: Holder | undefined) => Error,
): Promise<Lease> {
  const path = join(folder, `${name.replaceAll(/[^a-z0-9_.-]/gi, "_")}.lease`);
  const holder: Holder = { token: randomUUID(), pid: process.pid, host: thisHost(), started: new Date().toISOString() };
  await withFileErrors(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await withFileErrors(path, () => create(path, holder))) {
      await removeAbandoned(dirname(path), `${basename(path)}.`);
      return held(path, holder.token);
    }
    const other = await readHolder(path);
    if (other !== undefined && (await isAlive(path, other))) throw busy(other);
    await takeAway(path, other?.token);
  }
  throw busy(undefined);
}

/** Creates the file with its content at once: a reader never sees it half written. */
async function create(path: string, holder: Holder): Promise<boolean> {
  const aside = asideOf(path);
  await writeFile(aside, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function held(path: string, token: string): Lease {
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      if ((await readHolder(path))?.token === token) await rm(path, { force: true });
    },
  };
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined; // gone meanwhile, or not ours: stale either way
  }
}

async function isAlive(path: string, holder: Holder): Promise<boolean> {
  if (holder.host === thisHost() && !processLives(holder.pid)) return false;
  const beat = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  return Date.now() - beat < STALE_MS;
}

/** Whether a process of this machine is there. */
export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}

/**
 * Moves a stale lease out of the way. If another process was quicker and the file is already its new lease, it is put
 * back.
 */
async function takeAway(path: string, staleToken: string | undefined): Promise<void> {
  const away = asideOf(path);
  try {
    await rename(path, away);
  } catch {
    return;
  }
  const moved = await readHolder(away);
  if (moved !== undefined && moved.token !== staleToken) await link(away, path).catch(() => undefined);
  await rm(away, { force: true });
}

const HOST = thisHost().replaceAll(/[^a-z0-9_-]/gi, "_");

/** A name beside the lease that tells whose file it is. */
const asideOf = (path: string): string => `${path}.${HOST}.${process.pid}.${randomUUID()}`;

/**
 * Removes what processes have left beside leases of the folder that were killed at that moment; `prefix`: beside those
 * alone whose names begin so.
 */
export async function removeAbandoned(folder: string, prefix = ""): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix) || !name.includes(".lease.")) continue;
    const [, host, pid] = /\.lease\.([^.]*)\.(\d+)\.[^.]*$/.exec(name) ?? [];
    const file = join(folder, name);
    const lives =
      host === HOST
        ? processLives(Number(pid))
        : Date.now()
            - (await stat(file).then(
              ({ mtimeMs }) => mtimeMs,
              () => 0,
            ))
          < STALE_MS;
    if (!lives) await rm(file, { force: true });
  }
}
