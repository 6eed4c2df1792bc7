/**
 * The whole story of a lake that runs by itself, with the commands a user has: crawl, a workflow of two jobs and a
 * crawler, new files, a broken file that is quarantined, repaired and replayed; history, figures, cost and lineage.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateCrawlerCommand, GetJobRunCommand, GetJobRunsCommand, StartJobRunCommand } from "@aws-sdk/client-glue";
import { openServer } from "../../src/server/open-server.js";
import { clientOf } from "../server/sdk-client.js";
import { buildIfStale, cli } from "../cli/cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "job-story-"));
const catalog = join(folder, "lake");
const at = (...path: string[]): string => join(folder, ...path);
beforeAll(buildIfStale, 600_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Cleans raw orders into Parquet that is a table of its own. */
const CLEAN = `
import { GlueContext, Job, getResolvedOptions } from "dynaframe";
const args = getResolvedOptions(process.argv, ["JOB_NAME", "target"]);
const glue = await GlueContext.open();
const job = await Job.init(glue, args.JOB_NAME!, args);
const orders = glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "orders", transformationCtx: "orders" })
  .resolveChoice({ specs: [["price", "cast:double"]] })
  .filter((order) => order["status"] !== "test");
await glue.writeDynamicFrame.fromOptions({ frame: orders, connectionType: "file", connectionOptions: { path: args.target! }, format: "json" });
await job.commit();
await glue.close();
`;
/** Copies what the crawler found of the clean orders. */
const LOAD = CLEAN.replace(
  'tableName: "orders", transformationCtx: "orders"',
  'tableName: "clean", transformationCtx: "clean"',
).replace(/\n {2}\.resolveChoice[^\n]*\n {2}\.filter[^\n]*;/, ";");
const WORKFLOW = `
import { defineWorkflow } from "dynaframe";
export const workflow = defineWorkflow({
  name: "nightly", schedule: "cron(0 2 * * ? *)", properties: { owner: "shop" },
  nodes: { clean: { job: "clean" }, catalogue: { crawler: "clean", after: ["clean"] }, load: { job: "load", after: ["catalogue"] } },
});
`;

const run = async (...args: string[]): Promise<string> => {
  const { status, out, err } = await cli(args, {
    catalog,
    env: { DYNAFRAME_DPU_HOUR_RATE: "2", DYNAFRAME_OPENLINEAGE: at("lineage.jsonl") },
  });
  if (status !== 0) throw new Error(`${args.join(" ")}: status ${status ?? "none"}\n${out}${err}`);
  return out;
};
const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await run(...args, "--json")) as T;
type JobRunOut = {
  Id: string;
  JobRunState: string;
  DPUSeconds: number;
  StartedOn: number;
  CompletedOn: number;
  Cost: { dpuHours: number; cost: number };
  Metrics: Record<string, number>;
  Arguments: Record<string, string>;
  PredecessorRuns?: object[];
};
type WorkflowRunOut = {
  WorkflowRunId: string;
  Status: string;
  nodes: Record<string, { state: string }>;
  jobRuns: Record<string, string>;
};
const recordsOf = (path: string): { id: number; price: number }[] =>
  (readdirSync(at(path), { recursive: true }) as string[])
    .map((name) => at(path, name))
    .filter((file) => statSync(file).isFile())
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { id: number; price: number }),
    )
    .sort((a, b) => a.id - b.id);

