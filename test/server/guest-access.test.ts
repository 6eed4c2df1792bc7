/** What code of a session may ask of the server: data, and nothing that runs outside of the session. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBlueprintCommand,
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateDevEndpointCommand,
  CreateJobCommand,
  CreateTableCommand,
  CreateTriggerCommand,
  GetJobsCommand,
  GetTablesCommand,
  type GlueClient,
  StartJobRunCommand,
  TestConnectionCommand,
  UpdateJobCommand,
} from "@aws-sdk/client-glue";
import type { Catalog } from "../../src/catalog/index.js";
import { openHttpCatalog } from "../../src/catalog/stores/http/index.js";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { checkGuest } from "../../src/server/guest-access.js";
import { type GlueServer, startGlueServer } from "../../src/server/index.js";
import { GLUE_HANDLERS } from "../../src/server/operations/index.js";
import { OWN_HANDLERS } from "../../src/server/own-operations.js";
import { clientOf } from "./sdk-client.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-guests-"));
const ran: string[] = [];
let server: GlueServer;
let operator: GlueClient;
let guest: GlueClient;
let catalog: Catalog;
beforeAll(async () => {
  server = await startGlueServer({
    open: () => openSqliteCatalog(folder),
    accountId: "123456789012",
    port: 0,
    keys: new Map([
      ["operator", "operators-secret"],
      ["guest", "guests-secret"],
    ]),
    guests: new Set(["guest"]),
    parts: {
      runJob: async ({ jobName }) => {
        ran.push(jobName);
      },
    },
  });
  const as = (accessKeyId: string, secretAccessKey: string): GlueClient =>
    clientOf({ endpoint: server.endpoint, region: "us-east-1", credentials: { accessKeyId, secretAccessKey } });
  [operator, guest] = [as("operator", "operators-secret"), as("guest", "guests-secret")];
  catalog = await openHttpCatalog(server.endpoint, {
    credentials: { accessKeyId: "guest", secretAccessKey: "guests-secret" },
  });
});
afterAll(async () => {
  guest.destroy();
  operator.destroy();
  await catalog.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const Role = "arn:aws:iam::123456789012:role/glue";
const Command = { Name: "glueetl", ScriptLocation: "/tmp/steal.mjs" };

test("it works with tables, and reads definitions", async () => {
  await guest.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
  await guest.send(new CreateTableCommand({ DatabaseName: "shop", TableInput: { Name: "orders" } }));
  expect((await guest.send(new GetTablesCommand({ DatabaseName: "shop" }))).TableList).toMatchObject([
    { Name: "orders" },
  ]);
  await operator.send(
    new CreateJobCommand({ Name: "clean", Role, Command: { ...Command, ScriptLocation: "/jobs/clean.mjs" } }),
  );
  expect((await guest.send(new GetJobsCommand({}))).Jobs).toMatchObject([{ Name: "clean" }]);
  await catalog.changeEntities([{ ref: { kind: "notes", database: "shop", table: "orders", name: "a" }, doc: {} }]);
});

test("its jobs have bookmarks, of files as a listing gives them", async () => {
  const listed = { path: "/in/a.json", etag: "e", size: 1, modified: 5 };
  expect(await catalog.jobState?.knownInputs("j", "c", [listed])).toEqual(new Set());
});

test("it has no job, blueprint, crawl, trigger or endpoint made or run for it", async () => {
  const forbidden = expect.objectContaining({ name: "AccessDeniedException" }) as Error;
  for (const command of [
    new CreateJobCommand({ Name: "steal", Role, Command }),
    new UpdateJobCommand({ JobName: "clean", JobUpdate: { Role, Command } }),
    new StartJobRunCommand({ JobName: "clean" }),
    new CreateTriggerCommand({ Name: "t", Type: "ON_DEMAND", Actions: [{ JobName: "clean" }] }),
    new CreateBlueprintCommand({ Name: "b", BlueprintLocation: "s3://theirs/steal.mjs" }),
    new CreateCrawlerCommand({
      Name: "c",
      Role,
      DatabaseName: "shop",
      Targets: { S3Targets: [{ Path: "s3://shop/orders" }] },
    }),
    new CreateDevEndpointCommand({ EndpointName: "e", RoleArn: Role, PublicKey: "ssh-ed25519 AAAA" }),
    new TestConnectionCommand({ ConnectionName: "shop" }),
  ])
    await expect(guest.send(command as CreateJobCommand)).rejects.toEqual(forbidden);
  expect(ran).toEqual([]);
});

test("nor by the entities that they are kept as", async () => {
  for (const kind of [
    "job",
    "job-run",
    "job-claim",
    "trigger",
    "workflow",
    "workflow-run",
    "crawler",
    "blueprint",
    "dev-endpoint",
    "session",
    "statement",
  ]) {
    await expect(
      catalog.changeEntities([
        { ref: { kind: "notes", database: "shop", name: "a" }, doc: {} },
        { ref: { kind, name: "x" }, doc: {} },
      ]),
    ).rejects.toMatchObject({ code: "SESSION_FORBIDDEN", name: "AccessDeniedException", found: kind });
  }
  const commit = {
    job: "j",
    runId: "r",
    version: 0,
    inputs: [],
    contexts: [],
    changes: [],
    publications: [],
    saveBookmark: false,
    entities: [{ ref: { kind: "job", name: "clean" }, doc: {} }],
  };
  await expect(
    catalog.jobState?.commitRun({ ...commit, inputs: new Map(), contexts: new Map() }),
  ).rejects.toMatchObject({ code: "SESSION_FORBIDDEN", found: "job" });
});

test("each operation is decided upon", () => {
  const isForbidden = (name: string): boolean => {
    try {
      checkGuest(name, { Changes: [{ ref: { kind: "job", name: "x" } }] });
      return false;
    } catch {
      return true;
    }
  };
  expect(
    [...Object.keys(GLUE_HANDLERS), ...Object.keys(OWN_HANDLERS)]
      .filter(isForbidden)
      .map((name) => name.replace(/^(?:Batch)?[A-Z][a-z]+/, ""))
      .filter((what, at, all) => all.indexOf(what) === at)
      .sort(),
  ).toEqual([
    "Blueprint",
    "BlueprintRun",
    "Catalog",
    "CatalogToGlue",
    "Classifier",
    "ColumnStatisticsTaskRun",
    "Connection",
    "Crawler",
    "CrawlerSchedule",
    "DataCatalogEncryptionSettings",
    "DataQualityRulesetEvaluationRun",
    "DevEndpoint",
    "Entities",
    "Job",
    "JobRun",
    "ResourcePolicy",
    "SecurityConfiguration",
    "Session",
    "Statement",
    "TableOptimizer",
    "Trigger",
    "Workflow",
    "WorkflowRun",
    "WorkflowRunProperties",
  ]);
});
