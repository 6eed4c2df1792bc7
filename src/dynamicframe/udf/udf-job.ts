/** What travels to a process that runs a function, and back. */
import { deserialize, serialize } from "node:v8";
import type { SentError } from "../../shapes/worker-tasks.js";
import type { ErrorRecord } from "../frame-node.js";
import { portable, restored } from "./portable-values.js";

/** Names the verb whose rules for results and exceptions hold. */
export type UdfVerb = "map" | "filter" | "mapPartitions" | "mapPartitionsWithIndex";

export type UdfJob = {
  readonly verb: UdfVerb;
  /** The module, bundled, and the name that it gives the function. */
  readonly code: string;
  readonly name: string;
  readonly batchTimeout: number;
  readonly concurrency: number;
  readonly site: string;
  readonly info: string;
  /** The type of the rows as JSON. */
  readonly type: unknown;
  /** Where results are written, in folders of each process's own. */
  readonly directory: string;
  /** Begins the answer: what the function itself prints is no answer. */
  readonly token: string;
};

/** Results in a Parquet file of the layout "nested". */
export type UdfPart = { readonly path: string; readonly type: unknown };
export type UdfOutcome = {
  readonly parts: readonly UdfPart[];
  readonly errors: readonly ErrorRecord[];
  readonly errorCount: number;
  readonly dropped: number;
};
export type UdfReply =
  { readonly kind: "done"; readonly outcome: UdfOutcome } | { readonly kind: "failed"; readonly error: SentError };

export const writeUdfJob = (job: UdfJob): Uint8Array => serialize(job);
export const readUdfJob = (bytes: Uint8Array): UdfJob => deserialize(bytes) as UdfJob;

export const replyLine = (token: string, reply: UdfReply): string =>
  `${token} ${serialize(portable(reply)).toString("base64")}`;

/** Undefined for a line that is no answer. */
export const readReplyLine = (token: string, line: string): UdfReply | undefined =>
  line.startsWith(`${token} `)
    ? (restored(deserialize(Buffer.from(line.slice(token.length + 1), "base64"))) as UdfReply)
    : undefined;
