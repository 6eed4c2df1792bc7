/** What is written as Parquet comes back: frames of random types, one or several of them in a folder, types told by the files alone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { GlueContext, mergeDataTypes, schemaTree, type DataType, type DynamicFrame } from "../../src/index.js";
import { valueText } from "../engine/contract.js";
import { typedFrames } from "./typed-frames.js";

let folder: string, glue: GlueContext, writes = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-round-trip-"));
  glue = await GlueContext.open({ catalog: join(folder, "c"), threads: 2 });
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

/** Values in arms form: an int is not a double of the same value. */
async function armsOf(frame: DynamicFrame): Promise<readonly string[]> {
  const { relation } = await glue.environment.resolve(frame.node), texts: string[] = [];
  for await (const rows of (await glue.environment.session.engine()).rows(relation)) texts.push(...rows.map(valueText));
  return texts.sort();
}

/** Lists and maps at one place: of their elements the ledger has one account, so both have the types of either. */
function hasListAndMap(type: DataType): boolean {
  switch (type.kind) {
    case "choice": return (type.choices.some(({ kind }) => kind === "map") && type.choices.some(({ kind }) => kind === "array")) || type.choices.some(hasListAndMap);
    case "struct": return type.fields.some((f) => hasListAndMap(f.type));
    case "array": return hasListAndMap(type.element);
    case "map": return hasListAndMap(type.value);
    default: return false;
  }
}

const read = (path: string): DynamicFrame => glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format: "parquet" });

test("a frame of any type", () => fc.assert(fc.asyncProperty(typedFrames, async ({ type, rows }) => {
  const path = join(folder, `one-${writes++}`), frame = glue.createDynamicFrame.fromRows(rows, { schema: type });
  expect(await frame.write("file", { path }, "parquet")).toMatchObject({ read: rows.length, written: rows.length, balanced: true });
  const back = read(path);
  expect(await back.schemaTree()).toBe(schemaTree(type));
  expect(await armsOf(back)).toEqual(await armsOf(frame));
}), { numRuns: 80 }), 120_000);

test("several frames in one folder: a file keeps its types, the folder has them all", () => fc.assert(fc.asyncProperty(fc.array(typedFrames, { minLength: 2, maxLength: 3 }), async (frames) => {
  const path = join(folder, `many-${writes++}`);
  for (const { type, rows } of frames) await glue.createDynamicFrame.fromRows(rows, { schema: type }).write("file", { path }, "parquet");
  const back = read(path), merged = frames.map(({ type }): DataType => type).reduce(mergeDataTypes), [first, ...others] = frames.map(({ type, rows }) => glue.createDynamicFrame.fromRows(rows, { schema: type }));
  if (first === undefined || merged.kind !== "struct") throw new Error("frames are of structs");
  fc.pre(!hasListAndMap(merged));
  // names are random, so the order of the files and of their fields is
  expect((await back.schemaTree()).split("\n").sort()).toEqual(schemaTree(merged).split("\n").sort());
  expect(await armsOf(back)).toEqual(await armsOf(others.reduce((all, other) => all.union(other), first)));
}), { numRuns: 25 }), 120_000);
