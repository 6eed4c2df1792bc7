/**
 * The same story as job-story.test.ts, told by the JavaScript SDK against the server: crawl, a workflow of two jobs and
 * a crawler, new files, a broken one that is quarantined, repaired and replayed; history, cost and lineage. Only the
 * quarantine, which the API does not know, goes by the command.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateJobCommand,
  CreateTriggerCommand,
  CreateWorkflowCommand,
  GetCrawlerCommand,
  GetJobBookmarkCommand,
  GetJobRunsCommand,
  GetTableCommand,
  GetWorkflowRunCommand,
  GetWorkflowRunsCommand,
  type GlueClient,
  type JobRun,
  StartCrawlerCommand,
  StartWorkflowRunCommand,
  type WorkflowRun,
} from "@aws-sdk/client-glue";
import { openServer } from "../../src/server/open-server.js";
import type { GlueServer } from "../../src/server/server-options.js";
import { buildIfStale, cli } from "../cli/cli-process.js";
import { clientOf } from "../server/sdk-client.js";

const folder = mkdtempSync(join(tmpdir(), "api-story-"));
const at = (...path: string[]): string => join(folder, ...path);
const LINEAGE = "DYNAFRAME_OPENLINEAGE";
let server: GlueServer;
let glue: GlueClient;
beforeAll(async () => {
  buildIfStale();
  process.env[LINEAGE] = at("lineage.jsonl");
  server = await openServer({
    catalog: at("lake"),
    port: 0,
    insecureNoAuth: true,
    packageEntry: join(process.cwd(), "dist", "esm", "index.js"),
  });
  glue = clientOf({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any-secret" },
  });
}, 900_000);
afterAll(async () => {
  glue.destroy();
  await server.close();
  Reflect.deleteProperty(process.env, LINEAGE);
  rmSync(folder, { recursive: true, force: true });
});

const script = (table: string): string => `
import { GlueContext, Job, getResolvedOptions } from "dynaframe";
const args = getResolvedOptions(process.argv, ["JOB_NAME", "target"]);
const glue = await GlueContext.open();
const job = await Job.init(glue, args.JOB_NAME, args);
const frame = glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "${table}", transformationCtx: "${table}" })
  .resolveChoice({ specs: [["price", "cast:double"]] }).filter((order) => order["status"] !== "test");
await glue.writeDynamicFrame.fromOptions({ frame, connectionType: "file", connectionOptions: { path: args.target }, format: "json" });
await job.commit();
await glue.close();
`;

async function until<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}
async function crawl(Name: string): Promise<void> {
  await glue.send(new StartCrawlerCommand({ Name }));
  const { Crawler } = await until(
    () => glue.send(new GetCrawlerCommand({ Name })),
    ({ Crawler: now }) => now?.State === "READY",
  );
  expect(Crawler?.LastCrawl?.Status).toBe("SUCCEEDED");
}
async function runWorkflow(): Promise<WorkflowRun> {
  const { RunId } = await glue.send(new StartWorkflowRunCommand({ Name: "nightly" }));
  const { Run } = await until(
    () => glue.send(new GetWorkflowRunCommand({ Name: "nightly", RunId, IncludeGraph: true })),
    ({ Run: now }) => now?.Status !== "RUNNING",
  );
  return Run ?? {};
}
const runsOf = async (JobName: string): Promise<readonly JobRun[]> =>
  (await glue.send(new GetJobRunsCommand({ JobName }))).JobRuns ?? [];
const idsIn = (path: string): number[] =>
  (readdirSync(at(path), { recursive: true }) as string[])
    .map((name) => at(path, name))
    .filter((file) => statSync(file).isFile())
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { id: number }).id),
    )
    .sort((a, b) => a - b);

test("crawl → workflow → new files → a broken file, quarantined, repaired, replayed → history, cost and lineage, through the SDK", async () => {
  mkdirSync(at("raw", "orders"), { recursive: true });
  writeFileSync(
    at("raw", "orders", "1.json"),
    '{"id":1,"price":10,"status":"paid"}\n{"id":2,"price":"20.5","status":"paid"}\n{"id":3,"price":0,"status":"test"}\n',
  );
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
  for (const [Name, Path] of [
    ["raw", at("raw", "orders")],
    ["clean", at("clean")],
  ] as const)
    await glue.send(
      new CreateCrawlerCommand({ Name, Role: "r", DatabaseName: "shop", Targets: { S3Targets: [{ Path }] } }),
    );
  await crawl("raw");
  expect(
    (
      await glue.send(new GetTableCommand({ DatabaseName: "shop", Name: "orders" }))
    ).Table?.StorageDescriptor?.Columns?.map(({ Name }) => Name),
  ).toEqual(["id", "price", "status"]);
  for (const [Name, table, target] of [
    ["clean", "orders", at("clean")],
    ["load", "clean", at("loaded")],
  ] as const) {
    writeFileSync(at(`${Name}.mjs`), script(table));
    await glue.send(
      new CreateJobCommand({
        Name,
        Role: "r",
        Command: { Name: "glueetl", ScriptLocation: at(`${Name}.mjs`) },
        DefaultArguments: { "--target": target, "--job-bookmark-option": "job-bookmark-enable" },
        WorkerType: "G.1X",
        NumberOfWorkers: 3,
      }),
    );
  }
  await glue.send(new CreateWorkflowCommand({ Name: "nightly" }));
  await glue.send(
    new CreateTriggerCommand({
      Name: "start",
      WorkflowName: "nightly",
      Type: "ON_DEMAND",
      Actions: [{ JobName: "clean" }],
    }),
  );
  await glue.send(
    new CreateTriggerCommand({
      Name: "cleaned",
      WorkflowName: "nightly",
      Type: "CONDITIONAL",
      StartOnCreation: true,
      Actions: [{ CrawlerName: "clean" }],
      Predicate: { Conditions: [{ LogicalOperator: "EQUALS", JobName: "clean", State: "SUCCEEDED" }] },
    }),
  );
  await glue.send(
    new CreateTriggerCommand({
      Name: "crawled",
      WorkflowName: "nightly",
      Type: "CONDITIONAL",
      StartOnCreation: true,
      Actions: [{ JobName: "load" }],
      Predicate: { Conditions: [{ LogicalOperator: "EQUALS", CrawlerName: "clean", CrawlState: "SUCCEEDED" }] },
    }),
  );

  // the first run: everything that is there
  const first = await runWorkflow();
  expect(first).toMatchObject({
    Status: "COMPLETED",
    Statistics: { TotalActions: 3, SucceededActions: 3, FailedActions: 0 },
  });
  expect(
    first.Graph?.Nodes?.filter(({ Type }) => Type !== "TRIGGER")
      .map(({ Type, Name }) => `${Type} ${Name}`)
      .sort(),
  ).toEqual(["CRAWLER clean", "JOB clean", "JOB load"]);
  expect(idsIn("loaded")).toEqual([1, 2]);

  // new files: the second run handles only those, of which one is broken
  writeFileSync(at("raw", "orders", "2.json"), '{"id":4,"price":40,"status":"paid"}\n');
  writeFileSync(at("raw", "orders", "3.json"), '{"id":5,"price":50,"status":"paid"}\n{"id":6,"price":\n');
  await crawl("raw");
  const second = await runWorkflow();
  expect(second.Status).toBe("COMPLETED");
  expect(idsIn("loaded")).toEqual([1, 2, 4, 5]);
  expect((await glue.send(new GetJobBookmarkCommand({ JobName: "clean" }))).JobBookmarkEntry).toMatchObject({
    JobName: "clean",
    Run: 2,
    JobBookmark: JSON.stringify({ orders: { files: 3 } }),
  });

  // the broken record is repaired in its file and replayed alone
  const quarantine = async (...args: string[]): Promise<string> => {
    const { status, out, err } = await cli(["quarantine", ...args], { catalog: at("lake") });
    expect([status, err]).toEqual([0, ""]);
    return out;
  };
  expect(JSON.parse(await quarantine("show", "clean", "--json"))).toMatchObject([
    { file: at("raw", "orders", "3.json"), offset: 36, step: "orders" },
  ]);
  writeFileSync(
    at("raw", "orders", "3.json"),
    '{"id":5,"price":50,"status":"paid"}\n{"id":6,"price":60,"status":"paid"}\n',
  );
  expect(await quarantine("replay", "clean")).toContain("read 1 = written 1 + quarantined 0 + filtered 0 + dropped 0");
  const third = await runWorkflow();
  expect(idsIn("loaded")).toEqual([1, 2, 4, 5, 6]);

  // history, cost and lineage
  const { Runs } = await glue.send(new GetWorkflowRunsCommand({ Name: "nightly" }));
  expect(Runs?.map(({ WorkflowRunId, Status }) => [WorkflowRunId, Status])).toEqual(
    [third, second, first].map(({ WorkflowRunId }) => [WorkflowRunId, "COMPLETED"]),
  );
  const [cleaned, loaded] = [await runsOf("clean"), await runsOf("load")];
  expect([cleaned.length, loaded.length]).toEqual([4, 3]); // three of the workflow each, and the replay
  for (const { JobRunState, DPUSeconds, StartedOn, CompletedOn } of [...cleaned, ...loaded]) {
    expect(JobRunState).toBe("SUCCEEDED");
    expect(DPUSeconds).toBeCloseTo((3 * (CompletedOn!.getTime() - StartedOn!.getTime())) / 1000, 1);
  }
  const events = readFileSync(at("lineage.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map(
      (line) =>
        JSON.parse(line) as {
          eventType: string;
          job: { name: string };
          inputs: { name: string }[];
          outputs: { name: string }[];
        },
    );
  const flows = new Set(
    events
      .filter(({ eventType }) => eventType === "COMPLETE")
      .map(
        ({ job, inputs, outputs }) =>
          `${inputs.map(({ name }) => name).join()} → ${job.name} → ${outputs.map(({ name }) => name).join()}`,
      ),
  );
  expect([...flows].sort()).toEqual([`shop.clean → load → ${at("loaded")}`, `shop.orders → clean → ${at("clean")}`]);
}, 900_000);
