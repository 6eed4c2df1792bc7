/** What one transaction did is done again by another, value by value, but for what was undone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { Database, DatabaseWrite, TargetColumn } from "../../src/database/index.js";
import type { FittedRow } from "../../src/database/fit-value.js";
import { openDatabase } from "../../src/database/open-database.js";
import { parseDatabaseUrl } from "../../src/database/address.js";
import { cellsOf, cellsText } from "../../src/job/databases/redo-cells.js";
import { RedoLog, replayLog } from "../../src/job/databases/redo-log.js";
import { DateValue, TimestampValue } from "../../src/types/value.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "redo-log-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const CELLS: FittedRow = [
  null,
  "",
  "[",
  '\n\r\u2028\t"\\',
  "12345678901234567890.5",
  9_223_372_036_854_775_807n,
  -1n,
  true,
  false,
  new Uint8Array([0, 255, 10]),
  new Uint8Array(),
  new DateValue(-719_529),
  new TimestampValue(-1n),
  new TimestampValue(253_402_300_799_999_999n),
  [],
  [
    ["a", null],
    [new DateValue(1), 2n],
  ],
];

test("cells are the same after a line of JSON", () => {
  const text = cellsText(CELLS);
  expect(text.startsWith("[")).toBe(true);
  expect(text).not.toContain("\n");
  expect(cellsOf(text)).toEqual(CELLS);
});

const database = (name: string): Promise<Database> =>
  openDatabase(parseDatabaseUrl(`jdbc:sqlite:${join(folder, name)}`, "sqlite"));
const TABLE = { name: "t" };
const rows = async function* (...batches: FittedRow[][]): AsyncGenerator<readonly FittedRow[]> {
  yield* batches;
};
const columnsOf = async (session: DatabaseWrite): Promise<readonly TargetColumn[]> => (await session.describe(TABLE))!;
function contentOf(name: string): unknown {
  const db = new DatabaseSync(join(folder, name));
  try {
    return db.prepare("SELECT id, note, hex(raw) AS raw FROM t ORDER BY id").all();
  } finally {
    db.close();
  }
}

test("calls and rows are done again, in their order; what was undone is not", async () => {
  const session = await (await database("a.db")).openWrite();
  const log = await RedoLog.create(join(folder, "redo.jsonl"));
  const writes = log.of(session);
  await writes.create(TABLE, {
    kind: "struct",
    fields: [
      { name: "id", type: { kind: "long" } },
      { name: "note", type: { kind: "string" } },
      { name: "raw", type: { kind: "binary" } },
    ],
  });
  const columns = await columnsOf(session);
  await writes.insert(
    TABLE,
    columns,
    rows(
      [
        ["1", "a\nb", new Uint8Array([1, 10])],
        ["2", "[", null],
      ],
      [["3", null, null]],
    ),
  );
  const mark = await log.mark();
  await session.execute("SAVEPOINT s");
  await writes.insert(TABLE, columns, rows([["4", "undone", null]]));
  await writes.execute("DELETE FROM t WHERE id = 1");
  await session.execute("ROLLBACK TO SAVEPOINT s");
  await log.cut(mark);
  await writes.execute("UPDATE t SET note = 'c' WHERE id = 3");
  const copy = await writes.createLike(TABLE, ["id", "note"]);
  await writes.lock(TABLE);
  await writes.insert(copy, columns.slice(0, 2), rows([["5", "merged"]]));
  await writes.execute("INSERT INTO t (id, note) SELECT id, note FROM temp.dynaframe_incoming");
  await session.commit();
  await log.close();

  const again = await (await database("b.db")).openWrite();
  await replayLog(log.file, again);
  await again.commit();
  expect(contentOf("b.db")).toEqual([
    { id: 1, note: "a\nb", raw: "010A" },
    { id: 2, note: "[", raw: "" },
    { id: 3, note: "c", raw: "" },
    { id: 5, note: "merged", raw: "" },
  ]);
  expect(contentOf("b.db")).toEqual(contentOf("a.db"));
});
