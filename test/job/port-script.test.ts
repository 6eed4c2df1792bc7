/**
 * awsglue scripts as TypeScript: six of the kinds people have, of which nine calls in ten must come over; what is left
 * is listed by line.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { portScript } from "../../src/job/authoring/port/port-script.js";
import { runToEnd } from "../../src/job/run/start-run.js";
import { buildIfStale } from "../cli/cli-process.js";
import { defineJob, openRunner } from "./runner.js";

const fixtures = join(process.cwd(), "fixtures", "port");
const scripts = readdirSync(fixtures).filter((name) => name.endsWith(".py"));
const ported = (name: string) => portScript(readFileSync(join(fixtures, name), "utf8"));
const script = (...lines: string[]): string =>
  portScript(["glueContext = GlueContext(SparkContext())", ...lines].join("\n"))
    .typescript.split("\n")
    .slice(3)
    .join("\n")
    .trim();

test.each(scripts)("%s becomes a module that parses, and every line that did not come over is named", (name) => {
  const { typescript, left } = ported(name);
  expect(() => transformSync(typescript, { loader: "ts", format: "esm" })).not.toThrow();
  const lines = readFileSync(join(fixtures, name), "utf8").split("\n");
  for (const { line, text, reason } of left) {
    expect(lines[line - 1]?.trim()).toContain(text.split(/[\n(]/)[0]);
    expect(reason).not.toBe("");
    expect(typescript).toContain(`// not translated (line ${line}, ${reason})`);
  }
});

test("nine calls in ten come over", () => {
  const all = scripts.map(ported);
  const [calls, translated] = [
    all.reduce((sum, each) => sum + each.calls, 0),
    all.reduce((sum, each) => sum + each.translated, 0),
  ];
  expect(scripts).toHaveLength(6);
  expect(calls).toBeGreaterThan(80);
  expect(translated / calls).toBeGreaterThanOrEqual(0.9);
});

test("what has no counterpart is left, not guessed", () => {
  expect(ported("sql.py").left.map(({ text }) => text)).toEqual(["import boto3"]);
  expect(ported("relationalize.py").left.map(({ text }) => text)).toEqual([
    's_history.write.parquet("s3://bucket/output/single")',
  ]);
  for (const line of [
    "x = [r for r in [1]]",
    "x = 7 // 2",
    "x = 2 ** 3",
    "x = 'a' in 'abc'",
    "x = 'abc'[1:2]",
    "x = foo(1)",
    "while True:",
    "x = 5 % 2",
    "x = 1 < 2 < 3",
    "x = f'{1:03d}'",
    "x = unknown",
    "df = glueContext.createDataFrame([])",
  ]) {
    expect(portScript(`glueContext = GlueContext(SparkContext())\n${line}`).left).toHaveLength(1);
  }
});

test.each([
  ["a = (1, 2)", "const a = [1, 2];"],
  ["a = (1 + 2) * 3", "const a = (1 + 2) * 3;"],
  ["a = {'x': True, 'y-z': None}", 'const a = { x: true, "y-z": null };'],
  ["a = 'x' 'y'", 'const a = "x" + "y";'],
  ["a = 1 if True else 2", "const a = (true ? 1 : 2);"],
  ["a = not 1 == 2 and 3", "const a = !(1 === 2) && 3;"],
  ["f = lambda r: {'a': r['b']}", 'const f = (r) => ({ a: r["b"] });'],
  ["a = f'{len([1])} of {{x}}'", "const a = `${[1].length} of {x}`;"],
  ["a = r'\\d'", 'const a = "\\\\d";'],
] as const)("%s", (python, typescript) => {
  expect(script(python)).toBe(typescript);
});

test("a ported script runs and gives what the Python would", async () => {
  buildIfStale();
  const folder = mkdtempSync(join(tmpdir(), "port-"));
  const runner = await openRunner(folder);
  try {
    mkdirSync(join(folder, "in"));
    writeFileSync(
      join(folder, "in", "a.json"),
      '{"id":3000000001,"price":5.5,"status":"paid"}\n{"id":3000000002,"price":20.5,"status":"paid"}\n{"id":3000000003,"price":30.5,"status":"test"}\n',
    );
    writeFileSync(join(folder, "visual.ts"), ported("visual.py").typescript);
    await defineJob(runner, "visual", join(folder, "visual.ts"), {
      DefaultArguments: { "--source": join(folder, "in"), "--target": join(folder, "out") },
    });
    expect(await runToEnd(runner, "visual")).toMatchObject({
      JobRunState: "SUCCEEDED",
      Metrics: { read: 3, written: 1, filtered: 2 },
    });
    const [file = ""] = readdirSync(join(folder, "out"));
    expect(JSON.parse(readFileSync(join(folder, "out", file), "utf8"))).toEqual({
      order_id: 3000000002,
      price: 20.5,
      status: "paid",
    });
  } finally {
    await runner.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
