/**
 * Blueprints: code is tried when it comes, parameters are checked, a run makes all or nothing, and the code sees and
 * hangs nothing of the caller's.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchGetBlueprintsCommand,
  CreateBlueprintCommand,
  DeleteBlueprintCommand,
  GetBlueprintCommand,
  GetBlueprintRunCommand,
  GetBlueprintRunsCommand,
  GetWorkflowCommand,
  type GlueClient,
  ListBlueprintsCommand,
  StartBlueprintRunCommand,
  UpdateBlueprintCommand,
} from "@aws-sdk/client-glue";
import { GlueContext } from "../../src/open.js";
import { defineBlueprint } from "../../src/workflow/blueprint/define-blueprint.js";
import { defineWorkflow } from "../../src/workflow/define-workflow.js";
import { parameterFromText, runParameters } from "../../src/workflow/blueprint/parameters.js";
import { allDefinitions } from "../../src/catalog/definitions/definition.js";
import { getWorkflow, triggersOf } from "../../src/workflow/store/workflow-store.js";
import { type S3Server, startS3rver } from "../storage/s3-servers.js";
import { withServer } from "../server/sdk-client.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-blueprints-"));
let glue: GlueContext;
beforeEach(async () => {
  glue = await GlueContext.open({ catalog: mkdtempSync(join(folder, "catalog-")) });
});
afterEach(async () => {
  await glue.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;
function file(text: string, extension = "mjs"): string {
  const path = join(folder, `blueprint-${(files += 1)}.${extension}`);
  writeFileSync(path, text);
  return path;
}

/** What defineWorkflow gives, written out: the code here needs nothing of this package. */
const LOAD = `export const blueprint = {
  parameterSpec: { table: { type: "String" }, hour: { type: "Integer", defaultValue: 2 } },
  layout: async ({ table, hour }) => ({
    workflow: { workflow: { Name: "load-" + table }, triggers: [{ Name: "load-" + table + "-start", WorkflowName: "load-" + table, Type: "SCHEDULED", Schedule: "cron(0 " + hour + " * * ? *)", Actions: [{ JobName: "load-" + table }, { CrawlerName: "raw-" + table }] }] },
    jobs: { ["load-" + table]: { Command: { Name: "glueetl", ScriptLocation: "/jobs/load.ts" }, DefaultArguments: { "--table": table } } },
    crawlers: { ["raw-" + table]: { DatabaseName: "raw", Targets: { S3Targets: [{ Path: "/data/" + table }] } } },
  }),
};`;

test("a run makes the workflow, its triggers, jobs and crawlers, and is remembered", async () => {
  const blueprints = await glue.blueprints();
  const location = file(LOAD);
  await blueprints.create({ name: "load", location, description: "loads" });
  rmSync(location); // what was registered is what runs
  expect(await blueprints.list()).toEqual([
    {
      name: "load",
      location,
      description: "loads",
      parameterSpec: { table: { type: "String" }, hour: { type: "Integer", defaultValue: 2 } },
    },
  ]);
  const run = await blueprints.run("load", { table: "orders" });
  expect(run).toMatchObject({ State: "SUCCEEDED", WorkflowName: "load-orders", Parameters: '{"table":"orders"}' });
  expect(await getWorkflow(glue.catalog, "load-orders")).toEqual({
    Name: "load-orders",
    BlueprintDetails: { BlueprintName: "load", RunId: run.RunId },
  });
  expect(await triggersOf(glue.catalog, "load-orders")).toMatchObject([
    { State: "ACTIVATED", Schedule: "cron(0 2 * * ? *)" },
  ]);
  expect((await (await glue.crawlers()).get("raw-orders")).Targets).toEqual({ S3Targets: [{ Path: "/data/orders" }] });
  expect(
    (await allDefinitions<object>(glue.catalog, { kind: "job" })).map(({ name, doc }) => [name, doc]),
  ).toMatchObject([["load-orders", { settings: { DefaultArguments: { "--table": "orders" } } }]]);

  // the same once more: everything is there already, nothing changes
  const again = await blueprints.run("load", { table: "orders", hour: 3 });
  expect(again).toMatchObject({ State: "FAILED", ErrorMessage: expect.stringContaining("already exists") as string });
  expect(await triggersOf(glue.catalog, "load-orders")).toMatchObject([{ Schedule: "cron(0 2 * * ? *)" }]);
  expect((await blueprints.runs("load")).map(({ State }) => State)).toEqual(["FAILED", "SUCCEEDED"]);
  await blueprints.delete("load");
  await expect(blueprints.runs("load")).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
  expect((await getWorkflow(glue.catalog, "load-orders")).Name).toBe("load-orders");
});

