/**
 * Every format × every reading option: its effect, on both engines. An option without a fixture fails;
 * docs/format-options.md lists them.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type FromOptionsOptions } from "../../../src/index.js";
import { formatNames, formatOf } from "../../../src/formats/registry.js";
import { READ_FIXTURES, type Expected, type Options } from "./read-fixtures.js";
import { knownOptions } from "./known-options.js";

const ENGINES = ["duckdb", "reference"] as const;
let folder: string;
const engines: GlueContext[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-read-options-"));
  for (const engine of ENGINES)
    engines.push(await GlueContext.open({ catalog: join(folder, engine), engine, threads: 1 }));
});
afterAll(async () => {
  for (const glue of engines) await glue.close();
  await rm(folder, { recursive: true, force: true });
});

async function read(glue: GlueContext, path: string, format: string, formatOptions: Options): Promise<Expected> {
  try {
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path },
      format: format as FromOptionsOptions["format"],
      formatOptions,
    });
    const records = JSON.parse(JSON.stringify(await frame.records())) as unknown[];
    const errors = await frame.errorsCount();
    return errors === 0 ? { records } : { records, errors };
  } catch (error) {
    return { code: String((error as { code?: string }).code) };
  }
}

test.each(formatNames())("%s: every option has a fixture", (format) => {
  expect(Object.keys(READ_FIXTURES[format] ?? {}).sort()).toEqual(
    knownOptions(() => {
      formatOf(format).checkOptions({ "no such option": 1 });
    }),
  );
});

describe.each(Object.entries(READ_FIXTURES).filter(([, options]) => Object.keys(options).length > 0))(
  "%s",
  (format, options) => {
    test.each(Object.entries(options))("%s", async (name, { bytes, base = {}, option, ...expected }) => {
      const path = join(folder, `${format}-${name}`);
      await writeFile(path, bytes);
      for (const [i, glue] of engines.entries()) {
        // the oracle reads no Parquet
        const seen = (shown: Expected): Expected => (i === 1 && format === "parquet" ? { code: "UNSUPPORTED" } : shown);
        expect([ENGINES[i], await read(glue, path, format, base)]).toEqual([ENGINES[i], seen(expected.without)]);
        expect([ENGINES[i], await read(glue, path, format, { ...base, [name]: option })]).toEqual([
          ENGINES[i],
          seen(expected.with),
        ]);
      }
    });
  },
);

test("orc is refused by name on both engines, with the engine that reads it", async () => {
  const path = join(folder, "x.orc");
  await writeFile(path, "ORC");
  for (const glue of engines) {
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path },
      format: "orc",
    });
    await expect(frame.count()).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      hint: expect.stringContaining("Spark"),
    });
  }
});
