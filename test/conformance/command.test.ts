import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-command-"));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const command = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/conformance.mjs", ...args], {
    encoding: "utf8",
  });
  return { status, stderr, lines: stdout.trimEnd().split("\n") };
};
const union = {
  id: "b-01-union",
  source: "s",
  provenance: "derived",
  confidence: "high",
  op: "union",
  input: { frame1: [{ a: 1 }], frame2: [] },
  args: {},
  expected: { recordCount: 1 },
  compare: { recordOrder: "ignore", fieldOrder: "ignore" },
  notes: "",
};
const put = (name: string, content: unknown): Promise<void> =>
  writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));

it("prints a line per case by id, a table by operation and the sums, and writes JSON on request", async () => {
  await put("z.json", { ...union, id: "a-01-wrong", expected: { recordCount: 2 } });
  await put("y.json", union);
  await put("x.json", { ...union, id: "c-01-skipped", skip: "not today" });
  await put("w.json", { ...union, id: "d-01-later", op: "someday" });
  await put("v.json", "{");
  await put("note.txt", "no case");
  const before = await readdir(folder);
  const json = join(folder, "..", `${folder.split("/").at(-1) ?? ""}.json`);
  const { status, lines } = command(folder, "--engine", "all", "--json", json);
  expect(lines.slice(0, 4)).toEqual([
    "FAIL a-01-wrong [duckdb] recordCount: count: expected 2, found 1",
    "PASS b-01-union",
    "SKIP c-01-skipped not today",
    "UNSUPPORTED d-01-later someday",
  ]);
  expect(lines[4]).toMatch(/^FAIL v\.json not readable/);
  expect(lines.at(-1)).toBe("1 passed, 2 failed, 1 skipped, 1 unsupported");
  expect(status).toBe(1);
  expect(await readdir(folder)).toEqual(before);
  expect(JSON.parse(await readFile(json, "utf8"))).toMatchObject({
    engines: ["duckdb", "reference"],
    passed: 1,
    failed: 2,
    skipped: 1,
    unsupported: 1,
  });
  await rm(json);
}, 120_000);

it("fails for what is unsupported only when strict, and says how to call it", async () => {
  await put("a.json", { ...union, op: "someday" });
  expect(command(folder).status).toBe(0);
  expect(command(folder, "--strict").status).toBe(1);
  const wrong = command(folder, "--engine", "oracle");
  expect([wrong.status, wrong.stderr.includes("usage: npm run conformance")]).toEqual([2, true]);
}, 120_000);
