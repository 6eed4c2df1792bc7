/**
 * How often sources are read: what explain() says, what the engine counted, and the bytes that the context counted,
 * agree.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type DynamicFrame, type ExplainedSource } from "../../../src/index.js";

let folder: string;
let path: string;
let bytes: number;
const orders = Array.from({ length: 40 }, (_, i) => ({
  id: i % 7 === 0 ? `A-${i}` : i,
  price: i + 0.5,
  items: [{ sku: `s${i}`, qty: i % 5 === 0 ? "two" : 2, tags: ["a", "b"] }],
  customer: { name: `n${i % 3}`, phones: ["1"] },
}));
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-scans-"));
  path = join(folder, "orders.json");
  await writeFile(path, orders.map((o) => `${JSON.stringify(o)}\n`).join(""));
  bytes = (await stat(path)).size;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let contexts = 0;
async function within<T>(engine: string, work: (glue: GlueContext) => Promise<T>): Promise<T> {
  const glue = await GlueContext.open({ catalog: join(folder, `catalog-${++contexts}`), engine, threads: 1 });
  try {
    return await work(glue);
  } finally {
    await glue.close();
  }
}
const source = (glue: GlueContext): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format: "json" });
const chain = (frame: DynamicFrame): DynamicFrame =>
  frame
    .resolveChoice({
      specs: [
        ["id", "cast:string"],
        ["items[].qty", "cast:long"],
      ],
    })
    .renameField("price", "cost")
    .dropFields("customer.phones")
    .filter("cost > 3");
const only = async (frame: DynamicFrame): Promise<ExplainedSource> => {
  const { sources } = await frame.explanation();
  expect(sources).toHaveLength(1);
  return sources[0] as ExplainedSource;
};
const write = (glue: GlueContext, frame: DynamicFrame, name: string) =>
  glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path: join(folder, `${name}-${contexts}`) },
    format: "json",
  });

describe.each(["duckdb", "reference"])("%s", (engine) => {
  test(
    "a chain of verbs scans its source once, also to count and to report what casts nulled",
    () =>
      within(engine, async (glue) => {
        const frame = chain(source(glue));
        expect(await only(frame)).toMatchObject({ scans: 1, scansMade: 0, bytesScanned: 0, files: 1, bytes });
        expect(await frame.explain()).toContain(`scanned once, 1 files, ${bytes} bytes; 40 records, 0 malformed`);
        const report = await write(glue, frame, "chain");
        expect(report.nulled).toMatchObject({ "items[].qty": 8 });
        await frame.count();
        expect(await only(frame)).toMatchObject({ scans: 1, scansMade: 1, bytesScanned: bytes });
        expect(glue.counters.bytesScanned).toBe(bytes);
        if (engine === "duckdb") expect(glue.counters.bytesStaged).toBe(bytes);
      }),
    60_000,
  );

  test(
    "all tables of one relationalize come from one scan",
    () =>
      within(engine, async (glue) => {
        const tables = source(glue)
          .resolveChoice({
            specs: [
              ["id", "cast:string"],
              ["items[].qty", "cast:long"],
            ],
          })
          .relationalize("orders");
        const names = await tables.keys();
        expect(names).toHaveLength(4);
        for (const name of names) expect(await only(tables.select(name))).toMatchObject({ scans: 1, scansMade: 0 });
        await glue.writeDynamicFrame.fromOptions({
          frame: tables,
          connectionType: "file",
          connectionOptions: { path: join(folder, `tables-${engine}`) },
          format: "json",
        });
        for (const name of names)
          expect(await only(tables.select(name))).toMatchObject({ scans: 1, scansMade: 1, bytesScanned: bytes });
        if (engine === "duckdb") expect(glue.counters.bytesStaged).toBe(bytes);
      }),
    60_000,
  );

  test(
    "two branches of one source are one scan of text; a frame read twice from its path is two sources",
    () =>
      within(engine, async (glue) => {
        const frame = source(glue);
        const joined = frame.selectFields(["id", "price"]).join("id", "id", frame.selectFields(["id", "customer"]));
        expect(await only(joined)).toMatchObject({ scans: 1 });
        const { steps } = await joined.explanation();
        expect(steps.map((s) => s.kind)).toEqual(["fromOptions", "selectFields", "selectFields", "join"]);
        expect(steps.map((s) => s.rows)).toEqual([40, 40, 40, null]);
        expect((await joined.explanation({ counts: true })).steps.at(-1)?.rows).toBe(40);
        expect((await source(glue).union(source(glue)).explanation()).sources).toHaveLength(2);
      }),
    60_000,
  );
});

test(
  "of text a plan has staged what it needs; one that needs more has all staged, once for all that follow",
  () =>
    within("duckdb", async (glue) => {
      const frame = source(glue);
      const plan = frame.selectFields(["price", "customer.name"]);
      expect(
        await plan.toDF().sql("select count(*) as n, sum(price) as s from self where customer.name = 'n1'").rows(),
      ).toEqual([{ n: 13, s: 13 * 19 + 6.5 }]);
      expect(await frame.filter("price > 10").count()).toBe(30);
      expect(await only(frame)).toMatchObject({ scansMade: 1 });
      expect(await frame.filter("`customer.name` = 'n2' and id is not null").count()).toBe(13);
      expect(await only(frame)).toMatchObject({ scansMade: 2 });
      await write(glue, frame.resolveChoice({ choice: "make_struct" }), "all");
      await write(glue, frame.selectFields(["items"]), "items");
      expect(await only(frame)).toMatchObject({ scansMade: 2, bytesScanned: 2 * bytes });
    }),
  60_000,
);

test(
  "Parquet is read where it lies: every use is a scan, and is counted",
  () =>
    within("duckdb", async (glue) => {
      const out = join(folder, "parquet");
      await glue.writeDynamicFrame.fromOptions({
        frame: source(glue).resolveChoice({ choice: "make_struct" }).selectFields(["price", "customer"]),
        connectionType: "file",
        connectionOptions: { path: out },
        format: "parquet",
      });
      const frame = glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: out },
        format: "parquet",
      });
      const joined = frame.join("price", "price", frame.renameField("customer", "buyer"));
      expect(await only(joined)).toMatchObject({ scans: 2, scansMade: 0 });
      expect(await joined.count()).toBe(40);
      const after = await only(joined);
      expect(after).toMatchObject({ scans: 2, scansMade: 2, bytesScanned: 2 * (after.bytes ?? 0) });
      const kept = frame.persist();
      const twice = kept.join("price", "price", kept.renameField("customer", "buyer"));
      expect(await only(twice)).toMatchObject({ scans: 1 });
      await twice.count();
      expect(await only(twice)).toMatchObject({ scansMade: 3 });
    }),
  60_000,
);

test(
  "rows that go through a function are one scan, whatever follows",
  () =>
    within("duckdb", async (glue) => {
      const frame = source(glue)
        .map((r) => ({ id: String(r["id"]), price: r["price"] }))
        .filter("price > 10");
      const { sources, stages } = await frame.explanation();
      expect(sources).toMatchObject([{ scans: 1, scansMade: 1, bytesScanned: bytes }]);
      expect(stages.map((s) => s.kind).sort()).toEqual(["files", "pass", "query", "stored"]);
      await frame.count();
      expect(await only(frame)).toMatchObject({ scansMade: 1 });
    }),
  60_000,
);

test(
  "what a write needs of large files is staged by the scan that finds their type, if the guess at it was right",
  () =>
    within("duckdb", async (glue) => {
      const large = join(folder, "large");
      await mkdir(large);
      const line = (id: unknown): string =>
        `{"id":${JSON.stringify(id)},"pad":"${"p".repeat(30_000)}","customer":{"name":"n","other":1}}\n`;
      await writeFile(join(large, "a.json"), Array.from({ length: 1200 }, (_, i) => line(i)).join(""));
      const { size } = await stat(join(large, "a.json"));
      expect(size).toBeGreaterThan(32 << 20);
      const orders = (): DynamicFrame =>
        glue.createDynamicFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { path: large },
          format: "json",
        });
      const mapped = (frame: DynamicFrame): DynamicFrame =>
        frame.applyMapping([
          ["id", "int", "key", "long"],
          ["customer.name", "string", "name", "string"],
        ]);
      const guessed = orders();
      await write(glue, mapped(guessed), "guessed");
      expect(await only(guessed)).toMatchObject({ scansMade: 1, bytesScanned: size });
      expect(glue.counters).toMatchObject({ bytesScanned: size, bytesStaged: 0 });
      // asks for more than was staged
      expect(await guessed.filter("`customer.other` = 1").count()).toBe(1200);
      expect(glue.counters).toMatchObject({ bytesStaged: size });
      const back = glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: join(folder, `guessed-${contexts}`) },
        format: "json",
      });
      expect(
        await back
          .toDF()
          .sql("select count(*) as n, count(distinct key) as keys, max(key) as last, min(name) as name from self")
          .rows(),
      ).toEqual([{ n: 1200, keys: 1200, last: 1199, name: "n" }]);

      // past the front of the file, which is what the guess is made from
      await writeFile(
        join(large, "b.json"),
        `${Array.from({ length: 30 }, (_, i) => line(1200 + i)).join("")}${line("x")}`,
      );
      const staged = glue.counters.bytesStaged;
      const wrong = orders();
      const report = await write(glue, mapped(wrong), "wrong");
      expect(report.written).toBe(1231);
      expect(await only(wrong)).toMatchObject({ scansMade: 1 });
      expect(glue.counters.bytesStaged).toBe(staged + size + (await stat(join(large, "b.json"))).size);
    }),
  120_000,
);

test(
  "large files of XML that are written are read once, all of the record or some of it, if the guess at the type was right",
  () =>
    within("duckdb", async (glue) => {
      const large = join(folder, "large-xml");
      await mkdir(large);
      const row = (id: unknown): string => `<row id="${String(id)}"><pad>${"p".repeat(30_000)}</pad><n>1</n></row>\n`;
      await writeFile(
        join(large, "a.xml"),
        `<t>${Array.from({ length: 1200 }, (_, i) => row(i)).join("")}<row><n>2</m></row></t>`,
      );
      const { size } = await stat(join(large, "a.xml"));
      expect(size).toBeGreaterThan(32 << 20);
      const rows = (): DynamicFrame =>
        glue.createDynamicFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { path: large },
          format: "xml",
          formatOptions: { rowTag: "row" },
        });
      const all = rows();
      expect(await write(glue, all, "all")).toMatchObject({ read: 1201, written: 1200, errors: 1, balanced: true });
      expect(await only(all)).toMatchObject({ scansMade: 1, bytesScanned: size });
      expect(await write(glue, rows().selectFields(["_id"]), "some")).toMatchObject({ written: 1200, errors: 1 });
      expect(glue.counters).toMatchObject({ bytesScanned: 2 * size, bytesStaged: 0 });
      const back = glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: join(folder, `all-${contexts}`) },
        format: "json",
      });
      expect(
        await back
          .toDF()
          .sql(
            "select count(*) as n, count(distinct _id) as ids, max(_id) as last, min(length(pad)) as pad, sum(n) as s from self",
          )
          .rows(),
      ).toMatchObject([{ n: 1200, ids: 1200, last: 1199, pad: 30_000, s: { unscaled: 1200n } }]);

      // behind the records that the guess is made from
      await writeFile(
        join(large, "b.xml"),
        `<t>${Array.from({ length: 2000 }, () => "<row><n>1</n></row>").join("")}${" ".repeat(1 << 20)}<row><late/></row></t>`,
      );
      const staged = glue.counters.bytesStaged;
      expect((await write(glue, rows(), "wrong")).written).toBe(3201);
      expect(glue.counters.bytesStaged).toBe(staged + size + (await stat(join(large, "b.xml"))).size);
    }),
  120_000,
);

test(
  "a plan that only picks fields of large files is written by the scan itself, once: the same report and rows as by the engine",
  () =>
    within("duckdb", async (glue) => {
      const large = join(folder, "picked");
      await mkdir(large);
      const pad = "p".repeat(30_000);
      const line = (i: number): string =>
        `{"id":${i},"pad":"${pad}","customer":{"name":${i % 4 === 0 ? "null" : `"n${i % 3}"`},"other":1}}\n`;
      await writeFile(join(large, "a.json"), `${Array.from({ length: 1200 }, (_, i) => line(i)).join("")}{"id":\n`);
      const orders = glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: large },
        format: "json",
      });
      const mapped = orders.applyMapping([
        ["id", "int", "key", "long"],
        ["customer.name", "string", "name", "string"],
      ]);
      const to = (name: string, more = {}) =>
        glue.writeDynamicFrame.fromOptions({
          frame: mapped,
          connectionType: "file",
          connectionOptions: { path: join(folder, `${name}-${contexts}`) },
          format: "parquet",
          ...more,
        });
      const first = await to("first");
      expect(await only(mapped)).toMatchObject({ scansMade: 1 });
      const again = await to("again");
      // neither asked for more than was staged
      expect(await only(mapped)).toMatchObject({ scansMade: 1 });
      expect(glue.counters.bytesStaged).toBe(0);
      expect(first).toMatchObject({ read: 1201, written: 1200, errors: 1, balanced: true });
      expect({ ...first, files: again.files.length }).toEqual({ ...again, files: first.files.length });
      const sql = async (name: string, text: string) =>
        glue.createDynamicFrame
          .fromOptions({
            connectionType: "file",
            connectionOptions: { path: join(folder, `${name}-${contexts}`) },
            format: "parquet",
          })
          .toDF()
          .sql(text)
          .rows();
      for (const text of [
        "select * from self order by key",
        "select typeof(key) as k, typeof(name) as n from self limit 1",
        "select count(*) as n from self where name is null",
      ]) {
        expect(await sql("first", text)).toEqual(await sql("again", text));
      }
      const [own, engines] = await Promise.all(
        ["first", "again"].map(async (name) =>
          (
            await readFile(
              join(
                folder,
                `${name}-${contexts}`,
                (await readdir(join(folder, `${name}-${contexts}`))).find((f) => f.endsWith(".parquet")) ?? "",
              ),
            )
          ).toString("latin1"),
        ),
      );
      expect(own).toMatch(/dynaframe.{0,40}PAR1$/s);
      expect(engines).toMatch(/DuckDB/);
    }),
  120_000,
);
