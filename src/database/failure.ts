/** The errors all databases share. `label` names the server; a driver's message is passed on only without the secrets of the address. */
import { DynaframeError } from "../types/error.js";
import type { DatabaseAddress } from "./address.js";

export const authenticationFailed = (address: DatabaseAddress, cause: unknown): DynaframeError =>
  new DynaframeError("AUTHENTICATION_FAILED", `${address.label} refuses user ${address.user ?? "(none)"}.`, {
    path: address.label, hint: "Check user and password of the connection, and that the user may log in from this host.", cause: withoutSecrets(cause, address),
  });

export const connectionFailed = (address: DatabaseAddress, cause: unknown): DynaframeError =>
  new DynaframeError("CONNECTION_FAILED", `${address.label} cannot be reached: ${messageOf(cause, address)}`, {
    path: address.label, hint: "Check host, port, database and SSL settings, and that the server is running.", cause: withoutSecrets(cause, address),
  });

export const connectionLost = (address: DatabaseAddress, cause: unknown): DynaframeError =>
  new DynaframeError("CONNECTION_LOST", `The connection to ${address.label} was lost: ${messageOf(cause, address)}`, {
    path: address.label, hint: "Nothing was written. Check the server and its log, then run again.", cause: withoutSecrets(cause, address),
  });

export const databaseFailed = (address: DatabaseAddress, cause: unknown, details: { readonly path?: string; readonly hint?: string } = {}): DynaframeError =>
  new DynaframeError("DATABASE_FAILED", `${address.label}: ${messageOf(cause, address)}`, {
    path: details.path ?? address.label, ...(details.hint === undefined ? {} : { hint: details.hint }), cause: withoutSecrets(cause, address),
  });

export const tableNotFound = (address: DatabaseAddress, message: string): DynaframeError =>
  new DynaframeError("TABLE_NOT_FOUND", `${address.label}: ${message}`, { path: address.label, hint: "Check dbtable, its schema, and that the user may read it." });

function messageOf(cause: unknown, address: DatabaseAddress): string {
  const message = cause instanceof AggregateError && cause.message === "" ? cause.errors.map((e: unknown) => (e instanceof Error ? e.message : String(e))).join("; ") : cause instanceof Error ? cause.message : String(cause);
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
