/** `dynaframe blueprint`: a module in TypeScript that uses this package, registered, run and listed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-blueprint-command-"));
beforeAll(() => {
  buildIfStale();
}, 600_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("create, get, run, runs, delete", async () => {
  writeFileSync(
    join(folder, "load.ts"),
    `import { defineBlueprint, defineWorkflow } from "dynaframe";
export const blueprint = defineBlueprint({
  parameterSpec: { table: { type: "String", description: "what to load" }, hour: { type: "Integer", defaultValue: 2 } },
  layout: ({ table, hour }) => defineWorkflow({ name: \`load-\${table}\`, schedule: \`cron(0 \${hour} * * ? *)\`, nodes: { load: { job: "load", arguments: { "--table": table } } } }),
});
`,
  );
  const run = (...args: string[]) => cli(["--catalog", join(folder, "catalog"), ...args]);
  expect(await run("blueprint", "create", "load", join(folder, "load.ts"))).toMatchObject({
    status: 0,
    out: "created load\n",
  });
  expect((await run("blueprint", "get", "load")).out).toMatch(/table +String +what to load/);
  expect(await run("blueprint", "run", "load", "--parameter", "table=orders", "--parameter", "hour=3")).toMatchObject({
    status: 0,
    out: "made the workflow load-orders\n",
  });
  expect((await run("workflow", "get", "load-orders")).out).toContain("cron(0 3 * * ? *)");
  expect(await run("blueprint", "run", "load", "--parameter", "table=orders")).toMatchObject({
    status: 1,
    out: expect.stringContaining("already exists") as string,
  });
  expect(
    (await run("blueprint", "run", "load", "--parameter", "table=orders", "--parameter", "hour=three")).err,
  ).toContain("hour is of type Integer");
  expect((await run("blueprint", "runs", "load")).out).toMatch(/FAILED[\s\S]*SUCCEEDED +load-orders/);
  expect((await run("blueprint", "list", "--json")).out).toContain('"name": "load"');
  expect(await run("blueprint", "delete", "load")).toMatchObject({ status: 0, out: "deleted load\n" });
}, 300_000);
