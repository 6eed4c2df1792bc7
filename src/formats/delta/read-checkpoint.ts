/** Checkpoints of Delta logs: Parquet files of actions, one in each row (PROTOCOL.md, "Checkpoints"). */
import type { FileRef } from "../../storage/index.js";

/** Reads the rows of a Parquet file exactly; given by whoever has an engine. */
export type ParquetRows = (ref: FileRef) => AsyncIterable<{ readonly [column: string]: unknown }>;

export type Checkpoint = { readonly version: number; readonly parts: readonly FileRef[] };

const SINGLE = /\/_delta_log\/(\d{20})\.checkpoint\.parquet$/;
const PART = /\/_delta_log\/(\d{20})\.checkpoint\.(\d{10})\.(\d{10})\.parquet$/;

/** The newest checkpoint of which all parts are there; those of version 2 with a unique name are passed over. */
export function newestCheckpoint(log: readonly FileRef[]): Checkpoint | undefined {
  const whole = new Map<number, Checkpoint>();
  const parts = new Map<string, FileRef[]>();
  for (const ref of log) {
    const single = SINGLE.exec(ref.path)?.[1];
    if (single !== undefined) whole.set(Number(single), { version: Number(single), parts: [ref] });
    const [, version, , of] = PART.exec(ref.path) ?? [];
    if (version === undefined || of === undefined) continue;
    const held = [...(parts.get(`${version}.${of}`) ?? []), ref];
    parts.set(`${version}.${of}`, held);
    if (held.length === Number(of)) whole.set(Number(version), { version: Number(version), parts: held });
  }
  return [...whole.values()].reduce<Checkpoint | undefined>((a, b) => (a !== undefined && a.version > b.version ? a : b), undefined);
}

type Json = { readonly [key: string]: unknown };

/** The actions, as the lines of the log would have them. */
export async function* readCheckpoint({ parts }: Checkpoint, rows: ParquetRows): AsyncGenerator<Json> {
  for (const part of parts) for await (const row of rows(part)) yield plain(row) as Json;
}

/** Maps as objects, whole numbers as numbers. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(plain);
  const entries: readonly (readonly [unknown, unknown])[] = value instanceof Map ? [...value] as [unknown, unknown][] : Object.entries(value);
  return Object.fromEntries(entries.map(([name, inner]) => [String(name), plain(inner)]));
}
