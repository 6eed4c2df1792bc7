/**
 * The compatibility page says what is so: a name that lacks presence, cases or tests is not supported, whatever the
 * table says.
 */
import { join } from "node:path";
import {
  exported,
  member,
  method,
  option,
  type Entry,
  type OptionCall,
} from "../../conformance/compatibility/entry.js";
import { OPTION_CALLS } from "../../conformance/compatibility/option-calls.js";
import { compatibilityPage, requireAllOptions, type OpResults } from "../../conformance/compatibility/page.js";
import { Prober } from "../../conformance/compatibility/probe.js";
import { SECTIONS } from "../../conformance/compatibility/sections.js";
import { NO_CONNECTION } from "../../src/dynamicframe/connection-type.js";
import { formatNames } from "../../src/formats/registry.js";

const root = join(__dirname, "..", "..");
const results: OpResults = new Map([
  ["good", { passed: 3, failed: 0 }],
  ["bad", { passed: 2, failed: 1 }],
]);
let prober: Prober;
beforeAll(async () => {
  prober = await Prober.open();
});
afterAll(() => prober.close());

const page = (entry: Entry): Promise<string> =>
  compatibilityPage([{ title: "T", entries: [entry] }], results, prober, root);
const row = async (entry: Entry): Promise<string | undefined> =>
  (await page(entry)).split("\n").find((line) => line.startsWith(`| \`${entry.glue}\``));
const SHOWN = { tests: [["test/conformance/compatibility.test.ts", "SHOWN"]] } as const;

test("supported: there, cases pass, tests exist", async () => {
  expect(
    await row({
      glue: "apply_mapping",
      ours: "applyMapping",
      probe: method("DynamicFrame", "applyMapping"),
      ops: ["good"],
      ...SHOWN,
    }),
  ).toBe("| `apply_mapping` | `applyMapping` | supported | 3 |  |");
  expect(
    await row({
      glue: "join",
      probe: method("DynamicFrame", "join"),
      ops: ["good"],
      differs: "a|b",
      decision: "0014-keys-by-value",
    }),
  ).toBe("| `join` |  | differs | 3 | a\\|b ([0014](decisions/0014-keys-by-value.md)) |");
});

test("not yet: absent, a failing case, no case, no test", async () => {
  for (const [entry, why] of [
    [{ probe: method("DynamicFrame", "applyMappings"), ops: ["good"] }, ""],
    [{ probe: exported("NoSuchClass"), ops: ["good"] }, ""],
    [{ probe: member("createDynamicFrame.fromNowhere"), ops: ["good"] }, ""],
    [{ probe: exported("Join"), ops: ["bad"] }, "1 failing cases of bad"],
    [{ probe: exported("Join"), ops: ["unknown"] }, "no passing case of unknown"],
    [
      { probe: exported("Join"), tests: [["test/conformance/compatibility.test.ts", ["no", "where"].join("")]] },
      "no test in test/conformance/compatibility.test.ts",
    ],
  ] as const)
    expect(await row({ glue: "x", ours: "y", ...entry } as Entry)).toMatch(
      new RegExp(`^\\| \`x\` \\|  \\| not yet \\| .*\\| ${why} \\|$`),
    );
});

test("options are tried: what a call refuses is not there", async () => {
  const tried = async (entry: Entry): Promise<string | undefined> => (await row(entry))?.split(" | ")[2];
  expect(await tried(option("file source", "exclusions", ["x"], { ops: ["good"] }))).toBe("supported");
  expect(await tried(option("step", "transformation_ctx", "x", { ops: ["good"] }))).toBe("supported");
  expect(await tried(option("read csv", "withHeader", true, { ops: ["good"] }))).toBe("supported");
  expect(await tried(option("write csv", "writeHeader", false, { ops: ["good"] }))).toBe("supported");
  expect(await tried(option("file sink", "partitionKeys", ["p"], { ops: ["good"] }))).toBe("supported");
  // a name that the call does not know, and a value that it does not take
  expect(await tried(option("file source", "exclusionz", ["x"], { ops: ["good"] }))).toBe("not yet");
  expect(await tried(option("file source", "groupFiles", "always", { ops: ["good"] }))).toBe("not yet");
});

test("every option that a call knows is on the page: one that no entry names stops the program", async () => {
  const spigot = (...names: string[]): Entry[] => names.map((name) => option("spigot", name, 1, {}));
  await expect(requireAllOptions(spigot("topk", "prob", "seed"), prober)).resolves.toBeUndefined();
  await expect(requireAllOptions(spigot("topk", "seed"), prober)).rejects.toThrow(
    "no entry of the page names: spigot: prob",
  );
  // those of every step are listed once
  await expect(
    requireAllOptions([option("map", "concurrency", 1, {}), option("map", "preservesPartitioning", true, {})], prober),
  ).rejects.toThrow("map: transformationCtx");
  await expect(
    requireAllOptions(
      SECTIONS.flatMap(({ entries }) => entries),
      prober,
    ),
  ).resolves.toBeUndefined();
  const listed = new Set(
    SECTIONS.flatMap(({ entries }) => entries).map(({ probe }) => (probe?.kind === "option" ? probe.call : "")),
  );
  expect(Object.keys(OPTION_CALLS).filter((call) => !listed.has(call as OptionCall))).toEqual([]);
});

test("every format and every connection type is on the page", () => {
  const text = SECTIONS.flatMap(({ entries }) => entries)
    .map(({ glue }) => glue)
    .join(" ");
  expect(
    [...formatNames(), ...Object.keys(NO_CONNECTION).map((name) => name.replace(/\.$/, ""))].filter(
      (name) => !text.includes(name),
    ),
  ).toEqual([]);
});

test("a table that says what is not so stops the program", async () => {
  await expect(page({ glue: "x", probe: exported("Join"), notApplicable: "no" })).rejects.toThrow("not applicable");
  await expect(page({ glue: "x", probe: exported("Join") })).rejects.toThrow("no evidence");
  await expect(page({ glue: "x", probe: exported("Join"), ops: ["good"], decision: "9999-none" })).rejects.toThrow(
    "no decision",
  );
});
