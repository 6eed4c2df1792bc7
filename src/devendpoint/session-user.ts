/** The user that sessions run as. */
import { tmpdir } from "node:os";
import { DynaframeError } from "../types/error.js";

export type SessionUser = { readonly uid: number; readonly gid: number };

/**
 * What `DYNAFRAME_SESSION_USER` says: two numbers, such as 65534:65534. Undefined without it: sessions run as the
 * server does.
 * @throws BAD_OPTION
 */
export function sessionUser(env: Readonly<Record<string, string | undefined>>): SessionUser | undefined {
  const text = env["DYNAFRAME_SESSION_USER"] ?? "";
  if (text === "") return undefined;
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(text) ?? [];
  if (uid === undefined || gid === undefined) {
    throw new DynaframeError("BAD_OPTION", "DYNAFRAME_SESSION_USER is no user", {
      path: "DYNAFRAME_SESSION_USER",
      expected: "uid:gid, such as 65534:65534",
      found: text,
    });
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** For `spawn`; a user of its own may not enter the server's folder. */
export const asUser = (user: SessionUser | undefined): object =>
  user === undefined ? {} : { uid: user.uid, gid: user.gid, cwd: tmpdir() };

/**
 * What a session has no business with: the catalog's key, the server's own credentials, and where other secrets are.
 */
const KEPT_FROM_SESSIONS = [
  "DYNAFRAME_KEY",
  "DYNAFRAME_SECRETS",
  "DYNAFRAME_CATALOG",
  "DYNAFRAME_ACCESS_KEY_ID",
  "DYNAFRAME_SECRET_ACCESS_KEY",
  "DYNAFRAME_SESSION_USER",
];

export const sessionEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !KEPT_FROM_SESSIONS.includes(name))),
  ...own,
});
