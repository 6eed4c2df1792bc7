/**
 * The errors all databases share. `label` names the server; a driver's message is passed on only without the secrets of
 * the address.
 */
import { DynaframeError } from "../types/error.js";
import type { DatabaseAddress } from "./address.js";

export const authenticationFailed = (address: DatabaseAddress, cause: unknown): DynaframeError =>
  new DynaframeError("AUTHENTICATION_FAILED", `${address.label} refuses user ${address.user ?? "(none)"}.`, {
    path: address.label,
    hint: "Check user and password of the connection, and that the user may log in from this host.",
    cause: withoutSecrets(cause, address),
  });

export const connectionFailed = (
  address: DatabaseAddress,
  cause: unknown,
  hint = "Check host, port, database and SSL settings, and that the server is running.",
): DynaframeError =>
  new DynaframeError("CONNECTION_FAILED", `${address.label} cannot be reached: ${messageOf(cause, address)}`, {
    path: address.label,
    hint,
    cause: withoutSecrets(cause, address),
  });

export const connectionLost = (address: DatabaseAddress, cause: unknown): DynaframeError =>
  new DynaframeError("CONNECTION_LOST", `The connection to ${address.label} was lost: ${messageOf(cause, address)}`, {
    path: address.label,
    hint: "Nothing was written. Check the server and its log, then run again.",
    cause: withoutSecrets(cause, address),
  });

export const databaseFailed = (
  address: DatabaseAddress,
  cause: unknown,
  details: { readonly path?: string; readonly hint?: string } = {},
): DynaframeError =>
  new DynaframeError("DATABASE_FAILED", `${address.label}: ${messageOf(cause, address)}`, {
    path: details.path ?? address.label,
    hint: details.hint ?? "The message is the server's; its log may tell more.",
    cause: withoutSecrets(cause, address),
  });

export const tableNotFound = (address: DatabaseAddress, message: string): DynaframeError =>
  new DynaframeError("TABLE_NOT_FOUND", `${address.label}: ${message}`, {
    path: address.label,
    hint: "Check dbtable, its schema, and that the user may read it.",
  });

/** What to do about a failure that both servers have, by a number of their own. */
export const HINTS = Object.freeze({
  sql: "Check the SQL of query, dbtable, hashexpression, preactions and postactions; one statement in each.",
  column:
    "Check the columns that query, hashfield, hashexpression, mergeKeys and jobBookmarkKeys name; case and blanks count.",
  right:
    "Give the user that right: SELECT to read; to write INSERT, for overwrite DELETE, for merge UPDATE, and CREATE where the table is to be made.",
  connections: "The server has no connection left: lower hashpartitions, or raise its limit.",
  again: "Another transaction was in the way, and nothing was written: run again.",
  readOnly:
    "Reads are read-only transactions, and a replica takes no writes: select without locks, write to the primary.",
  room: "The server has no room left; nothing was written.",
});

function messageOf(cause: unknown, address: DatabaseAddress): string {
  const message =
    cause instanceof AggregateError && cause.message === ""
      ? cause.errors.map((e: unknown) => (e instanceof Error ? e.message : String(e))).join("; ")
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return withoutPassword(message, address);
}

/** Drivers hang their configuration on errors; what is kept of one is its code and its text. */
function withoutSecrets(cause: unknown, address: DatabaseAddress): Error {
  const error = new Error(messageOf(cause, address));
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : undefined;
  return Object.assign(error, code === undefined ? {} : { code });
}

function withoutPassword(text: string, { password }: DatabaseAddress): string {
  return password === undefined || password === "" ? text : text.replaceAll(password, "********");
}