test("TypeScript, with files beside it", async () => {
  mkdirSync(join(folder, "ts"), { recursive: true });
  writeFileSync(join(folder, "ts", "names.ts"), "export const nameOf = (table: string): string => `load-${table}`;\n");
  writeFileSync(
    join(folder, "ts", "load.ts"),
    `import { nameOf } from "./names.js";
interface P { readonly table: string }
export const blueprint = { parameterSpec: { table: { type: "String" } }, layout: ({ table }: P) => ({ workflow: { Name: nameOf(table) }, triggers: [{ Name: "start", WorkflowName: nameOf(table), Type: "ON_DEMAND", Actions: [{ JobName: "j" }] }] }) };\n`,
  );
  const blueprints = await glue.blueprints();
  await blueprints.create({ name: "load", location: join(folder, "ts", "load.ts") });
  expect(await blueprints.run("load", { table: "t" })).toMatchObject({ State: "SUCCEEDED", WorkflowName: "load-t" });
});

test.each([
  ["export const x = 1;", /exports no blueprint/],
  ["export const blueprint = { layout() {}, parameterSpec: { a: { type: 'Text' } } };", /parameter a has no type/],
  ["throw new Error('at once');", /at once/],
  ["nonsense (", /Unexpected/],
  ["process.exit(3); export const blueprint = {};", /ended without a layout/],
  ["import 'no-such-package'; export const blueprint = {};", /no-such-package/],
])("code that is none is refused when it comes: %s", async (code, message) => {
  const blueprints = await glue.blueprints();
  const refused = blueprints.create({ name: "bad", location: file(code) });
  await expect(refused).rejects.toMatchObject({
    code: "BAD_BLUEPRINT",
    name: "InvalidInputException",
    message: expect.stringMatching(message) as string,
  });
  expect(await blueprints.list()).toEqual([]);
});

test.each([
  ["layout: () => undefined", /gave no workflow/],
  ["layout: () => ({ workflow: { Name: 'w' }, triggers: [] })", /BAD|no trigger|start/i],
  ["layout: () => { throw new Error('not today'); }", /not today/],
  [
    "layout: () => ({ workflow: { workflow: { Name: 'w' }, triggers: [{ Name: 't', WorkflowName: 'other', Type: 'ON_DEMAND', Actions: [{ JobName: 'j' }] }] } })",
    /none of its workflow/,
  ],
  [
    "layout: () => ({ workflow: { workflow: { Name: 'w' }, triggers: [{ Name: 't', WorkflowName: 'w', Type: 'ON_DEMAND', Actions: [{ JobName: 'j' }] }] }, jobs: { j: {} } })",
    /Command/,
  ],
  [
    "layout: () => ({ workflow: { workflow: { Name: 'w' }, triggers: [{ Name: 't', WorkflowName: 'w', Type: 'ON_DEMAND', Actions: [{ JobName: 'j' }] }] }, crawlers: { c: {} } })",
    /Targets/,
  ],
])("a layout that cannot be makes nothing: %s", async (layout, message) => {
  const blueprints = await glue.blueprints();
  await blueprints.create({ name: "b", location: file(`export default { ${layout} };`, "js") });
  expect(await blueprints.run("b")).toMatchObject({
    State: "FAILED",
    ErrorMessage: expect.stringMatching(message) as string,
  });
  for (const kind of ["workflow", "trigger", "job", "crawler"])
    expect(await allDefinitions(glue.catalog, { kind })).toEqual([]);
});

test("the code sees no key and no credential of the caller, and its printing goes nowhere", async () => {
  process.env["DYNAFRAME_KEY"] = "SECRET";
  try {
    const blueprints = await glue.blueprints();
    await blueprints.create({
      name: "b",
      location: file(
        "console.log('noise'); export default { layout: () => { throw new Error(Object.keys(process.env).sort().join()); } };",
      ),
    });
    expect((await blueprints.run("b")).ErrorMessage).not.toMatch(/DYNAFRAME|AWS|SECRET/);
  } finally {
    delete process.env["DYNAFRAME_KEY"];
  }
});