test("crawl → workflow with two jobs and a crawler → new files → a broken file, quarantined, repaired, replayed → history, cost and lineage", async () => {
  mkdirSync(at("raw", "orders"), { recursive: true });
  writeFileSync(
    at("raw", "orders", "1.json"),
    '{"id":1,"price":10,"status":"paid"}\n{"id":2,"price":"20.5","status":"paid"}\n{"id":3,"price":0,"status":"test"}\n',
  );
  await run("crawl", at("raw", "orders"), "--database", "shop");
  for (const [name, text] of [
    ["clean.ts", CLEAN],
    ["load.ts", LOAD],
    ["nightly.ts", WORKFLOW],
  ] as const)
    writeFileSync(at(name), text);
  for (const job of ["clean", "load"])
    await run(
      "job",
      "create",
      job,
      "--script",
      at(`${job}.ts`),
      "--arg",
      `target=${at(job === "clean" ? "clean" : "loaded")}`,
      "--bookmark",
      "enable",
      "--worker-type",
      "G.1X",
      "--workers",
      "3",
    );
  const server = await openServer({
    catalog,
    port: 0,
    insecureNoAuth: true,
    packageEntry: join(process.cwd(), "dist", "esm", "index.js"),
  });
  const glue = clientOf({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any-secret" },
  });
  await glue.send(
    new CreateCrawlerCommand({
      Name: "clean",
      Role: "r",
      DatabaseName: "shop",
      Targets: { S3Targets: [{ Path: at("clean") }] },
    }),
  );
  await run("workflow", "create", at("nightly.ts"));

  // the first run: everything that is there
  const first = await json<WorkflowRunOut>("workflow", "start", "nightly");
  expect([
    first.Status,
    Object.fromEntries(Object.entries(first.nodes).map(([node, { state }]) => [node, state])),
  ]).toEqual(["COMPLETED", { "job:clean": "SUCCEEDED", "crawler:clean": "SUCCEEDED", "job:load": "SUCCEEDED" }]);
  expect(recordsOf("loaded")).toMatchObject([
    { id: 1, price: 10 },
    { id: 2, price: 20.5 },
  ]);
  const [load] = await json<JobRunOut[]>("job", "runs", "load");
  expect(load).toMatchObject({
    Id: first.jobRuns["job:load"],
    Metrics: { read: 2, written: 2 },
    Arguments: { "--WORKFLOW_NAME": "nightly", "--WORKFLOW_RUN_ID": first.WorkflowRunId },
  });

  // new files: the second run handles only those, of which one is broken
  writeFileSync(at("raw", "orders", "2.json"), '{"id":4,"price":40,"status":"paid"}\n');
  writeFileSync(at("raw", "orders", "3.json"), '{"id":5,"price":50,"status":"paid"}\n{"id":6,"price":\n');
  await run("crawl", at("raw", "orders"), "--database", "shop");
  const second = await json<WorkflowRunOut>("workflow", "start", "nightly");
  expect(second.Status).toBe("COMPLETED");
  expect((await json<JobRunOut[]>("job", "runs", "clean"))[0]?.Metrics).toMatchObject({
    read: 3,
    written: 2,
    quarantined: 1,
    filtered: 0,
    dropped: 0,
    filesRead: 2,
  });
  expect((await json<JobRunOut[]>("job", "runs", "load"))[0]?.Metrics).toMatchObject({ read: 2, written: 2 });
  expect(recordsOf("loaded").map(({ id }) => id)).toEqual([1, 2, 4, 5]);

  // the broken record is repaired in its file and replayed alone
  expect(await json("quarantine", "show", "clean")).toMatchObject([
    { file: at("raw", "orders", "3.json"), offset: 36, step: "orders" },
  ]);
  writeFileSync(
    at("raw", "orders", "3.json"),
    '{"id":5,"price":50,"status":"paid"}\n{"id":6,"price":60,"status":"paid"}\n',
  );
  expect(await run("quarantine", "replay", "clean")).toContain(
    "read 1 = written 1 + quarantined 0 + filtered 0 + dropped 0",
  );
  expect(await json("quarantine", "list")).toEqual([]);
  const third = await json<WorkflowRunOut>("workflow", "start", "nightly");
  expect((await json<JobRunOut[]>("job", "runs", "clean"))[0]?.Metrics).toMatchObject({ read: 0, written: 0 });
  expect(recordsOf("loaded")).toMatchObject([1, 2, 4, 5, 6].map((id) => ({ id })));

  // history and cost
  expect(
    (await json<WorkflowRunOut[]>("workflow", "runs", "nightly")).map(({ WorkflowRunId, Status }) => [
      WorkflowRunId,
      Status,
    ]),
  ).toEqual([third, second, first].map(({ WorkflowRunId }) => [WorkflowRunId, "COMPLETED"]));
  expect(await run("workflow", "graph", "nightly")).toContain(
    "job load       SUCCEEDED  after crawler clean SUCCEEDED",
  );
  expect(await run("workflow", "graph", "nightly", "--mermaid")).toContain('n2["job load<br/>SUCCEEDED"]:::SUCCEEDED');
  const runs = [
    ...(await json<JobRunOut[]>("job", "runs", "clean")),
    ...(await json<JobRunOut[]>("job", "runs", "load")),
  ];
  expect(runs).toHaveLength(7); // three of the workflow each, and the replay
  for (const each of runs) {
    const seconds = each.CompletedOn - each.StartedOn;
    expect(each).toMatchObject({
      JobRunState: "SUCCEEDED",
      DPUSeconds: 3 * seconds,
      Cost: { rate: 2, dpuHours: (3 * seconds) / 3600, cost: ((3 * seconds) / 3600) * 2 },
    });
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
  expect([...flows]).toEqual([`shop.orders → clean → ${at("clean")}`, `shop.clean → load → ${at("loaded")}`]);
  expect(events).toHaveLength(14);

  const { JobRuns } = await glue.send(new GetJobRunsCommand({ JobName: "load" })); // the same over the API
  expect(JobRuns?.map(({ Id }) => Id)).toEqual((await json<JobRunOut[]>("job", "runs", "load")).map(({ Id }) => Id));
  const { JobRunId: RunId } = await glue.send(new StartJobRunCommand({ JobName: "clean" }));
  for (;;) {
    const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: "clean", RunId }));
    if (JobRun?.CompletedOn === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    expect(JobRun).toMatchObject({ JobRunState: "SUCCEEDED", Attempt: 0 });
    break;
  }
  expect((await json<JobRunOut[]>("job", "runs", "clean"))[0]).toMatchObject({
    Id: RunId,
    Metrics: { read: 0, commits: 1 },
  }); // everything was read before
  glue.destroy();
  await server.close();
}, 600_000);
