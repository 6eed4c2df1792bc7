/** CSV written with Glue's options and read back with the same: the same texts, on both engines. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { GlueContext, STRING, structOf } from "../../src/index.js";

let folder: string;
const contexts: GlueContext[] = [];
let writes = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-csv-"));
  for (const engine of ["duckdb", "reference"] as const)
    contexts.push(await GlueContext.open({ catalog: join(folder, engine), engine }));
});
afterAll(async () => {
  for (const glue of contexts) await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const schema = structOf({ a: STRING, b: STRING });
type TextRow = { readonly a: string; readonly b: string };

async function write(
  glue: GlueContext,
  rows: readonly Partial<Record<keyof TextRow, string | null>>[],
  formatOptions: Readonly<Record<string, unknown>>,
  type = schema,
): Promise<string> {
  const path = join(folder, `out-${writes++}`);
  const frame = glue.createDynamicFrame.fromRows(rows, { schema: type });
  await glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path },
    format: "csv",
    formatOptions,
  });
  return path;
}

async function text(path: string): Promise<string> {
  const [name = ""] = await readdir(path);
  return readFile(join(path, name), "utf8");
}

const special = fc.constantFrom(",", ";", "\t", '"', "'", "\\", "\n", "\r", "n", "x", "é", "🦆", " ");
const cell = fc.array(special, { maxLength: 6 }).map((parts) => parts.join(""));
const dialects = [
  { separator: ",", escaper: "\\", quoteChar: -1 },
  { separator: ";", escaper: "\\" },
  { separator: "\t", quoteChar: "'" },
  {},
  { escaper: '"' },
  { escaper: "!", quoteChar: "'", writeHeader: false },
];

test.each(dialects)("what is written with %j reads back the same", async (dialect) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ a: cell, b: cell }), { minLength: 1, maxLength: 8 }), async (rows) => {
      // without quotes an empty text and a row of empty texts look like nothing
      const shown =
        "quoteChar" in dialect && dialect.quoteChar === -1
          ? rows.map(({ a, b }) => ({ a: `x${a}`, b: `x${b}` }))
          : rows;
      for (const glue of contexts) {
        const path = await write(glue, shown, dialect);
        const { writeHeader = true, ...marks } = dialect as { writeHeader?: boolean };
        const read = glue.createDynamicFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { path },
          format: "csv",
          formatOptions: {
            ...marks,
            multiLine: true,
            withHeader: writeHeader,
            ...(writeHeader ? {} : { columns: ["a", "b"] }),
          },
        });
        expect(await read.records()).toEqual(shown);
        expect(await read.errorsCount()).toBe(0);
      }
    }),
    { numRuns: 12 },
  );
});

test("an escaper keeps each record on one line; without one line ends go into quotes", async () => {
  for (const glue of contexts) {
    expect(await text(await write(glue, [{ a: "1\n2\\", b: 'say "hi", you' }], { escaper: "\\" }))).toBe(
      'a,b\n1\\n2\\\\,"say ""hi"", you"\n',
    );
    expect(await text(await write(glue, [{ a: "1\n2\\", b: 'say "hi", you' }], {}))).toBe(
      'a,b\n"1\n2\\","say ""hi"", you"\n',
    );
    expect(
      await text(
        await write(glue, [{ a: "1", b: 'say "hi"' }], { quoteChar: -1, separator: "|", writeHeader: "false" }),
      ),
    ).toBe('1|say "hi"\n');
  }
});

test("the only column, empty, is no record without quotes: the write fails", async () => {
  for (const glue of contexts) {
    for (const options of [{ quoteChar: -1 }, { quoteChar: -1, escaper: "\\" }]) {
      for (const a of [null, ""])
        await expect(write(glue, [{ a: "x" }, { a }], options, structOf({ a: STRING }))).rejects.toMatchObject({
          code: "CSV_NEEDS_QUOTES",
          path: "a",
          found: "",
        });
      expect(
        await text(
          await write(
            glue,
            [
              { a: "x", b: null },
              { a: "", b: null },
            ],
            options,
          ),
        ),
      ).toBe("a,b\nx,\n,\n");
    }
  }
});

test("a text that cannot be written without quotes fails the write, and nothing is there", async () => {
  for (const glue of contexts) {
    const path = join(folder, `out-${writes}`);
    await expect(
      write(
        glue,
        [
          { a: "x", b: "y" },
          { a: "1,2", b: "" },
        ],
        { quoteChar: -1 },
      ),
    ).rejects.toMatchObject({ code: "CSV_NEEDS_QUOTES", path: "a", found: "1,2" });
    await expect(readdir(path)).rejects.toMatchObject({ code: "ENOENT" });
  }
});

test.each([
  [{ sepparator: ";" }, "Did you mean separator?"],
  [{ withHeader: true }, "Did you mean writeHeader?"],
  [{ separator: "||" }, undefined],
  [{ separator: "§" }, undefined],
  [{ separator: "\n" }, undefined],
  [{ quoteChar: "," }, undefined],
  [{ escaper: "ab" }, undefined],
  [{ writeHeader: "yes" }, undefined],
])("writer options %j are refused", async (options, hint) => {
  const glue = contexts[0] as GlueContext;
  await expect(write(glue, [{ a: "x", b: "y" }], options)).rejects.toMatchObject({
    code: "BAD_OPTION",
    ...(hint === undefined ? {} : { hint }),
  });
});

test("records without any field have no line: the write fails, and nothing is there; without records there is nothing to fail", async () => {
  for (const glue of contexts) {
    for (const options of [{}, { quoteChar: -1 }]) {
      await expect(write(glue, [{}, {}], options, structOf({}))).rejects.toMatchObject({ code: "CSV_NO_FIELDS" });
      expect(await readdir(join(folder, `out-${writes - 1}`)).catch(() => [])).toEqual([]);
      await write(glue, [], options, structOf({}));
    }
  }
});
