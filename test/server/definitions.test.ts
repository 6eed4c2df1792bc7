/**
 * Crawlers that really crawl, jobs and their runs, triggers, workflows, functions, statistics and policies, through the
 * JavaScript SDK.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchGetCrawlersCommand,
  BatchGetJobsCommand,
  BatchStopJobRunCommand,
  CreateClassifierCommand,
  CreateConnectionCommand,
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateJobCommand,
  CreateSecurityConfigurationCommand,
  CreateTableCommand,
  CreateTriggerCommand,
  CreateUserDefinedFunctionCommand,
  CreateWorkflowCommand,
  DeleteColumnStatisticsForTableCommand,
  DeleteConnectionCommand,
  DeleteCrawlerCommand,
  DeleteDatabaseCommand,
  DeleteJobCommand,
  DeleteResourcePolicyCommand,
  DeleteTableCommand,
  GetClassifierCommand,
  GetColumnStatisticsForTableCommand,
  GetConnectionCommand,
  GetConnectionsCommand,
  GetCrawlerCommand,
  GetCrawlerMetricsCommand,
  GetJobBookmarkCommand,
  GetJobCommand,
  GetJobRunCommand,
  GetJobRunsCommand,
  GetResourcePolicyCommand,
  GetSecurityConfigurationCommand,
  GetTableCommand,
  GetTriggerCommand,
  GetUserDefinedFunctionCommand,
  GetUserDefinedFunctionsCommand,
  GetWorkflowCommand,
  type GlueClient,
  ListCrawlersCommand,
  ListCrawlsCommand,
  ListJobsCommand,
  PutResourcePolicyCommand,
  ResetJobBookmarkCommand,
  StartCrawlerCommand,
  StartCrawlerScheduleCommand,
  StartJobRunCommand,
  StartTriggerCommand,
  StopCrawlerCommand,
  UpdateClassifierCommand,
  UpdateColumnStatisticsForTableCommand,
  UpdateCrawlerCommand,
  UpdateCrawlerScheduleCommand,
  UpdateJobCommand,
  UpdateTriggerCommand,
} from "@aws-sdk/client-glue";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { type GlueServer, startGlueServer } from "../../src/server/index.js";
import type { JobRequest } from "../../src/job/run/run-job.js";
import { clientOf, withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const folder = mkdtempSync(join(tmpdir(), "dynaframe-definitions-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Asks until the answer is as wanted. */
async function until<T>(ask: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    if (Date.now() > giveUpAt) throw new Error(`never as wanted: ${JSON.stringify(value)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
  }
}

describe("crawlers", () => {
  const data = join(folder, "data");
  beforeAll(() => {
    mkdirSync(join(data, "orders"), { recursive: true });
    writeFileSync(join(data, "orders", "a.json"), '{"id":1,"price":2.5}\n{"id":"x"}\n');
  });
  const crawler = {
    Name: "lake",
    Role: "r",
    DatabaseName: "shop",
    Targets: { S3Targets: [{ Path: join(data, "orders") }] },
    TablePrefix: "raw_",
  };
  const state = () => send(new GetCrawlerCommand({ Name: "lake" })).then(({ Crawler }) => Crawler);

  it("crawl: real tables, and a record of it", async () => {
    await send(new CreateCrawlerCommand({ ...crawler, Tags: { team: "a" } }));
    await send(new StartCrawlerCommand({ Name: "lake" }));
    const done = await until(state, (c) => c?.State === "READY");
    expect(done).toMatchObject({
      Name: "lake",
      LastCrawl: { Status: "SUCCEEDED", LogGroup: "/aws-glue/crawlers" },
      SchemaChangePolicy: { UpdateBehavior: "UPDATE_IN_DATABASE" },
    });
    const { Table } = await send(new GetTableCommand({ DatabaseName: "shop", Name: "raw_orders" }));
    expect(Table?.StorageDescriptor?.Columns).toEqual([
      { Name: "id", Type: "string" },
      { Name: "price", Type: "double" },
    ]);
    expect(Table?.Parameters).toMatchObject({ classification: "json", UPDATED_BY_CRAWLER: "lake" });
    expect((await send(new ListCrawlsCommand({ CrawlerName: "lake" }))).Crawls).toMatchObject([
      { State: "COMPLETED", Summary: expect.stringContaining('"tablesCreated":1') as string },
    ]);
    expect((await send(new GetCrawlerMetricsCommand({ CrawlerNameList: ["lake"] }))).CrawlerMetricsList).toMatchObject([
      { CrawlerName: "lake", TablesCreated: 1, TablesUpdated: 0 },
    ]);
    expect((await send(new ListCrawlersCommand({ Tags: { team: "a" } }))).CrawlerNames).toEqual(["lake"]);
    expect((await send(new ListCrawlersCommand({ Tags: { team: "b" } }))).CrawlerNames).toEqual([]);
    expect(await send(new BatchGetCrawlersCommand({ CrawlerNames: ["lake", "x"] }))).toMatchObject({
      Crawlers: [{ Name: "lake" }],
      CrawlersNotFound: ["x"],
    });
  });

  it("that fail say why, and are ready again", async () => {
    await send(new CreateCrawlerCommand({ ...crawler, Targets: { S3Targets: [{ Path: join(folder, "nowhere") }] } }));
    await send(new StartCrawlerCommand({ Name: "lake" }));
    const done = await until(state, (c) => c?.State === "READY");
    expect(done?.LastCrawl).toMatchObject({
      Status: "FAILED",
      ErrorMessage: expect.stringContaining("nowhere") as string,
    });
    await expect(send(new StopCrawlerCommand({ Name: "lake" }))).rejects.toMatchObject({
      name: "CrawlerNotRunningException",
    });
  });

  it("hold only what Glue lets them hold", async () => {
    const refused = (change: object) =>
      expect(send(new CreateCrawlerCommand({ ...crawler, ...change }))).rejects.toMatchObject({
        name: "InvalidInputException",
      });
    await refused({ Targets: {} });
    await refused({ Schedule: "every day" });
    await refused({ Schedule: "cron(0/1 * * * ? *)" });
    await refused({ Schedule: "cron(0 12 * * * *)" });
    await refused({ Configuration: '{"Version":2}' });
    await refused({ Classifiers: ["nope"] });
    await refused({ Targets: { CatalogTargets: [{ DatabaseName: "a", Tables: ["b"] }] } });
    await send(new CreateCrawlerCommand({ ...crawler, Schedule: "cron(15 12 ? * MON-FRI *)" }));
    await expect(send(new CreateCrawlerCommand(crawler))).rejects.toMatchObject({ name: "AlreadyExistsException" });
    await expect(send(new StartCrawlerScheduleCommand({ CrawlerName: "lake" }))).rejects.toMatchObject({
      name: "SchedulerRunningException",
    });
    await send(new UpdateCrawlerScheduleCommand({ CrawlerName: "lake", Schedule: "" }));
    await expect(send(new StartCrawlerScheduleCommand({ CrawlerName: "lake" }))).rejects.toMatchObject({
      name: "NoScheduleException",
    });
    await send(new UpdateCrawlerCommand({ Name: "lake", Description: "new" }));
    expect(await state()).toMatchObject({ Description: "new", Version: 3, TablePrefix: "raw_" });
    await send(new DeleteCrawlerCommand({ Name: "lake" }));
    await expect(send(new DeleteCrawlerCommand({ Name: "lake" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
    });
  });

  it("have classifiers of one kind each", async () => {
    await send(new CreateClassifierCommand({ CsvClassifier: { Name: "c", Delimiter: ";", QuoteSymbol: "'" } }));
    await expect(
      send(new UpdateClassifierCommand({ CsvClassifier: { Name: "c", Delimiter: "'" } })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    await expect(
      send(new UpdateClassifierCommand({ JsonClassifier: { Name: "c", JsonPath: "$[*]" } })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    await send(new UpdateClassifierCommand({ CsvClassifier: { Name: "c", Delimiter: "|" } }));
    expect((await send(new GetClassifierCommand({ Name: "c" }))).Classifier).toMatchObject({
      CsvClassifier: { Name: "c", Delimiter: "|", QuoteSymbol: "'", Version: 2 },
    });
    await expect(send(new CreateClassifierCommand({}))).rejects.toMatchObject({ name: "InvalidInputException" });
  });
});

describe("jobs", () => {
  const job = { Name: "etl", Role: "r", Command: { Name: "glueetl", ScriptLocation: "s3://b/s.py" } };

  it("are defined, listed, replaced and deleted; a run whose script is not there fails, and says so", async () => {
    expect((await send(new CreateJobCommand({ ...job, MaxRetries: 2 }))).Name).toBe("etl");
    expect((await send(new GetJobCommand({ JobName: "etl" }))).Job).toMatchObject({
      ...job,
      MaxRetries: 2,
      Timeout: 2880,
      ExecutionProperty: { MaxConcurrentRuns: 1 },
      CreatedOn: expect.any(Date) as Date,
    });
    await send(
      new UpdateJobCommand({
        JobName: "etl",
        JobUpdate: { Role: "other", Command: { ...job.Command, ScriptLocation: join(folder, "none.mjs") } },
      }),
    );
    expect((await send(new GetJobCommand({ JobName: "etl" }))).Job).toMatchObject({ Role: "other", MaxRetries: 0 });
    expect((await send(new ListJobsCommand({}))).JobNames).toEqual(["etl"]);
    expect(await send(new BatchGetJobsCommand({ JobNames: ["etl", "x"] }))).toMatchObject({
      Jobs: [{ Name: "etl" }],
      JobsNotFound: ["x"],
    });
    await expect(
      send(new CreateJobCommand({ ...job, Name: "b", MaxCapacity: 2, NumberOfWorkers: 2 })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    const { JobRunId: RunId } = await send(new StartJobRunCommand({ JobName: "etl" }));
    const ended = await until(
      async () => (await send(new GetJobRunCommand({ JobName: "etl", RunId }))).JobRun,
      (run) => !["STARTING", "RUNNING", "WAITING"].includes(run?.JobRunState ?? ""),
    );
    expect(ended).toMatchObject({ JobRunState: "FAILED", ErrorMessage: expect.stringContaining("none.mjs") as string });
    expect((await send(new GetJobRunsCommand({ JobName: "etl" }))).JobRuns).toHaveLength(1);
    await expect(send(new GetJobBookmarkCommand({ JobName: "etl" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
    });
    await expect(send(new ResetJobBookmarkCommand({ JobName: "etl" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
    });
    await send(new DeleteJobCommand({ JobName: "etl" }));
    await send(new DeleteJobCommand({ JobName: "etl" })); // no error, as the API says
    await expect(send(new GetJobCommand({ JobName: "etl" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
    });
  });

  describe("with a part that runs them", () => {
    let server: GlueServer;
    let glue: GlueClient;
    const requests: JobRequest[] = [];
    const credentials = { accessKeyId: "id", secretAccessKey: "secret-secret" };
    beforeAll(async () => {
      const runJob = async (request: JobRequest): Promise<void> => {
        requests.push(request);
        if (request.arguments["--fail"] === "yes") throw new Error("the script failed");
        if (request.arguments["--wait"] === "yes")
          await new Promise((_, reject) => {
            request.signal.addEventListener(
              "abort",
              () => {
                reject(new Error("aborted"));
              },
              { once: true },
            );
          });
      };
      server = await startGlueServer({
        open: () => openSqliteCatalog(join(folder, "jobs")),
        accountId: "123456789012",
        port: 0,
        keys: new Map([[credentials.accessKeyId, credentials.secretAccessKey]]),
        parts: { runJob },
      });
      glue = clientOf({ endpoint: server.endpoint, region: "us-east-1", credentials });
    });
    afterAll(async () => {
      glue.destroy();
      await server.close();
    });
    const run = (JobName: string, RunId: string | undefined) =>
      glue.send(new GetJobRunCommand({ JobName, RunId })).then(({ JobRun }) => JobRun);

    it("run with their arguments in order of precedence", async () => {
      await glue.send(
        new CreateJobCommand({
          ...job,
          Name: "ok",
          DefaultArguments: { "--a": "1", "--b": "1", "--c": "1" },
          NonOverridableArguments: { "--c": "9" },
        }),
      );
      const { JobRunId } = await glue.send(
        new StartJobRunCommand({ JobName: "ok", Arguments: { "--b": "2", "--c": "2", "--d": "2" } }),
      );
      expect(JobRunId).toMatch(/^jr_[0-9a-f]{32}$/);
      expect(
        await until(
          () => run("ok", JobRunId),
          (r) => r?.JobRunState === "SUCCEEDED",
        ),
      ).toMatchObject({
        JobName: "ok",
        Attempt: 0,
        Arguments: { "--a": "1", "--b": "2", "--c": "9", "--d": "2" },
        CompletedOn: expect.any(Date) as Date,
      });
      expect(requests.find((r) => r.runId === JobRunId)?.arguments).toEqual({
        "--a": "1",
        "--b": "2",
        "--c": "9",
        "--d": "2",
      });
    });

    it("have the bookmarks that their commits left, and forget them", async () => {
      const catalog = await openSqliteCatalog(join(folder, "jobs"));
      await catalog.jobState?.commitRun({
        job: "marked",
        runId: "r1",
        version: (await catalog.jobState.beginAttempt("marked")).Version,
        inputs: new Map([["ctx", [{ path: "/a", etag: "e", size: 1 }]]]),
        contexts: new Map(),
        changes: [],
        publications: [],
        saveBookmark: true,
      });
      await catalog.close();
      const { JobBookmarkEntry: entry } = await glue.send(new GetJobBookmarkCommand({ JobName: "marked" }));
      expect(entry).toMatchObject({ JobName: "marked", Run: 1, RunId: "r1" });
      const { JobBookmarkEntry: reset } = await glue.send(new ResetJobBookmarkCommand({ JobName: "marked" }));
      expect(reset?.Version).toBeGreaterThan(entry?.Version ?? 0);
    });

    it("are tried again as often as they say, each try a run of its own", async () => {
      await glue.send(
        new CreateJobCommand({ ...job, Name: "flaky", MaxRetries: 2, DefaultArguments: { "--fail": "yes" } }),
      );
      const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: "flaky" }));
      const runs = await until(
        () => glue.send(new GetJobRunsCommand({ JobName: "flaky" })).then(({ JobRuns = [] }) => JobRuns),
        (all) => all.length === 3 && all.every((r) => r.JobRunState === "FAILED"),
      );
      expect(runs.map((r) => r.Attempt)).toEqual([2, 1, 0]);
      expect([runs[2]?.Id, runs[1]?.PreviousRunId, runs[0]?.PreviousRunId]).toEqual([JobRunId, JobRunId, runs[1]?.Id]);
      expect(runs[0]?.ErrorMessage).toBe("the script failed");
    });

    it("run no more often at once than they may, and stop when told", async () => {
      await glue.send(new CreateJobCommand({ ...job, Name: "long", DefaultArguments: { "--wait": "yes" } }));
      const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: "long" }));
      await until(
        () => run("long", JobRunId),
        (r) => r?.JobRunState === "RUNNING",
      );
      await expect(glue.send(new StartJobRunCommand({ JobName: "long" }))).rejects.toMatchObject({
        name: "ConcurrentRunsExceededException",
      });
      const stopped = await glue.send(
        new BatchStopJobRunCommand({ JobName: "long", JobRunIds: [JobRunId ?? "", "jr_none"] }),
      );
      expect([
        stopped.SuccessfulSubmissions?.map((s) => s.JobRunId),
        stopped.Errors?.map((e) => e.ErrorDetail?.ErrorCode),
      ]).toEqual([[JobRunId], ["EntityNotFoundException"]]);
      await until(
        () => run("long", JobRunId),
        (r) => r?.JobRunState === "STOPPED",
      );
      const again = await glue.send(new BatchStopJobRunCommand({ JobName: "long", JobRunIds: [JobRunId ?? ""] }));
      expect(again.Errors?.[0]?.ErrorDetail?.ErrorCode).toBe("InvalidStateException");
    });

    it("are started by on-demand triggers", async () => {
      await glue.send(
        new CreateTriggerCommand({
          Name: "now",
          Type: "ON_DEMAND",
          Actions: [{ JobName: "ok", Arguments: { "--d": "t" } }],
        }),
      );
      await glue.send(new StartTriggerCommand({ Name: "now" }));
      const [first] = await until(
        () => glue.send(new GetJobRunsCommand({ JobName: "ok" })).then(({ JobRuns = [] }) => JobRuns),
        (all) => all[0]?.JobRunState === "SUCCEEDED" && all[0].TriggerName === "now",
      );
      expect(first?.Arguments).toMatchObject({ "--a": "1", "--d": "t" });
      expect((await glue.send(new GetTriggerCommand({ Name: "now" }))).Trigger?.State).toBe("CREATED");
    });
  });
});

describe("triggers and workflows", () => {
  it("are checked as Glue checks them", async () => {
    const refused = (trigger: object) =>
      expect(
        send(new CreateTriggerCommand({ Name: "t", Type: "ON_DEMAND", Actions: [{ JobName: "a" }], ...trigger })),
      ).rejects.toMatchObject({ name: "InvalidInputException" });
    await refused({ Actions: [{ JobName: "a", CrawlerName: "b" }] });
    await refused({ Actions: [] });
    await refused({ Actions: ["a", "b", "c"].map((CrawlerName) => ({ CrawlerName })) });
    await refused({ Type: "SCHEDULED" });
    await refused({ Type: "CONDITIONAL" });
    await refused({ Type: "CONDITIONAL", Predicate: { Conditions: [{ JobName: "a", LogicalOperator: "EQUALS" }] } });
    await refused({ WorkflowName: "none" });
    await refused({ StartOnCreation: true });
  });

  it("are drawn as a graph", async () => {
    await send(new CreateWorkflowCommand({ Name: "w", DefaultRunProperties: { p: "1" } }));
    await send(
      new CreateTriggerCommand({
        Name: "start",
        WorkflowName: "w",
        Type: "SCHEDULED",
        Schedule: "cron(0 1 * * ? *)",
        Actions: [{ CrawlerName: "c" }],
        StartOnCreation: true,
      }),
    );
    await send(
      new CreateTriggerCommand({
        Name: "then",
        WorkflowName: "w",
        Type: "CONDITIONAL",
        Predicate: { Conditions: [{ CrawlerName: "c", CrawlState: "SUCCEEDED", LogicalOperator: "EQUALS" }] },
        Actions: [{ JobName: "j" }],
      }),
    );
    await send(new UpdateTriggerCommand({ Name: "then", TriggerUpdate: { Description: "d" } }));
    const { Workflow } = await send(new GetWorkflowCommand({ Name: "w", IncludeGraph: true }));
    expect(Workflow).toMatchObject({ Name: "w", DefaultRunProperties: { p: "1" } });
    const names = new Map(Workflow?.Graph?.Nodes?.map((n) => [n.UniqueId, `${n.Type ?? ""} ${n.Name ?? ""}`]));
    expect(
      Workflow?.Graph?.Edges?.map((e) => `${names.get(e.SourceId) ?? ""} → ${names.get(e.DestinationId) ?? ""}`).sort(),
    ).toEqual(["CRAWLER c → TRIGGER then", "TRIGGER start → CRAWLER c", "TRIGGER then → JOB j"]);
    expect((await send(new GetTriggerCommand({ Name: "start" }))).Trigger).toMatchObject({
      State: "ACTIVATED",
      Schedule: "cron(0 1 * * ? *)",
    });
  });
});

describe("functions and statistics", () => {
  beforeEach(async () => {
    await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
    await send(
      new CreateTableCommand({
        DatabaseName: "shop",
        TableInput: { Name: "t", StorageDescriptor: { Columns: [{ Name: "id", Type: "bigint" }] } },
      }),
    );
  });

  it("functions live in their database", async () => {
    await send(
      new CreateUserDefinedFunctionCommand({
        DatabaseName: "shop",
        FunctionInput: {
          FunctionName: "Norm",
          ClassName: "a.B",
          OwnerName: "o",
          OwnerType: "USER",
          ResourceUris: [{ ResourceType: "JAR", Uri: "s3://b/j.jar" }],
        },
      }),
    );
    expect(
      (await send(new GetUserDefinedFunctionCommand({ DatabaseName: "shop", FunctionName: "norm" })))
        .UserDefinedFunction,
    ).toMatchObject({
      FunctionName: "norm",
      DatabaseName: "shop",
      ClassName: "a.B",
      CreateTime: expect.any(Date) as Date,
    });
    expect((await send(new GetUserDefinedFunctionsCommand({ Pattern: "no.*" }))).UserDefinedFunctions).toHaveLength(1);
    expect(
      (await send(new GetUserDefinedFunctionsCommand({ Pattern: "x.*", DatabaseName: "shop" }))).UserDefinedFunctions,
    ).toEqual([]);
    await send(new DeleteDatabaseCommand({ Name: "shop" }));
    await expect(
      send(new GetUserDefinedFunctionCommand({ DatabaseName: "shop", FunctionName: "norm" })),
    ).rejects.toMatchObject({ name: "EntityNotFoundException" });
  });

  it("statistics live with their table, and are of its columns", async () => {
    const long = {
      ColumnName: "ID",
      ColumnType: "bigint",
      AnalyzedTime: new Date(1e12),
      StatisticsData: {
        Type: "LONG" as const,
        LongColumnStatisticsData: { MinimumValue: 1, MaximumValue: 9, NumberOfNulls: 0, NumberOfDistinctValues: 9 },
      },
    };
    const put = await send(
      new UpdateColumnStatisticsForTableCommand({
        DatabaseName: "shop",
        TableName: "t",
        ColumnStatisticsList: [long, { ...long, ColumnName: "nope" }, { ...long, StatisticsData: { Type: "STRING" } }],
      }),
    );
    expect(put.Errors?.map((e) => [e.ColumnStatistics?.ColumnName, e.Error?.ErrorCode])).toEqual([
      ["nope", "InvalidInputException"],
      ["ID", "InvalidInputException"],
    ]);
    const got = await send(
      new GetColumnStatisticsForTableCommand({ DatabaseName: "shop", TableName: "t", ColumnNames: ["id", "gone"] }),
    );
    expect(got.ColumnStatisticsList).toMatchObject([
      { AnalyzedTime: new Date(1e12), StatisticsData: long.StatisticsData },
    ]);
    expect(got.Errors?.map((e) => e.ColumnName)).toEqual(["gone"]);
    await send(new DeleteTableCommand({ DatabaseName: "shop", Name: "t" }));
    await send(new CreateTableCommand({ DatabaseName: "shop", TableInput: { Name: "t" } }));
    expect(
      (
        await send(
          new GetColumnStatisticsForTableCommand({ DatabaseName: "shop", TableName: "t", ColumnNames: ["id"] }),
        )
      ).ColumnStatisticsList,
    ).toEqual([]);
    await expect(
      send(new DeleteColumnStatisticsForTableCommand({ DatabaseName: "shop", TableName: "t", ColumnName: "id" })),
    ).rejects.toMatchObject({ name: "EntityNotFoundException" });
  });
});

describe("connections", () => {
  const jdbc = {
    Name: "db",
    ConnectionType: "JDBC" as const,
    MatchCriteria: ["prod"],
    ConnectionProperties: { JDBC_CONNECTION_URL: "jdbc:postgresql://h:5432/d", USERNAME: "u", PASSWORD: "hunter2" },
  };

  it("keep secrets, and hide them when asked", async () => {
    await send(new CreateConnectionCommand({ ConnectionInput: jdbc }));
    expect((await send(new GetConnectionCommand({ Name: "db" }))).Connection?.ConnectionProperties?.PASSWORD).toBe(
      "hunter2",
    );
    const hidden = await send(
      new GetConnectionsCommand({ HidePassword: true, Filter: { ConnectionType: "JDBC", MatchCriteria: ["prod"] } }),
    );
    expect(hidden.ConnectionList).toHaveLength(1);
    expect(JSON.stringify(hidden)).not.toContain("hunter2");
    expect((await send(new GetConnectionsCommand({ Filter: { MatchCriteria: ["test"] } }))).ConnectionList).toEqual([]);
    await send(new DeleteConnectionCommand({ ConnectionName: "db" }));
    await expect(send(new GetConnectionCommand({ Name: "db" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
    });
  });
});

describe("policies and security configurations", () => {
  it("hold to their conditions", async () => {
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    const { PolicyHash } = await send(
      new PutResourcePolicyCommand({ PolicyInJson: policy, PolicyExistsCondition: "NOT_EXIST" }),
    );
    await expect(
      send(new PutResourcePolicyCommand({ PolicyInJson: policy, PolicyExistsCondition: "NOT_EXIST" })),
    ).rejects.toMatchObject({ name: "ConditionCheckFailureException" });
    await expect(send(new DeleteResourcePolicyCommand({ PolicyHashCondition: "other" }))).rejects.toMatchObject({
      name: "ConditionCheckFailureException",
    });
    expect(await send(new GetResourcePolicyCommand({}))).toMatchObject({ PolicyInJson: policy, PolicyHash });
    await expect(send(new PutResourcePolicyCommand({ PolicyInJson: "{{" }))).rejects.toMatchObject({
      name: "InvalidInputException",
    });
    await send(new DeleteResourcePolicyCommand({ PolicyHashCondition: PolicyHash }));
    await expect(send(new GetResourcePolicyCommand({}))).rejects.toMatchObject({ name: "EntityNotFoundException" });
    const EncryptionConfiguration = { CloudWatchEncryption: { CloudWatchEncryptionMode: "DISABLED" as const } };
    await send(new CreateSecurityConfigurationCommand({ Name: "s", EncryptionConfiguration }));
    expect((await send(new GetSecurityConfigurationCommand({ Name: "s" }))).SecurityConfiguration).toMatchObject({
      Name: "s",
      EncryptionConfiguration,
    });
  });
});
