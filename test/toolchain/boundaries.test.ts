import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(__dirname, "..", "..");

/** Runs the layer check over `src` or over files written below a temporary folder. */
async function check(
  files?: Readonly<Record<string, string>>,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  if (files === undefined) return depcruise("src");
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache", "layers-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await depcruise(folder.slice(root.length + 1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function depcruise(base: string): Promise<{ readonly ok: boolean; readonly output: string }> {
  const bin = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, "--config", ".dependency-cruiser.cjs", "--output-type", "err", base],
      { cwd: root, env: { ...process.env, BOUNDARIES_ROOT: base, NO_COLOR: "1" } },
      (error, stdout, stderr) => {
        resolve({ ok: error === null, output: stdout + stderr });
      },
    );
  });
}

const low = "export const low = 1;\n";

test("the tree has no upward import and no cycle", async () => {
  const { ok, output } = await check();
  expect(ok ? "" : output).toBe("");
});

test("imports down the list pass", async () => {
  const { ok, output } = await check({
    "types/low.ts": low,
    "plan/up.ts": 'import { low } from "../types/low.js";\nexport const up = low;\n',
  });
  expect(ok ? "" : output).toBe("");
});

test("an upward import fails, even when it imports only a type", async () => {
  const { ok, output } = await check({
    "plan/low.ts": "export type Low = 1;\n",
    "types/bad.ts": 'import type { Low } from "../plan/low.js";\nexport type Bad = Low;\n',
  });
  expect(ok).toBe(false);
  expect(output).toMatch(/no-upward-import-from-types: .*types\/bad\.ts → .*plan\/low\.ts/);
});

test("an import from the library into the command fails", async () => {
  const { ok, output } = await check({ "cli/main.ts": low, "crawler/bad.ts": 'export * from "../cli/main.js";\n' });
  expect(ok).toBe(false);
  expect(output).toContain("no-upward-import-from-crawler");
});

test("a cycle inside one layer fails", async () => {
  const { ok, output } = await check({
    "types/a.ts": 'import { b } from "./b.js";\nexport const a = (): number => b();\n',
    "types/b.ts": 'import { a } from "./a.js";\nexport const b = (): number => a();\n',
  });
  expect(ok).toBe(false);
  expect(output).toContain("no-cycle");
});

test("a cycle of three files fails, one closed by a type alone does not", async () => {
  const a = 'import { b } from "./b.js";\nexport const a = (): number => b();\nexport type A = number;\n';
  const b = 'import { c } from "./c.js";\nexport const b = (): number => c();\n';
  const c = (how: string): string =>
    `import ${how} from "./a.js";\nexport const c = (): number => 1;\nexport type C = ${how.startsWith("type") ? "A" : "ReturnType<typeof a>"};\n`;
  expect((await check({ "types/a.ts": a, "types/b.ts": b, "types/c.ts": c("{ a }") })).output).toContain("no-cycle");
  expect((await check({ "types/a.ts": a, "types/b.ts": b, "types/c.ts": c("type { A }") })).output).not.toContain(
    "no-cycle",
  );
});

test("an engine named outside the composition root fails", async () => {
  const files = {
    "engine/duckdb/session.ts": low,
    "dynamicframe/bad.ts": 'export * from "../engine/duckdb/session.js";\n',
    "open.ts": 'export * from "./engine/duckdb/session.js";\n',
  };
  const { ok, output } = await check(files);
  expect(ok).toBe(false);
  expect(output).toContain("engines-behind-their-port");
  expect(output).not.toContain("open.ts →");
});

test("a node module in the pure core fails", async () => {
  const { ok, output } = await check({
    "plan/bad.ts": 'import { readFileSync } from "node:fs";\nexport const bad = readFileSync;\n',
  });
  expect(ok).toBe(false);
  expect(output).toContain("pure-core");
});

test("a folder without a place in the list fails", async () => {
  const { ok, output } = await check({ "extras/a.ts": 'export * from "../types/low.js";\n', "types/low.ts": low });
  expect(ok).toBe(false);
  expect(output).toContain("every-file-in-a-layer");
});
