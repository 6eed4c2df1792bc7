import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-shell-"));
const catalog = join(folder, "catalog");
beforeAll(buildIfStale, 240_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("-e runs code and prints its value; what the package exports is at hand", async () => {
  expect(
    await cli(["shell", "-e", "await glue.createDynamicFrame.fromRows([{ a: 1 }, { a: 'x' }]).count()"], { catalog }),
  ).toMatchObject({ status: 0, out: "2\n", err: "" });
  expect(await cli(["shell", "--engine", "reference", "-e", "new DateValue(0).toString()"], { catalog })).toMatchObject(
    { status: 0, out: "'1970-01-01'\n" },
  );
});

test("what is thrown is printed, and is status 1", async () => {
  expect(await cli(["shell", "-e", "console.log('before'); throw new Error('bad')"], { catalog })).toMatchObject({
    status: 1,
    out: expect.stringMatching(/^before\nUncaught Error: bad\n/),
  });
  expect((await cli(["shell", "-e", "await glue.sql('select nope').rows()"], { catalog })).out).toMatch(
    /^Uncaught:?\s+DynaframeError: /,
  );
});

test("piped input is one script, with await and names that stay", () => {
  const script =
    "const frame = glue.createDynamicFrame.fromRows([{ a: 1 }, { a: 2 }]);\nconst rows = await frame.records();\nrows.length * 10\n";
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(process.cwd(), "dist", "esm", "cli", "main.js"), "--catalog", catalog, "shell"],
    { input: script, encoding: "utf8" },
  );
  expect([status, stdout]).toEqual([0, "20\n"]);
});
