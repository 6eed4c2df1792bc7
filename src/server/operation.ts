/** What an operation of the server is: a handler over the catalog port, its input checked before. */
import type { Catalog } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import type { NestedCatalogs } from "./nested-catalogs.js";
import type { ServerParts } from "./server-parts.js";

/** What handlers work with. */
export type OperationContext = ServerParts & {
  readonly catalog: Catalog;
  /** Catalogs beside the account's own; absent where there can be none. */
  readonly nested?: NestedCatalogs;
  readonly accountId: string;
  readonly region: string;
  /** Seconds since the epoch. */
  readonly now: () => number;
  /** An id for things whose names the service makes. */
  readonly newId: () => string;
  readonly requestId: string;
  /** Who asks is code of a session, which has nothing done outside of it. */
  readonly isGuest?: boolean;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** Takes work that goes on after the answer; the server waits for it when it stops. It handles its own errors. */
  readonly background: { add(work: Promise<void>): void };
};

export type Operation = (input: { readonly [member: string]: unknown }, context: OperationContext) => Promise<object>;

export type OperationTable = { readonly [name: string]: Operation };

/** A handler as an operation: the service model's schema has vouched for `Input` when it runs. */
export const operation =
  <Input>(handler: (input: Input, context: OperationContext) => Promise<object>): Operation =>
  (input, context) =>
    handler(input as Input, context);

/**
 * Fails when the request uses a member that dynaframe cannot honour: ignoring it would answer another question than the
 * one asked.
 */
export function refuseMembers(input: object, ...members: readonly string[]): void {
  const found = members.find((member) => (input as { readonly [name: string]: unknown })[member] !== undefined);
  if (found === undefined) return;
  throw new DynaframeError("UNSUPPORTED", `${found} is not supported by dynaframe`, {
    name: "OperationNotSupportedException",
    path: found,
    hint: "leave it out",
  });
}
