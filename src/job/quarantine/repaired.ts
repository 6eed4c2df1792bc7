/**
 * Finds in a file that was repaired in place the records that the quarantine has of it, provided that nothing else in
 * it changed.
 */
import type { Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { digest, readBytes } from "./collect.js";
import type { QuarantinedFile, QuarantinedRecord } from "./quarantine-record.js";

/** The bytes now where the records were, one for each, in the order of the file; an empty one was taken out. */
export type Repaired = {
  readonly pieces: readonly Buffer[];
  readonly now: { readonly path: string; readonly etag: string; readonly size: number };
  /** The first line, for a header. */
  readonly firstLine: Buffer;
};

const NEWLINE = 10;
/** A piece that is longer is no record. */
const LONGEST_PIECE = 256 * 2 ** 20;

/**
 * Undefined when the file is as it was. What lies between two records must be the same bytes as before; a record ends
 * where its line does.
 * @throws NOT_REPLAYABLE when more than the records changed, or the file cannot be compared.
 */
export async function repairedRecords(
  storage: Storage,
  file: QuarantinedFile,
  records: readonly QuarantinedRecord[],
): Promise<Repaired | undefined> {
  const { path, rest } = file;
  const reader = await storage.open(path);
  try {
    const { etag, size } = reader.ref;
    if (etag === file.etag) return undefined;
    if (rest === undefined)
      throw notReplayable(
        path,
        "it is compressed, so that its repair cannot be told from other changes",
        "Give the repaired records with --records.",
      );
    if (records.length < file.malformed)
      throw notReplayable(
        path,
        `only ${records.length} of its ${file.malformed} malformed records are in the quarantine`,
        "Reset the bookmark of the file, or give the repaired records with --records.",
      );
    const pieces: Buffer[] = [];
    let at = 0;
    for (const [index, { length, sha256 }] of rest.entries()) {
      if (at + length > size || (await digest(reader, at, at + length)) !== sha256) throw changed(path, at);
      at += length;
      const isLast = index === rest.length - 1;
      if (isLast) break;
      const end = await endOfRecord(
        reader,
        at,
        rest.length - index === 2 ? size - (rest[index + 1]?.length ?? 0) : undefined,
      );
      if (end < at || end - at > LONGEST_PIECE) throw changed(path, at);
      pieces.push(await readBytes(reader, at, end));
      at = end;
    }
    if (at !== size) throw changed(path, at);
    const head = await readBytes(reader, 0, Math.min(size, 1 << 20));
    const line = head.indexOf(NEWLINE);
    return { pieces, now: { path, etag, size }, firstLine: line < 0 ? head : head.subarray(0, line) };
  } finally {
    await reader.close();
  }
}

/** The last record ends where the rest begins; one before it, with its line. */
async function endOfRecord(
  reader: Parameters<typeof readBytes>[0],
  from: number,
  known: number | undefined,
): Promise<number> {
  if (known !== undefined) return known;
  const { size } = reader.ref;
  for (let at = from; at < size; at += 65_536) {
    const found = (await readBytes(reader, at, Math.min(size, at + 65_536))).indexOf(NEWLINE);
    if (found >= 0) return at + found;
  }
  return size;
}

const changed = (path: string, offset: number): DynaframeError =>
  new DynaframeError("NOT_REPLAYABLE", `${path} was changed elsewhere than in its quarantined records.`, {
    file: path,
    offset,
    hint: "The next run reads the whole file, since it is another by now; or restore it and repair only the records.",
  });
export const notReplayable = (path: string, why: string, hint: string): DynaframeError =>
  new DynaframeError("NOT_REPLAYABLE", `${path} cannot be replayed: ${why}.`, { file: path, hint });
