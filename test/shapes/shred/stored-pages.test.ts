/** Pages that another thread makes beside the columns go into files as they are: read back, they are the records. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { duckdbEngine } from "../../../src/engine/duckdb/index.js";
import type { EngineSession } from "../../../src/engine/index.js";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import { mergeLedgers } from "../../../src/shapes/merge-ledgers.js";
import { shredBatches } from "../../../src/shapes/shred/shred-batches.js";
import { fileStorage } from "../../../src/storage/file.js";
import type { FileRef } from "../../../src/storage/index.js";
import { fieldOf, type DataType, type StructType } from "../../../src/types/data-type.js";
import { batchReader, type RecordBatch } from "../../../src/types/record-batch.js";
import { ArmValue, type Row, type Value } from "../../../src/types/value.js";
import { makeFixture, type Fixture } from "../scan-fixture.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-pages-"));
let fixture: Fixture;
let session: EngineSession;
beforeAll(async () => {
  fixture = makeFixture();
  session = await duckdbEngine.open({ storage: fileStorage(), stagingDirectory: join(folder, "s"), threads: 2 });
});
afterAll(async () => {
  await session.close();
  fixture.remove();
  rmSync(folder, { recursive: true, force: true });
});

const shred = (ref: FileRef, type: StructType, workers: number): AsyncGenerator<RecordBatch> =>
  shredBatches(
    [ref],
    type,
    { reader: { kind: "json", mode: "lines" }, workersAbove: 0, rangeBytes: 20_000 },
    { storage: fixture.storage, workers },
  );

/** As files have it: what is missing is null. */
function inFile(value: Value, type: DataType): Value {
  if (value === undefined || value === null) return null;
  if (value instanceof ArmValue)
    return new ArmValue(
      value.arm,
      inFile(value.value, type.kind === "choice" ? (type.choices.find((c) => c.kind === value.arm) ?? type) : type),
    );
  if (type.kind === "array") return (value as readonly Value[]).map((item) => inFile(item, type.element));
  return type.kind === "struct"
    ? Object.fromEntries(type.fields.map((f) => [f.name, inFile((value as Row)[f.name], f.type)]))
    : value;
}

const byNumber = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => Number(a["i"]) - Number(b["i"]));

/** `first`: the records before those of the batch. */
type Change = (batch: RecordBatch, first: number) => RecordBatch;

/**
 * The records that came from one thread, and those that are read back from the pages of others, each batch changed by
 * `change`.
 */
async function bothWays(
  lines: readonly string[],
  change: Change,
): Promise<{ readonly expected: readonly Row[]; readonly found: readonly Row[] }> {
  const ref = fixture.write("pages.json", lines.map((line) => `${line}\n`).join(""));
  const type = ledgerType(mergeLedgers(await fixture.scan([ref], { mode: "lines" })));
  const expected: Row[] = [];
  const found: Row[] = [];
  let stored = 0;
  async function* changed(workers: number): AsyncGenerator<RecordBatch> {
    let first = 0;
    for await (const batch of shred(ref, type, workers)) {
      if (workers > 1) stored += batch.stored?.fields.length === type.fields.length ? 1 : 0;
      yield change(batch, first);
      first += batch.rows.length;
    }
  }
  for await (const batch of changed(1)) expected.push(...batchReader(type)(batch));
  const relation = await session.loadBatches(changed(3), type, {});
  expect(stored).toBeGreaterThan(2);
  for await (const rows of session.rows(relation)) found.push(...rows);
  expect(fieldOf(type, "i")).toBeDefined();
  return { expected: byNumber(expected.map((row) => inFile(row, type) as Row)), found: byNumber(found) };
}

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false, 1, -1.5, 2147483648, "", "é🦆", "longer than sixteen characters"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3 }),
  ),
}));
const records = fc.array(fc.dictionary(fc.constantFrom("x", "y", "z"), value, { maxKeys: 3 }), {
  minLength: 1,
  maxLength: 12,
});
/** Enough of them for several ranges, and for a file: the drawn ones in turns. */
const repeated = (drawn: readonly object[]): string[] =>
  Array.from({ length: 2000 }, (_, i) => JSON.stringify({ i, pad: "p".repeat(40), ...drawn[(i * 7) % drawn.length] }));

test.each<[string, Change]>([
  ["all records, untouched", (batch) => batch],
  ["a fifth left out", (batch, first) => ({ ...batch, rows: batch.rows.filter((_, i) => (first + i) % 5 !== 3) })],
  ["most left out", (batch, first) => ({ ...batch, rows: batch.rows.filter((_, i) => (first + i) % 5 === 3) })],
  [
    "only fields that are pages here and made there",
    (batch) => ({
      ...batch,
      stored: batch.stored && {
        ...batch.stored,
        fields: batch.stored.fields.map((f, i) => (i % 2 === 0 ? f : undefined)),
      },
    }),
  ],
])(
  "random records: %s",
  async (_, change) => {
    await fc.assert(
      fc.asyncProperty(records, async (drawn) => {
        const { expected, found } = await bothWays(repeated(drawn), change);
        expect(found).toEqual(expected);
      }),
      { numRuns: Number(process.env["SHRED_RUNS"] ?? 6) },
    );
  },
  300_000,
);

test("a field that changes half-way is written from there on, the others stay as they are", async () => {
  let batches = 0;
  const { expected, found } = await bothWays(
    repeated([{ x: 1, y: [{ a: "t" }] }, { x: 2, y: [] }, { z: { a: null } }]),
    (batch) => {
      const { stored } = batch;
      return ++batches % 4 < 2
        ? batch
        : { ...batch, stored: stored && { ...stored, fields: stored.fields.map((f, i) => (i === 2 ? undefined : f)) } };
    },
  );
  expect(found).toEqual(expected);
  expect(expected).toHaveLength(2000);
});

test("lines longer than a block, for which the threads' memory grows while a block without records is on its way", async () => {
  const lines = Array.from({ length: 6 }, (_, i) =>
    JSON.stringify({ i, long: String.fromCharCode(97 + i).repeat(3_000_000), none: null }),
  );
  const { expected, found } = await bothWays(lines, (batch) => batch);
  expect(found).toEqual(expected);
  expect(found.map(({ i, long }) => [i, String(long).length])).toEqual(lines.map((_, i) => [i, 3_000_000]));
});
