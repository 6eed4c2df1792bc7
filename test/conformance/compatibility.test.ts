/** The compatibility page says what is so: a name that lacks presence, cases or tests is not supported, whatever the table says. */
import { join } from "node:path";
import { exported, member, method, type Entry } from "../../conformance/compatibility/entry.js";
import { compatibilityPage, type OpResults } from "../../conformance/compatibility/page.js";
import { Prober } from "../../conformance/compatibility/probe.js";

const root = join(__dirname, "..", "..");
const results: OpResults = new Map([["good", { passed: 3, failed: 0 }], ["bad", { passed: 2, failed: 1 }]]);
let prober: Prober;
beforeAll(async () => { prober = await Prober.open(); });
afterAll(() => prober.close());

const page = (entry: Entry): Promise<string> => compatibilityPage([{ title: "T", entries: [entry] }], results, prober, root);
const row = async (entry: Entry): Promise<string | undefined> => (await page(entry)).split("\n").find((line) => line.startsWith(`| \`${entry.glue}\``));
const SHOWN = { tests: [["test/conformance/compatibility.test.ts", "SHOWN"]] } as const;

test("supported: there, cases pass, tests exist", async () => {
  expect(await row({ glue: "apply_mapping", ours: "applyMapping", probe: method("DynamicFrame", "applyMapping"), ops: ["good"], ...SHOWN })).toBe("| `apply_mapping` | `applyMapping` | supported | 3 |  |");
  expect(await row({ glue: "join", probe: method("DynamicFrame", "join"), ops: ["good"], differs: "a|b", decision: "0014-keys-by-value" }))
    .toBe("| `join` |  | differs | 3 | a\\|b ([0014](decisions/0014-keys-by-value.md)) |");
});

test("not yet: absent, a failing case, no case, no test", async () => {
  for (const [entry, why] of [
    [{ probe: method("DynamicFrame", "applyMappings"), ops: ["good"] }, ""],
    [{ probe: exported("NoSuchClass"), ops: ["good"] }, ""],
    [{ probe: member("createDynamicFrame.fromNowhere"), ops: ["good"] }, ""],
    [{ probe: exported("Join"), ops: ["bad"] }, "1 failing cases of bad"],
    [{ probe: exported("Join"), ops: ["unknown"] }, "no passing case of unknown"],
    [{ probe: exported("Join"), tests: [["test/conformance/compatibility.test.ts", ["no", "where"].join("")]] }, "no test in test/conformance/compatibility.test.ts"],
  ] as const) expect(await row({ glue: "x", ours: "y", ...entry } as Entry)).toMatch(new RegExp(`^\\| \`x\` \\|  \\| not yet \\| .*\\| ${why} \\|$`));
});

test("options are tried: what a call refuses is not there", async () => {
  const source = (name: string, value: unknown): Promise<string | undefined> => row({ glue: name, probe: { kind: "source-option", name, value, from: "fromOptions" }, ops: ["good"] });
  expect([await source("exclusions", ["x"]), await source("exclusionz", ["x"])].map((line) => line?.split(" | ")[2])).toEqual(["supported", "not yet"]);
  expect(await row({ glue: "csv", probe: { kind: "read-option", format: "csv", options: { withHeader: true } }, ops: ["good"] })).toContain("supported");
  expect(await row({ glue: "ion", probe: { kind: "read-option", format: "ion", options: {} }, ops: ["good"] })).toContain("not yet");
  expect(await row({ glue: "w", probe: { kind: "write-option", format: "csv", options: { writeHeader: false } }, ops: ["good"] })).toContain("supported");
  expect(await row({ glue: "s", probe: { kind: "sink-option", name: "partitionKeys", options: { partitionKeys: ["p"] } }, ops: ["good"] })).toContain("supported");
});

test("a table that says what is not so stops the program", async () => {
  await expect(page({ glue: "x", probe: exported("Join"), notApplicable: "no" })).rejects.toThrow("not applicable");
  await expect(page({ glue: "x", probe: exported("Join") })).rejects.toThrow("no evidence");
  await expect(page({ glue: "x", probe: exported("Join"), ops: ["good"], decision: "9999-none" })).rejects.toThrow("no decision");
});
