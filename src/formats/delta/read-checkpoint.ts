/**
 * Checkpoints of Delta logs: files of actions, one in each row or line, of version 2 also in sidecars (PROTOCOL.md,
 * "Checkpoints").
 */
import type { FileRef, Storage } from "../../storage/index.js";
import { isObject } from "../table-metadata.js";
import { type Action, invalidLog, logActions } from "./log-actions.js";

/** Reads the rows of a Parquet file exactly; given by whoever has an engine. */
export type ParquetRows = (ref: FileRef) => AsyncIterable<{ readonly [column: string]: unknown }>;

export type Checkpoint = { readonly version: number; readonly parts: readonly FileRef[] };

const SINGLE = /\/_delta_log\/(\d{20})\.checkpoint\.parquet$/;
const PART = /\/_delta_log\/(\d{20})\.checkpoint\.(\d{10})\.(\d{10})\.parquet$/;
/** Of version 2, with a UUID: Parquet, or lines of JSON. */
const UNIQUE = /\/_delta_log\/(\d{20})\.checkpoint\.[\da-fA-F-]{36}\.(?:parquet|json)$/;

/** The newest checkpoint of which all parts are there. */
export function newestCheckpoint(log: readonly FileRef[]): Checkpoint | undefined {
  const whole = new Map<number, Checkpoint>();
  const parts = new Map<string, FileRef[]>();
  for (const ref of log) {
    const single = (SINGLE.exec(ref.path) ?? UNIQUE.exec(ref.path))?.[1];
    if (single !== undefined) whole.set(Number(single), { version: Number(single), parts: [ref] });
    const [, version, , of] = PART.exec(ref.path) ?? [];
    if (version === undefined || of === undefined) continue;
    const held = [...(parts.get(`${version}.${of}`) ?? []), ref];
    parts.set(`${version}.${of}`, held);
    if (held.length === Number(of)) whole.set(Number(version), { version: Number(version), parts: held });
  }
  return [...whole.values()].reduce<Checkpoint | undefined>(
    (a, b) => (a !== undefined && a.version > b.version ? a : b),
    undefined,
  );
}

/**
 * The actions, as the lines of the log would have them, those of sidecars among them.
 * @throws DELTA_INVALID for a sidecar that is not there.
 */
export async function* readCheckpoint(
  { parts }: Checkpoint,
  storage: Storage,
  rows: ParquetRows,
): AsyncGenerator<Action> {
  for (const part of parts) {
    for await (const action of part.path.endsWith(".json")
      ? await logActions(storage, part)
      : parquetActions(part, rows)) {
      yield action;
      if (isObject(action["sidecar"])) yield* parquetActions(await sidecarOf(action["sidecar"], part, storage), rows);
    }
  }
}

async function* parquetActions(part: FileRef, rows: ParquetRows): AsyncGenerator<Action> {
  for await (const row of rows(part)) yield plain(row) as Action;
}

/** Sidecars are named by their file's name alone. */
async function sidecarOf({ path }: Action, { path: checkpoint }: FileRef, storage: Storage): Promise<FileRef> {
  const folder = checkpoint.slice(0, checkpoint.lastIndexOf("/"));
  const address = /^([a-z][a-z0-9+.-]*:|\/)/i.test(String(path))
    ? storage.resolve(String(path))
    : `${folder}/_sidecars/${String(path)}`;
  const ref = typeof path === "string" ? await storage.stat(address) : undefined;
  if (ref === undefined) throw invalidLog(checkpoint, `the sidecar ${String(path)} is missing`);
  return ref;
}

/** Maps as objects, whole numbers as numbers. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(plain);
  const entries: readonly (readonly [unknown, unknown])[] =
    value instanceof Map ? ([...value] as [unknown, unknown][]) : Object.entries(value);
  return Object.fromEntries(entries.map(([name, inner]) => [String(name), plain(inner)]));
}
