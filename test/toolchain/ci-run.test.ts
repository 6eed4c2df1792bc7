import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(__dirname, "..", "..");
type Outcome = { readonly jest?: string; readonly conformance?: string; readonly failing?: string };

/** Runs .ci/run in a folder of its own, with an npm that only pretends. */
function ciRun({
  jest = '{"numPassedTests":7,"numFailedTests":0,"numRuntimeErrorTestSuites":0}',
  conformance = "30 passed, 0 failed, 1 skipped, 5 unsupported",
  failing = "none",
}: Outcome): { readonly status: number | null; readonly lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "ci-run-"));
  try {
    mkdirSync(join(folder, "bin"));
    cpSync(join(root, ".ci"), join(folder, ".ci"), { recursive: true });
    const npm = join(folder, "bin", "npm");
    writeFileSync(
      npm,
      `#!/usr/bin/env bash
case "$*" in
  *${failing}*) echo "pretending to fail"; exit 1;;
  test*|*test:spark*) [ -n '${jest}' ] && echo '${jest}' > "\${@: -1}";;
  *conformance*) echo '${conformance}';;
esac
exit 0
`,
    );
    chmodSync(npm, 0o755);
    const env = { ...process.env, PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"] ?? ""}` };
    const { status, stdout } = spawnSync(join(folder, ".ci", "run"), { encoding: "utf8", env });
    return { status, lines: stdout.trimEnd().split("\n") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the last line counts steps, tests and conformance cases", () => {
  const { status, lines } = ciRun({});
  const steps = lines.filter((line) => line.startsWith("=== ")).length;
  expect(steps).toBe(15);
  expect(lines.at(-1)).toBe(`${steps + 2 * 7 + 2 * 30} passed, 0 failed`);
  expect(status).toBe(0);
});

test("a failing step is named, counted and fails the run, and the later steps still run", () => {
  const { status, lines } = ciRun({ failing: "boundaries" });
  expect(lines).toContainEqual(expect.stringMatching(/^--- boundaries: FAILED/));
  expect(lines).toContainEqual(expect.stringMatching(/^--- demo: ok/));
  expect(lines.at(-1)).toBe("88 passed, 1 failed");
  expect(status).not.toBe(0);
});

test("failed tests and cases are counted", () => {
  const { status, lines } = ciRun({
    jest: '{"numPassedTests":5,"numFailedTests":2,"numRuntimeErrorTestSuites":1}',
    conformance: "28 passed, 2 failed, 0 skipped, 0 unsupported",
  });
  expect(lines.at(-1)).toBe("81 passed, 10 failed");
  expect(status).not.toBe(0);
});

test.each([
  ["no test ran", { jest: '{"numPassedTests":0,"numFailedTests":0,"numRuntimeErrorTestSuites":0}' }],
  ["jest left no report", { jest: "" }],
  ["no conformance case passed", { conformance: "0 passed, 0 failed, 3 skipped, 0 unsupported" }],
])("it fails when %s, though every step ended well", (_, outcome) => {
  const { status, lines } = ciRun(outcome);
  expect(lines.at(-1)).toMatch(/, 2 failed$/);
  expect(status).not.toBe(0);
});
