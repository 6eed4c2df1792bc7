/** Functions over more rows than one vector of DuckDB, and one chunk of results, holds. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";

/** Around the 12 bytes that a vector holds itself, ASCII and not, with a byte order mark, and none. */
const TEXTS = [
  "",
  "twelve bytes",
  "thirteen byte",
  "éééééé",
  "ééééééx",
  "\uFEFFmark",
  "\uFEFFmark, and longer",
  "山田太郎 の名前",
  null,
];
const LONGS = [
  0,
  -1,
  2 ** 32,
  -(2 ** 32) - 5,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  9007199254740993n,
  -(2n ** 63n),
  null,
];
/** Its arms come one after the other: the second with the first chunk, the third long after it. */
const armOf = (i: number): unknown => (i < 10 ? i : i < 21_000 ? `text ${i}` : i % 2 === 0);

test("every value comes through as it was, whichever vector and chunk it is in", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-many-"));
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine: "duckdb", threads: 2 });
  try {
    const rows = Array.from({ length: 22_000 }, (_, i) => ({
      id: i,
      text: TEXTS[i % 9],
      long: LONGS[(i + 4) % 9],
      mixed: armOf(i),
      inner:
        i % 5 === 0
          ? null
          : { list: Array.from({ length: i % 4 }, (_, k) => ({ k, half: k / 2 + i, text: TEXTS[k] })) },
    }));
    const out = await glue.createDynamicFrame
      .fromRows(rows)
      .map((record) => record)
      .map((record) => record)
      .records();
    out.sort((a, b) => Number(a["id"]) - Number(b["id"]));
    expect(out.length).toBe(rows.length);
    expect(
      out.findIndex((record, i) => !Object.is(JSON.stringify(record, plain), JSON.stringify(rows[i], plain))),
    ).toBe(-1);
  } finally {
    await glue.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("texts of Parquet come through, whether its pages hold each or a dictionary, in whatever order they lie", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-texts-"));
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine: "duckdb", threads: 2 });
  try {
    // few distinct ones, so DuckDB writes a dictionary; of all lengths up to several reads; and one column that has all
    // apart
    const few = Array.from({ length: 40 }, (_, k) =>
      k % 7 === 0 ? null : `${k % 5 === 0 ? "ä" : "a"}${"-".repeat(k * k)}${k}`,
    );
    const rows = Array.from({ length: 9000 }, (_, i) => ({
      id: i,
      few: few[(i * 7919) % 40],
      own: `number ${(i * 7919) % 9001} ${i % 11 === 0 ? "é" : ""}${"x".repeat(i % 30)}`,
      list: Array.from({ length: (i * 31) % 4 }, (_, k) => few[(i + k) % 40] ?? ""),
    }));
    const path = join(folder, "out");
    await glue.writeDynamicFrame.fromOptions({
      frame: glue.createDynamicFrame.fromRows(rows),
      connectionType: "file",
      connectionOptions: { path },
      format: "parquet",
    });
    const read = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { paths: [path] },
      format: "parquet",
    });
    const back = await read.records();
    back.sort((a, b) => Number(a["id"]) - Number(b["id"]));
    expect(back.findIndex((record, i) => JSON.stringify(record) !== JSON.stringify(rows[i]))).toBe(-1);
    expect(back.length).toBe(rows.length);
  } finally {
    await glue.close();
    await rm(folder, { recursive: true, force: true });
  }
});

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);
