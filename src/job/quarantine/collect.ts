/** Gathers the records that a run's writes could not take, each once, with what lies around them in their files. */
import { createHash } from "node:crypto";
import type { RunFailures } from "../../dynamicframe/run-scope.js";
import type { FileLedger, MalformedRecord } from "../../shapes/ledger.js";
import type { FileReader, Storage } from "../../storage/index.js";
import type { QuarantinedFile, QuarantineEntry } from "./quarantine-record.js";

const LONGEST_TEXT = 1_000;

/** Records beyond those that ledgers and frames list are counted with their file or step. */
export async function collectQuarantine(
  runId: string,
  at: number,
  failures: readonly RunFailures[],
  storage: Storage,
): Promise<readonly QuarantineEntry[]> {
  const entries: QuarantineEntry[] = [];
  let count = 0;
  const identity = (step: string) => ({ kind: "record" as const, id: `${runId}/${++count}`, runId, at, step });
  // several writes of one source tell of the same records
  const files = new Map(
    failures.flatMap(({ malformed }) => malformed).map((each) => [`${each.step}\n${each.ledger.file}`, each]),
  );
  for (const { step, ledger } of files.values()) {
    entries.push(await fileOf(runId, step, ledger, storage));
    for (const { file, offset, end, code, reason, text } of ledger.malformedRecords)
      entries.push({ ...identity(step), rule: code, error: reason, file, offset, end, text });
  }
  const failed = new Map(failures.flatMap((each) => each.failed).map((each) => [each.step, each]));
  for (const { step, records } of failed.values()) {
    for (const { message, record } of records)
      entries.push({
        ...identity(step),
        rule: "FUNCTION_FAILED",
        error: message,
        text: json(record).slice(0, LONGEST_TEXT),
      });
  }
  return entries;
}

const json = (record: unknown): string =>
  JSON.stringify(record, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

async function fileOf(
  runId: string,
  step: string,
  { file: path, etag, size, malformed, malformedRecords }: FileLedger,
  storage: Storage,
): Promise<QuarantinedFile> {
  // gone or unreadable meanwhile: it cannot be told any more
  const rest = await restOf(path, etag, malformedRecords, storage).catch(() => undefined);
  return {
    kind: "file",
    runId,
    step,
    path,
    etag,
    size,
    malformed,
    listed: malformedRecords.length,
    ...(rest === undefined ? {} : { rest }),
  };
}

/**
 * Digests of the stretches between the records; undefined when the file's bytes are not the records' (it is compressed,
 * or another by now).
 */
async function restOf(
  path: string,
  etag: string,
  records: readonly MalformedRecord[],
  storage: Storage,
): Promise<QuarantinedFile["rest"]> {
  const reader = await storage.open(path);
  try {
    if (reader.ref.etag !== etag) return undefined;
    const rest: { length: number; sha256: string }[] = [];
    let from = 0;
    for (const { offset, end, text } of [...records].sort((a, b) => a.offset - b.offset)) {
      if (offset < from || end > reader.ref.size || !(await begins(reader, offset, end, text))) return undefined;
      rest.push({ length: offset - from, sha256: await digest(reader, from, offset) });
      from = end;
    }
    rest.push({ length: reader.ref.size - from, sha256: await digest(reader, from, reader.ref.size) });
    return rest;
  } finally {
    await reader.close();
  }
}

/** Whether the bytes from `offset` on are the record's, judged by its first characters. */
async function begins(reader: FileReader, offset: number, end: number, text: string): Promise<boolean> {
  const head = (await readBytes(reader, offset, Math.min(end, offset + 64))).toString("utf8").slice(0, 16);
  return text.startsWith(head.replace(/\uFFFD.*$/s, ""));
}

const BLOCK = 1 << 20;

export async function digest(reader: FileReader, from: number, to: number): Promise<string> {
  const hash = createHash("sha256");
  for (let at = from; at < to; at += BLOCK) hash.update(await readBytes(reader, at, Math.min(to, at + BLOCK)));
  return hash.digest("hex");
}

export async function readBytes(reader: FileReader, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  for (let done = 0; done < bytes.length;) {
    const count = await reader.read(bytes.subarray(done), from + done);
    if (count === 0) throw new Error("the file is shorter than it was");
    done += count;
  }
  return bytes;
}
