/** Records that a JSON path selects, against JSON.parse and selection by hand; both engines agree. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { GlueContext } from "../../src/index.js";

let folder: string;
const contexts: GlueContext[] = [];
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-path-"));
  for (const engine of ["duckdb", "reference"] as const)
    contexts.push(await GlueContext.open({ catalog: join(folder, engine), engine }));
});
afterAll(async () => {
  for (const glue of contexts) await glue.close();
  await rm(folder, { recursive: true, force: true });
});

async function read(
  text: string,
  jsonPath: string,
): Promise<{ readonly records: unknown; readonly messages: readonly string[] }> {
  const path = join(folder, `f${files++}.json`);
  await writeFile(path, text);
  const seen = [];
  for (const glue of contexts) {
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path },
      format: "json",
      formatOptions: { jsonPath },
    });
    seen.push({
      records: await frame.records(),
      messages: (await frame.errorsAsDynamicFrame().records()).map((r) => (r["error"] as { msg: string }).msg),
    });
  }
  expect(seen[0]).toEqual(seen[1]);
  return seen[0] ?? { records: [], messages: [] };
}

const document = JSON.stringify(
  {
    meta: 1,
    data: {
      "a b": [[{ x: 1 }, { x: 2 }], [{ x: 3 }]],
      rows: [
        { id: 1, n: 12345678901 },
        { id: 2, n: 1.5 },
      ],
      one: { id: 9 },
    },
  },
  null,
  2,
);

test.each([
  [
    "$.data.rows",
    [
      { id: 1, n: 12345678901 },
      { id: 2, n: 1.5 },
    ],
  ],
  [
    "$.data.rows[*]",
    [
      { id: 1, n: 12345678901 },
      { id: 2, n: 1.5 },
    ],
  ],
  ["$.data.rows[1]", [{ id: 2, n: 1.5 }]],
  ["$['data']['a b'][*]", [{ x: 1 }, { x: 2 }, { x: 3 }]],
  ['$.data["a b"][1]', [{ x: 3 }]],
  ["$.data.one", [{ id: 9 }]],
  ["$.data.rows[7]", []],
  ["$.nowhere.at.all", []],
])("%s", async (path, records) => {
  expect(await read(document, path)).toEqual({ records, messages: [] });
});

test("lines, arrays and concatenated documents, each value by itself; what is no object is the column record", async () => {
  expect(await read('{"r":[{"a":1}]}\n{"r":{"a":2}}{"r":[{"a":3}]}\n[{"r":1}]\n{"s":1}\n', "$.r")).toEqual({
    records: [{ a: 1 }, { a: 2 }, { a: 3 }],
    messages: [],
  });
  const { records, messages } = await read('{"r":[{"a":1},5,null]}\nnonsense\n{"r":[,]}\n{"r":{"a":2}}\n', "$.r");
  expect(records).toEqual([{ a: 1 }, { record: 5 }, { record: null }, { a: 2 }]);
  expect(messages).toEqual([
    expect.stringContaining("expected an object or an array"),
    expect.stringContaining("a value is expected"),
  ]);
});

test("hazards are counted as the scanner counts them in a file of the selected records", async () => {
  const selected = [
    '{"t":"a\\ud800\\udc00\\ud83d","k\\udead":[{"n":1e400}]}',
    '{"a":1,"a":2,"u":1e-400}',
    `{"long":${"7".repeat(40)},"in":{"x":"\\udead\\udead"}}`,
  ];
  const [glue] = contexts;
  const hazards = async (text: string, formatOptions: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const path = join(folder, `h${files++}.json`);
    await writeFile(path, text);
    const found = await glue?.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path }, format: "json", formatOptions })
      .hazards();
    return Object.entries(found ?? {}).map(([code, { count }]) => [code, count]);
  };
  const told = await hazards(`{"skipped":"\\ud800","r":[${selected.join(",")}]}`, { jsonPath: "$.r" });
  expect(told).toEqual(await hazards(`${selected.join("\n")}\n`, {}));
  expect(told).toEqual([
    ["DUPLICATE_KEY", 1],
    ["LONE_SURROGATE", 4],
    ["NUMBER_TOO_LONG", 1],
    ["NUMBER_OVERFLOW", 1],
    ["NUMBER_UNDERFLOW", 1],
  ]);
});

test("a value that is not closed costs its line", async () => {
  const { records, messages } = await read('{"r":{"a":1}}\n{"r":{"a":2}\n{"r":{"a":3}}\n', "$.r");
  expect(records).toEqual([{ a: 1 }, { a: 3 }]);
  expect(messages).toEqual([expect.stringContaining("found the end of the file")]);
});

test("random documents, pretty or not", async () => {
  const leaf = fc.oneof(
    fc.integer(),
    fc.string({ unit: fc.constantFrom("a", "{", "}", "[", "]", '"', "\\", "\n", "é", "🦆") }),
    fc.boolean(),
  );
  const row = fc.dictionary(fc.constantFrom("a", "b"), leaf, { minKeys: 1 });
  const value = fc.record({
    skip: fc.array(row, { maxLength: 2 }),
    deep: fc.record({ rows: fc.array(row, { maxLength: 4 }) }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(0, 2),
      fc.constantFrom("\n", "", " , "),
      async (values, indent, between) => {
        const { records, messages } = await read(
          values.map((v) => JSON.stringify(v, null, indent)).join(between),
          "$.deep.rows",
        );
        expect(messages).toEqual([]);
        expect(records).toEqual(values.flatMap((v) => v.deep.rows.map((r) => ({ ...r }))));
      },
    ),
    { numRuns: 30 },
  );
});
