/** Runs a record reader over bytes, handed out in pieces of a given size, and shows what it found as plain values. */
import type { ByteSource } from "../../src/shapes/byte-source.js";
import type { RecordEvent, RecordReader, SourceValue } from "../../src/shapes/records/record-reader.js";

export async function readEvents(
  read: RecordReader,
  content: string | Uint8Array,
  piece = 1 << 20,
): Promise<RecordEvent[]> {
  const bytes = Buffer.from(content as string);
  let at = 0;
  const source: ByteSource = {
    read(into) {
      const part = bytes.subarray(at, at + Math.min(piece, into.length));
      into.set(part);
      at += part.length;
      return part.length;
    },
    close: () => undefined,
    damage: () => undefined,
  };
  const events: RecordEvent[] = [];
  for await (const batch of read({ file: "f", source, encoding: { compression: "none", bom: "none" }, start: 0 })) {
    // values may be good for the batch only
    events.push(...batch.map(kept));
  }
  return events;
}

export function kept(event: RecordEvent): RecordEvent {
  if (event.kind !== "record") return event;
  const { kind, value, offset, length, repeats, texts } = event;
  return { kind, value, offset, length, ...(repeats && { repeats }), ...(texts && { texts }) };
}

/** Scalars as `tag value`, so that 1, 1.0 and "1" differ. */
export type Plain = string | Plain[] | { [name: string]: Plain };

export function plainOf(value: SourceValue): Plain {
  switch (value.tag) {
    case "struct":
      return Object.fromEntries([...value.fields].map(([name, item]) => [name, plainOf(item)]));
    case "array":
      return value.elements.map(plainOf);
    case "map":
      return Object.fromEntries([...value.entries].map(([name, item]) => [name, plainOf(item)]));
    default:
      return `${value.tag} ${String(value.value)}`;
  }
}

export const recordsOf = (events: readonly RecordEvent[]): Plain[] =>
  events.flatMap((event) => (event.kind === "record" ? [plainOf(event.value)] : []));

export const faultsOf = (events: readonly RecordEvent[]): [string, number, number][] =>
  events.flatMap((event): [string, number, number][] =>
    event.kind === "malformed" ? [[event.code, event.offset, event.end]] : [],
  );

export const hazardsOf = (events: readonly RecordEvent[]): [string, number, string | undefined][] =>
  events.flatMap((event): [string, number, string | undefined][] =>
    event.kind === "hazard" ? [[event.hazard, event.offset, event.path]] : [],
  );
