/** `dynaframe shell` as a person uses it, on a terminal. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { buildIfStale } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-terminal-"));
const catalog = join(folder, "catalog");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython)
  process.stderr.write("SKIPPED: dynaframe shell on a terminal: no python3, which has pseudo terminals\n");

beforeAll(buildIfStale, 480_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Waits for each text and then types; the last line of what it shows is what Node printed at the end. */
function onTerminal(steps: readonly (readonly [wait: string, typed: string])[]): {
  readonly output: string;
  readonly coloured: boolean;
  readonly status: number;
} {
  const command = [
    process.execPath,
    join(process.cwd(), "dist", "esm", "cli", "main.js"),
    "--catalog",
    catalog,
    "shell",
  ];
  const { stdout, stderr } = spawnSync(
    "python3",
    [
      join(__dirname, "terminal.py"),
      JSON.stringify({ command, env: { TERM: "xterm", NO_COLOR: "1" }, steps, limit: 240 }),
    ],
    { encoding: "utf8" },
  );
  if (stdout === "") throw new Error(stderr);
  const { output, status } = JSON.parse(stdout) as { readonly output: string; readonly status: number };
  // other sequences move the cursor
  return {
    coloured: /\u001b\[\d*m/.test(output),
    output: stripVTControlCharacters(output).replaceAll("\r", ""),
    status,
  };
}

(hasPython ? test : test.skip)(
  "a prompt, await, TypeScript over several lines, errors that do not end it, no colour where NO_COLOR says so, and a history that is the user's alone",
  () => {
    const { output, coloured, status } = onTerminal([
      ["dynaframe> ", "await glue.createDynamicFrame.fromRows([{ a: 1 }, { a: 'x' }]).count()\r"],
      ["2\r\n", "const twice = (n: number): number => {\r"],
      ["... ", "return n * 2 }\r"],
      ["dynaframe> ", "twice(20) + 1\r"],
      ["41\r\n", "await glue.sql('select nope').rows()\r"],
      ["SQL_FAILED", "'still ' + 'here'\r"],
      ["'still here'", "\u0004"],
    ]);
    expect(output).toContain("41");
    expect(output).toMatch(/DynaframeError[\s\S]*SQL_FAILED/);
    expect(output).toContain("'still here'");
    expect(coloured).toBe(false);
    expect(status).toBe(0);
    const history = join(catalog, "shell-history");
    expect(readFileSync(history, "utf8")).toContain("twice(20) + 1");
    expect(statSync(history).mode & 0o777).toBe(0o600);
  },
  300_000,
);
