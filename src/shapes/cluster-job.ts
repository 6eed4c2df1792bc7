/**
 * A job for other machines as a file, and their answers as lines of text. V8's own serialisation: typed arrays and maps
 * stay what they are.
 */
import { deserialize, serialize } from "node:v8";
import type { ClusterTask } from "./task-cluster.js";
import type { SentError, WorkerTasks } from "./worker-tasks.js";

export type ClusterJob = {
  readonly [K in ClusterTask]: { readonly kind: K; readonly inputs: readonly WorkerTasks[K]["input"][] };
}[ClusterTask];
export type ClusterReply =
  { readonly kind: "done"; readonly output: unknown } | { readonly kind: "failed"; readonly error: SentError };

export const writeJob = (job: { readonly kind: ClusterTask; readonly inputs: readonly unknown[] }): Uint8Array =>
  serialize(job);
export const readJob = (bytes: Uint8Array): ClusterJob => deserialize(bytes) as ClusterJob;

/** One line without its end. */
export const replyLine = (input: number, reply: ClusterReply): string =>
  `${input} ${serialize(reply).toString("base64")}`;

/** @throws for a line that no executor wrote */
export function readReply(line: string): { readonly input: number; readonly reply: ClusterReply } {
  const [input = "", body = ""] = line.split(" ");
  return { input: Number(input), reply: deserialize(Buffer.from(body, "base64")) as ClusterReply };
}
