/**
 * Halves of surrogate pairs in what JavaScript gives: no file can hold them, so each is counted or an error record, on
 * every engine.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, STRING, structOf, type DynamicFrame } from "../../src/index.js";

let folder: string;
const contexts: [string, GlueContext][] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-halves-"));
  for (const engine of ["duckdb", "reference"] as const)
    contexts.push([engine, await GlueContext.open({ catalog: join(folder, engine), engine, threads: 2 })]);
});
afterAll(async () => {
  for (const [, glue] of contexts) await glue.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What stands in the files, on both engines. */
async function onBoth(
  frameOf: (glue: GlueContext) => DynamicFrame,
  check: (frame: DynamicFrame, lines: readonly string[], errors: number) => Promise<void>,
): Promise<void> {
  for (const [engine, glue] of contexts) {
    const frame = frameOf(glue);
    const path = join(folder, `${engine}-${process.hrtime.bigint()}`);
    const report = await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path },
      format: "json",
    });
    expect(report.read).toBe(report.written + report.errors + report.filtered);
    await check(
      frame,
      report.files.flatMap((file) =>
        readFileSync(file.path.replace(/^file:\/\//, ""), "utf8")
          .split("\n")
          .filter(Boolean),
      ),
      report.errors,
    );
  }
}

// few rows are constants of the plan, many are loaded
describe.each([
  ["few", 3],
  ["many", 3000],
])("fromRows, %s rows", (_name, rows) => {
  const records = (): object[] =>
    Array.from({ length: rows }, (_, i) =>
      i === rows - 1
        ? { i, t: "a\ud800b\udc00", "k\udfff": 1, m: new Map([["x\ud83d", "\ude00y"]]), l: ["ok", "\ud800"] }
        : { i, t: "a\u{1f600}b", m: new Map(), l: [] },
    );
  test("read as U+FFFD and counted, as of a file; pairs are not touched", async () => {
    await onBoth(
      (glue) => glue.createDynamicFrame.fromRows(records(), { name: "mine" }),
      async (frame, lines, errors) => {
        expect(JSON.parse(lines.at(-1) ?? "")).toEqual({
          i: rows - 1,
          t: "a\ufffdb\ufffd",
          "k\ufffd": 1,
          m: { "x\ufffd": "\ufffdy" },
          l: ["ok", "\ufffd"],
        });
        expect(JSON.parse(lines[0] ?? "")).toMatchObject({ i: 0, t: "a\u{1f600}b" });
        expect(errors).toBe(0);
        expect(await frame.hazards()).toEqual({
          LONE_SURROGATE: { count: 6, first: { file: "mine", record: rows - 1, offset: 0 }, path: "t" },
        });
        // of a source that is read twice once
        expect(await frame.union(frame).hazards()).toEqual(await frame.hazards());
      },
    );
  });
  test("with a schema too", async () => {
    const given = Array.from({ length: rows }, (_, i) => ({ t: i === 1 ? "\udead" : "x" }));
    await onBoth(
      (glue) => glue.createDynamicFrame.fromRows(given, { schema: structOf({ t: STRING }) }),
      async (frame, lines) => {
        expect(lines[1]).toBe('{"t":"\ufffd"}');
        expect(await frame.hazards()).toEqual({
          LONE_SURROGATE: { count: 1, first: { file: "rows", record: 1, offset: 0 }, path: "t" },
        });
      },
    );
  });
  test("names that become one: the last counts, and DUPLICATE_KEY", async () => {
    const given = Array.from({ length: rows }, () => ({ "\ud800": 1, "\ud801": 2 }));
    await onBoth(
      (glue) => glue.createDynamicFrame.fromRows(given),
      async (frame, lines) => {
        expect(lines[0]).toBe('{"\ufffd":2}');
        expect(await frame.hazards()).toMatchObject({
          LONE_SURROGATE: { count: 2 * rows },
          DUPLICATE_KEY: { count: rows, path: "\ufffd" },
        });
      },
    );
  });
});

test("files say theirs by the frame too", async () => {
  for (const [, glue] of contexts) {
    const path = join(folder, "data.json");
    writeFileSync(path, '{"s":"\\ud800","n":1e-400}\n');
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path },
      format: "json",
    });
    expect(await frame.hazards()).toMatchObject({ LONE_SURROGATE: { count: 1 }, NUMBER_UNDERFLOW: { count: 1 } });
  }
});

test.each([
  ["a text that was there", { t: "\ud83d" }, "t"],
  ["a text in a new field", { u: { v: ["x", "\udead"] } }, "u.v[]"],
  ["a name", { t: "x", "k\ud800": 1 }, "k\ufffd"],
  ["a key of a map", { m: new Map([["\ud800", 1]]) }, "m.\ufffd"],
  ["a text in a set", { s: new Set(["\ud800"]) }, "s[]"],
])("what a function gives, %s: an error record with the path; the rest is written", async (_name, given, path) => {
  for (const verb of ["map", "mapPartitions"] as const) {
    const rows = Array.from({ length: 5 }, (_, i) => ({ i, t: "\u{1f600}" }));
    await onBoth(
      (glue) => {
        const frame = glue.createDynamicFrame.fromRows(rows);
        return verb === "map"
          ? frame.map((r) => (r["i"] === 2 ? given : r))
          : frame.mapPartitions(async function* each(records) {
              for await (const { record } of records) yield { record: record["i"] === 2 ? given : record };
            });
      },
      async (frame, lines, errors) => {
        expect(lines).toHaveLength(4);
        expect(await frame.errorsCount()).toBe(1);
        if (verb === "map") expect(errors).toBe(1);
        const [error] = await frame.errorsAsDynamicFrame().records();
        expect(error).toMatchObject({
          error: { msg: expect.stringContaining(`the text at ${path} holds half a surrogate pair`) },
        });
        expect(await frame.schemaTree()).not.toContain("\ufffd");
      },
    );
  }
});
