/** Verbs over the stream of records, and schemas that are set or computed again. */
import { DynamicFrame, INT, STRING, structOf, typeToJson } from "../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";

describe.each(["duckdb", "reference"])("on %s", (engine) => {
  let context: TemporaryContext;
  beforeAll(async () => {
    context = await temporaryContext({ engine, threads: 1 });
  });
  afterAll(() => context.close());
  const rows = (records: object[]) => context.glue.createDynamicFrame.fromRows(records);
  const numbers = () => rows([{ n: 1 }, { n: 2 }, { n: 3 }]);

  test("mapPartitions: any number of records back, errors by envelope", async () => {
    const frame = numbers().mapPartitions(
      async function* (records) {
        for await (const { record, isError, errorMessage } of records) {
          expect([isError, errorMessage]).toEqual([false, ""]);
          if (record["n"] === 2) yield { record, isError: true, errorMessage: "no twos" };
          else {
            yield { record };
            yield { record: { n: Number(record["n"]) * 10 } };
          }
        }
      },
      { transformationCtx: "twice", info: "here" },
    );
    expect((await frame.records()).map((r) => r["n"]).sort()).toEqual([1, 10, 3, 30]);
    expect([await frame.errorsCount(), await frame.stageErrorsCount()]).toEqual([1, 1]);
    expect(await frame.errorsAsDynamicFrame().records()).toMatchObject([
      { error: { callsite: { site: "twice", info: "here" }, msg: "no twos", dynamicRecord: { n: 2 } } },
    ]);
    await expect(
      numbers()
        .mapPartitions(() => [{ n: 1 }] as never)
        .count(),
    ).rejects.toMatchObject({ code: "NOT_A_RECORD" });
    await expect(
      numbers()
        .mapPartitions((records) => records, { stageThreshold: 1 })
        .count(),
    ).resolves.toBe(3);
  });

  test("mapPartitionsWithIndex: one partition, of index 0", async () => {
    const frame = numbers().mapPartitionsWithIndex(async function* (index, records) {
      for await (const { record } of records) yield { record: { ...record, index } };
    });
    expect((await frame.records()).map((r) => r["index"])).toEqual([0, 0, 0]);
    expect([
      await frame.getNumPartitions(),
      await frame.repartition(4).count(),
      await frame.coalesce(1, true, { transformationCtx: "c" }).count(),
    ]).toEqual([1, 3, 3]);
    await expect(frame.repartition(0).count()).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  test("withFrameSchema: a type, its JSON, or a function; recomputeSchema drops what no record has", async () => {
    const type = structOf({ n: INT, s: STRING });
    for (const schema of [type, typeToJson(type), () => type])
      expect(await numbers().withFrameSchema(schema).schemaTree()).toBe("root\n|-- n: int\n|-- s: string\n");
    expect(await numbers().withFrameSchema(type).count()).toBe(3);
    const filtered = rows([{ a: 1, b: "x" }, { a: "2" }]).filter((r) => r["a"] === 1);
    expect(await filtered.schemaTree()).toBe("root\n|-- a: choice\n|    |-- int\n|    |-- string\n|-- b: string\n");
    expect(await filtered.recomputeSchema().schemaTree()).toBe("root\n|-- a: int\n|-- b: string\n");
  });

  test("a DataFrame is a frame again, its choices structs", async () => {
    const back = DynamicFrame.fromDF(rows([{ v: 1 }, { v: "x" }]).toDF(), context.glue, "back");
    expect([back.name, await back.records()]).toEqual([
      "back",
      [{ v: { int: 1, string: null } }, { v: { int: null, string: "x" } }],
    ]);
  });

  test("show and printSchema write to standard output", async () => {
    const written: string[] = [];
    const spy = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    try {
      await rows([
        { n: 1, t: "é" },
        { n: null, t: null },
      ]).show(5);
      await numbers().show(1);
      await numbers().printSchema();
    } finally {
      spy.mockRestore();
    }
    expect(written).toEqual(['{"n": 1, "t": "é"}\n', '{"n": null, "t": null}\n', '{"n": 1}\n', "root\n|-- n: int\n\n"]);
  });
});
