/** Workflow runs through the JavaScript SDK: a crawler and a job that really run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateConnectionCommand,
  CreateCrawlerCommand,
  CreateJobCommand,
  CreateTriggerCommand,
  CreateWorkflowCommand,
  GetCrawlerCommand,
  GetTableCommand,
  GetWorkflowRunCommand,
  GetWorkflowRunPropertiesCommand,
  GetWorkflowRunsCommand,
  type GlueClient,
  PutWorkflowRunPropertiesCommand,
  ResumeWorkflowRunCommand,
  StartWorkflowRunCommand,
  StopWorkflowRunCommand,
} from "@aws-sdk/client-glue";
import { DatabaseSync } from "@photostructure/sqlite";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { startGlueServer } from "../../src/server/index.js";
import { post, withServer } from "./sdk-client.js";

const asked: string[] = [];
const connected = withServer({
  secrets: async (id) => {
    asked.push(id);
    return { username: "u", password: "p" };
  },
});
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const folder = mkdtempSync(join(tmpdir(), "dynaframe-workflow-runs-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

beforeAll(() => {
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "a.json"), '{"id":1}\n');
  writeFileSync(join(folder, "good.mjs"), "console.log('done');\n");
  writeFileSync(join(folder, "bad.mjs"), "process.exit(3);\n");
  writeFileSync(join(folder, "slow.mjs"), "setTimeout(() => undefined, 600_000);\n");
});

async function workflow(script: string): Promise<void> {
  await send(
    new CreateCrawlerCommand({
      Name: "lake",
      Role: "r",
      DatabaseName: "shop",
      Targets: { S3Targets: [{ Path: join(folder, "data") }] },
    }),
  );
  await send(
    new CreateJobCommand({
      Name: "etl",
      Role: "r",
      Command: { Name: "glueetl", ScriptLocation: join(folder, script) },
    }),
  );
  await send(
    new CreateWorkflowCommand({
      Name: "nightly",
      DefaultRunProperties: { day: "1", kind: "full" },
      MaxConcurrentRuns: 1,
    }),
  );
  await send(
    new CreateTriggerCommand({
      Name: "start",
      WorkflowName: "nightly",
      Type: "ON_DEMAND",
      Actions: [{ CrawlerName: "lake" }],
    }),
  );
  await send(
    new CreateTriggerCommand({
      Name: "then",
      WorkflowName: "nightly",
      Type: "CONDITIONAL",
      StartOnCreation: true,
      Actions: [{ JobName: "etl" }],
      Predicate: { Conditions: [{ LogicalOperator: "EQUALS", CrawlerName: "lake", CrawlState: "SUCCEEDED" }] },
    }),
  );
}

const get = async (RunId: string | undefined, IncludeGraph = false) =>
  (await send(new GetWorkflowRunCommand({ Name: "nightly", RunId, IncludeGraph }))).Run;

async function ended(RunId: string | undefined) {
  for (const giveUpAt = Date.now() + 100_000; ;) {
    const run = await get(RunId, true);
    if (run?.Status !== "RUNNING" && run?.Status !== "STOPPING") return run;
    if (Date.now() > giveUpAt) throw new Error("the run never ends");
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

it("a run crawls, then runs the job, and tells of both", async () => {
  await workflow("good.mjs");
  const { RunId } = await send(new StartWorkflowRunCommand({ Name: "nightly", RunProperties: { day: "2" } }));
  await send(new PutWorkflowRunPropertiesCommand({ Name: "nightly", RunId, RunProperties: { more: "3" } }));
  expect((await send(new GetWorkflowRunPropertiesCommand({ Name: "nightly", RunId }))).RunProperties).toEqual({
    day: "2",
    kind: "full",
    more: "3",
  });
  const run = await ended(RunId);
  expect(run).toMatchObject({
    Name: "nightly",
    WorkflowRunId: RunId,
    Status: "COMPLETED",
    Statistics: { TotalActions: 2, SucceededActions: 2, FailedActions: 0, RunningActions: 0 },
    CompletedOn: expect.any(Date) as Date,
  });
  expect(run?.Graph?.Nodes?.find((node) => node.Type === "JOB")).toMatchObject({
    Name: "etl",
    UniqueId: "job_etl",
    JobDetails: { JobRuns: [{ JobName: "etl", JobRunState: "SUCCEEDED" }] },
  });
  expect(run?.Graph?.Nodes?.find((node) => node.Type === "CRAWLER")).toMatchObject({
    Name: "lake",
    CrawlerDetails: { Crawls: [{ State: "SUCCEEDED" }] },
  });
  expect(
    (await send(new GetTableCommand({ DatabaseName: "shop", Name: "data" }))).Table?.StorageDescriptor?.Columns,
  ).toEqual([{ Name: "id", Type: "int" }]);
  expect((await send(new GetWorkflowRunsCommand({ Name: "nightly" }))).Runs).toMatchObject([
    { WorkflowRunId: RunId, Status: "COMPLETED" },
  ]);
  await expect(send(new StopWorkflowRunCommand({ Name: "nightly", RunId }))).rejects.toMatchObject({
    name: "IllegalWorkflowStateException",
  });
}, 120_000);

it("a job that fails is counted, and the run is resumed from it", async () => {
  await workflow("bad.mjs");
  const { RunId } = await send(new StartWorkflowRunCommand({ Name: "nightly" }));
  expect(await ended(RunId)).toMatchObject({
    Status: "COMPLETED",
    Statistics: { SucceededActions: 1, FailedActions: 1 },
  });
  await expect(
    send(new ResumeWorkflowRunCommand({ Name: "nightly", RunId, NodeIds: ["trigger_then"] })),
  ).rejects.toMatchObject({ name: "InvalidInputException" });
  const resumed = await send(new ResumeWorkflowRunCommand({ Name: "nightly", RunId, NodeIds: ["job_etl"] }));
  expect(resumed.NodeIds).toEqual(["job_etl"]);
  expect(await ended(resumed.RunId)).toMatchObject({
    PreviousRunId: RunId,
    Status: "COMPLETED",
    Statistics: { SucceededActions: 1, FailedActions: 1 },
  });
}, 120_000);

it("a crawler in a run gets the server's secrets", async () => {
  new DatabaseSync(join(folder, "shop.db")).exec("CREATE TABLE orders (id INTEGER)");
  await send(
    new CreateConnectionCommand({
      ConnectionInput: {
        Name: "db",
        ConnectionType: "JDBC",
        ConnectionProperties: { JDBC_CONNECTION_URL: `jdbc:sqlite:${join(folder, "shop.db")}`, SECRET_ID: "prod/shop" },
      },
    }),
  );
  await send(
    new CreateCrawlerCommand({
      Name: "tables",
      Role: "r",
      DatabaseName: "shop",
      Targets: { JdbcTargets: [{ ConnectionName: "db", Path: "main/%" }] },
    }),
  );
  await send(new CreateWorkflowCommand({ Name: "nightly" }));
  await send(
    new CreateTriggerCommand({
      Name: "start",
      WorkflowName: "nightly",
      Type: "ON_DEMAND",
      Actions: [{ CrawlerName: "tables" }],
    }),
  );
  const { RunId } = await send(new StartWorkflowRunCommand({ Name: "nightly" }));
  const run = await ended(RunId);
  expect((await send(new GetCrawlerCommand({ Name: "tables" }))).Crawler?.LastCrawl).toMatchObject({
    Status: "SUCCEEDED",
  });
  expect(asked).toEqual(["prod/shop"]);
  expect(run).toMatchObject({ Status: "COMPLETED", Statistics: { SucceededActions: 1 } });
}, 120_000);

it("a run is stopped, and no more run at once than may", async () => {
  await workflow("slow.mjs");
  const { RunId } = await send(new StartWorkflowRunCommand({ Name: "nightly" }));
  await expect(send(new StartWorkflowRunCommand({ Name: "nightly" }))).rejects.toMatchObject({
    name: "ConcurrentRunsExceededException",
  });
  await send(new StopWorkflowRunCommand({ Name: "nightly", RunId }));
  expect((await ended(RunId))?.Status).toBe("STOPPED");
}, 120_000);

it("what is not there, or cannot run, is told by name", async () => {
  await expect(send(new StartWorkflowRunCommand({ Name: "none" }))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
  await expect(send(new GetWorkflowRunsCommand({ Name: "none" }))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
  await send(new CreateWorkflowCommand({ Name: "nightly" }));
  await expect(get("wr_none")).rejects.toMatchObject({ name: "EntityNotFoundException" });
  await expect(send(new StartWorkflowRunCommand({ Name: "nightly" }))).rejects.toMatchObject({
    name: "InvalidInputException",
  }); // nothing starts it
  const plain = await startGlueServer({
    open: () => openSqliteCatalog(join(folder, "plain")),
    accountId: "123456789012",
    port: 0,
    insecureNoAuth: true,
  });
  expect(await post(plain.endpoint, "AWSGlue.StartWorkflowRun", '{"Name":"x"}')).toMatchObject({
    status: 400,
    type: "OperationNotSupportedException",
  });
  await plain.close();
});
