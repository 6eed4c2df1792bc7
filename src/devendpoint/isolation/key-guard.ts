/** How what runs in an endpoint or a session is kept from the catalog's key file, see docs/decisions/0190. */
import { execFile } from "node:child_process";
import { mkdir, realpath } from "node:fs/promises";
import { keyFiles } from "../../catalog/key-files.js";
import { DynaframeError } from "../../types/error.js";
import type { SessionCommand } from "../session-host.js";
import type { SessionUser } from "../session-user.js";
import { isolated, type Isolation } from "./namespaces.js";
import { linkedElsewhere, otherWaysTo } from "./key-paths.js";

export type KeyGuardOptions = {
  /** Who runs, for messages: `the endpoint lab`. */
  readonly who: string;
  /** The catalog's folder; undefined for one elsewhere, of which nothing lies here. */
  readonly folder: string | undefined;
  /** A folder of its own, which it sees in place of the catalog's. Made where it is missing. */
  readonly own: string;
  /** Other paths that it is not to see; those that are not there are passed over. */
  readonly hidden?: readonly string[];
  /** Another user of the system, to whom the key file is closed. */
  readonly user?: SessionUser | undefined;
  /** Its operator gave it the key. */
  readonly isKeyGiven: boolean;
};

export type KeyGuard = {
  /** What keeps it from the key: nothing where it was given, or where there is none. */
  readonly by: "user" | "namespaces" | "nothing";
  /** Where it finds its own folder; undefined for another user, who may not enter it, and for a catalog elsewhere. */
  readonly own?: string;
  readonly guarded: (command: SessionCommand) => SessionCommand;
  /** While it runs. @throws KEY_UNPROTECTED once there is a key that it could read. */
  readonly check: () => Promise<void>;
};

const PROBE_MS = 20_000;
const unwatched = async (): Promise<void> => undefined;

/** @throws KEY_UNPROTECTED where there is a key file that it could read; KEY_LINKED. */
export async function keyGuard({
  who,
  folder,
  own,
  hidden = [],
  user,
  isKeyGiven,
}: KeyGuardOptions): Promise<KeyGuard> {
  if (user !== undefined) return { by: "user", guarded: (command) => ({ ...command, user }), check: unwatched };
  if (folder === undefined) return { by: "nothing", guarded: (command) => command, check: unwatched };
  await mkdir(own, { recursive: true, mode: 0o700 });
  if (isKeyGiven) return { by: "nothing", own, guarded: (command) => command, check: unwatched };
  const isolation = await isolationOf(folder, own, hidden);
  const check = async (): Promise<void> => {
    if ((await keyFiles(folder)).length > 0) throw unprotected(who, folder);
  };
  if (isolation === undefined) {
    await check();
    return { by: "nothing", own, guarded: (command) => command, check };
  }
  const notLinked = async (): Promise<void> => {
    const file = await linkedElsewhere(await keyFiles(folder));
    if (file !== undefined) {
      throw new DynaframeError(
        "KEY_LINKED",
        `The catalog's key file has another name elsewhere, by which ${who} would find it`,
        { file, hint: "remove the other hard link, or make another key: dynaframe connections rotate-key" },
      );
    }
  };
  await notLinked();
  return {
    by: "namespaces",
    own: isolation.folder,
    guarded: ({ words, env, ...command }) => ({
      ...command,
      words: isolated(words, isolation),
      env: { ...env, DYNAFRAME_SERVERS: isolation.folder },
      isIsolated: true,
    }),
    check: notLinked,
  };
}

/**
 * Undefined where this system has no namespaces for us: not Linux, no `unshare`, or they are forbidden (containers,
 * AppArmor).
 */
async function isolationOf(folder: string, own: string, hidden: readonly string[]): Promise<Isolation | undefined> {
  if (process.platform !== "linux") return undefined;
  const real = await realpath(folder);
  const also = (await Promise.all(hidden.map((path) => realpath(path).catch(() => undefined)))).filter(
    (path) => path !== undefined,
  );
  const isolation: Isolation = {
    folder: real,
    own: await realpath(own),
    hidden: [...(await otherWaysTo(real)), ...also.filter((path) => path !== real && !path.startsWith(`${real}/`))],
  };
  const [program, ...args] = isolated(
    ["sh", "-c", 'for file; do [ ! -e "$file" ] || exit 1; done', "probe", ...(await keyFiles(real))],
    isolation,
  );
  const isHidden = await new Promise<boolean>((resolve) => {
    execFile(program, args, { timeout: PROBE_MS, killSignal: "SIGKILL", env: process.env }, (error) => {
      resolve(error === null);
    });
  });
  return isHidden ? isolation : undefined;
}

const unprotected = (who: string, file: string): DynaframeError =>
  new DynaframeError("KEY_UNPROTECTED", `What runs in ${who} could read the key file of the catalog`, {
    file,
    expected:
      "user namespaces (Linux, with util-linux's unshare), or a host that is root with DYNAFRAME_SESSION_USER=uid:gid",
    found: "neither",
    hint: "allow one of the two, keep the key elsewhere by DYNAFRAME_KEY, or give the key knowingly: --give-key",
  });