test("parameters are of their types, and none is invented or missing", () => {
  const spec = defineBlueprint({
    parameterSpec: {
      name: { type: "String" },
      count: { type: "Integer", defaultValue: 1 },
      share: { type: "Double", defaultValue: 0.5 },
      full: { type: "Boolean", defaultValue: false },
      since: { type: "Date", defaultValue: "2024-02-29" },
      at: { type: "S3Uri", defaultValue: "s3://b/p" },
      role: { type: "IAMRoleArn", defaultValue: "arn:aws:iam::123456789012:role/r" },
      days: { type: "String", collection: true, defaultValue: ["MON"], enum: ["MON", "TUE"] },
    },
    layout: ({ name, count, days }) => {
      const text: string = name;
      const n: number = count;
      const all: readonly string[] = days;
      return defineWorkflow({ name: `${text}${n}${all.length}`, nodes: { a: { job: "a" } } });
    },
  }).parameterSpec;
  expect(runParameters(spec, { name: "n" })).toEqual({
    name: "n",
    count: 1,
    share: 0.5,
    full: false,
    since: "2024-02-29",
    at: "s3://b/p",
    role: "arn:aws:iam::123456789012:role/r",
    days: ["MON"],
  });
  for (const wrong of [
    {},
    { name: 1 },
    { name: "n", count: 1.5 },
    { name: "n", share: "1" },
    { name: "n", full: "true" },
    { name: "n", since: "2023-02-29" },
    { name: "n", since: "2024-13-01" },
    { name: "n", at: "/p" },
    { name: "n", role: "r" },
    { name: "n", days: "MON" },
    { name: "n", days: ["SUN"] },
    { name: "n", other: 1 },
    { name: "n", toString: 1 },
    [],
    "x",
    null,
  ]) {
    expect(() => runParameters(spec, wrong)).toThrow(
      expect.objectContaining({ code: "BAD_PARAMETERS", name: "InvalidInputException" }) as Error,
    );
  }
  expect([
    parameterFromText(spec, "name", "1"),
    parameterFromText(spec, "count", "1"),
    parameterFromText(spec, "full", "true"),
    parameterFromText(spec, "days", '["MON"]'),
    parameterFromText(spec, "count", "x"),
  ]).toEqual(["1", 1, true, ["MON"], "x"]);
  expect(() => defineBlueprint({ parameterSpec: { "a b": { type: "String" } }, layout: () => ({}) as never })).toThrow(
    expect.objectContaining({ code: "BAD_BLUEPRINT" }) as Error,
  );
});

describe("over the API", () => {
  let s3: S3Server;
  const before = { ...process.env };
  beforeAll(async () => {
    s3 = await startS3rver();
    const { endpoint = "", accessKeyId = "", secretAccessKey = "" } = s3.settings;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: "us-east-1",
    });
    await s3.createBucket("code");
    await s3.put("code", "load.mjs", LOAD);
  });
  afterAll(() => {
    s3.stop();
    process.env = before;
  });
  const connected = withServer();
  const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
  const RoleArn = "arn:aws:iam::123456789012:role/r";

  it("a blueprint at s3:// is made, listed, run and deleted", async () => {
    await send(
      new CreateBlueprintCommand({ Name: "load", BlueprintLocation: "s3://code/load.mjs", Tags: { team: "a" } }),
    );
    expect((await send(new GetBlueprintCommand({ Name: "load", IncludeParameterSpec: true }))).Blueprint).toMatchObject(
      {
        Name: "load",
        Status: "ACTIVE",
        BlueprintLocation: "s3://code/load.mjs",
        ParameterSpec: '{"table":{"type":"String"},"hour":{"type":"Integer","defaultValue":2}}',
      },
    );
    expect(await send(new BatchGetBlueprintsCommand({ Names: ["load", "none"] }))).toMatchObject({
      Blueprints: [{ Name: "load" }],
      MissingBlueprints: ["none"],
    });
    expect((await send(new ListBlueprintsCommand({ Tags: { team: "a" } }))).Blueprints).toEqual(["load"]);
    await send(
      new UpdateBlueprintCommand({ Name: "load", BlueprintLocation: "s3://code/load.mjs", Description: "new" }),
    );
    await expect(
      send(new StartBlueprintRunCommand({ BlueprintName: "load", RoleArn, Parameters: "{}" })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    const { RunId } = await send(
      new StartBlueprintRunCommand({ BlueprintName: "load", RoleArn, Parameters: '{"table":"orders"}' }),
    );
    const get = async () => (await send(new GetBlueprintRunCommand({ BlueprintName: "load", RunId }))).BlueprintRun;
    while ((await get())?.State === "RUNNING")
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    expect(await get()).toMatchObject({
      BlueprintName: "load",
      RunId,
      State: "SUCCEEDED",
      WorkflowName: "load-orders",
      RoleArn,
      StartedOn: expect.any(Date) as Date,
      CompletedOn: expect.any(Date) as Date,
    });
    expect((await send(new GetBlueprintRunsCommand({ BlueprintName: "load" }))).BlueprintRuns).toMatchObject([
      { RunId },
    ]);
    expect((await send(new GetWorkflowCommand({ Name: "load-orders", IncludeGraph: true }))).Workflow).toMatchObject({
      BlueprintDetails: { BlueprintName: "load", RunId },
      Graph: {
        Nodes: expect.arrayContaining([expect.objectContaining({ Type: "JOB", Name: "load-orders" })]) as unknown[],
      },
    });
    await send(new DeleteBlueprintCommand({ Name: "load" }));
    await expect(send(new GetBlueprintCommand({ Name: "load" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
    });
  });

  it("a location that cannot be read is told by name", async () => {
    await expect(
      send(new CreateBlueprintCommand({ Name: "b", BlueprintLocation: "/not/s3.mjs" })),
    ).rejects.toMatchObject({ name: "ValidationException" });
    await expect(
      send(new CreateBlueprintCommand({ Name: "b", BlueprintLocation: "s3://code/load.zip" })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    await expect(
      send(new CreateBlueprintCommand({ Name: "b", BlueprintLocation: "s3://code/none.mjs" })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
  });
});
