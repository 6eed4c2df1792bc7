/** Runs that a killed server left are ended by the next one; those of a server that lives are left alone. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetColumnStatisticsTaskRunCommand, GetDataQualityRulesetEvaluationRunCommand } from "@aws-sdk/client-glue";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { openServer } from "../../src/server/open-server.js";
import { clientOf } from "./sdk-client.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-lost-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("a lost run has failed, and says why", async () => {
  const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
  const other = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
  const catalog = await openSqliteCatalog(folder);
  await catalog.createDatabase({ Name: "d" });
  for (const Name of ["a", "b"]) await catalog.createTable("d", { Name });
  const quality = (pid: number, Status: string) => ({
    DataSource: { GlueTable: { DatabaseName: "d", TableName: "a" } },
    Role: "r",
    RulesetNames: ["x"],
    Status,
    pid,
    StartedOn: 1,
    LastModifiedOn: 1,
  });
  const statistics = (id: string, TableName: string) => ({
    ColumnStatisticsTaskRunId: id,
    DatabaseName: "d",
    TableName,
    ColumnNameList: [],
    CatalogID: "123456789012",
    Role: "r",
    SampleSize: 100,
    Status: "RUNNING",
    CreationTime: 1,
    LastUpdated: 1,
  });
  const run = (kind: string, name: string, doc: object) => ({ ref: { kind, name }, doc });
  const state = (table: string, doc: object) => ({
    ref: { kind: "column-statistics-state", database: "d", table, name: "state" },
    doc,
  });
  await catalog.changeEntities([
    run("quality-run", "lost", quality(gone, "RUNNING")),
    run("quality-run", "stopping", quality(process.pid, "STOPPING")),
    run("quality-run", "done", quality(gone, "SUCCEEDED")),
    run("quality-run", "alive", quality(other.pid ?? 0, "RUNNING")),
    run("column-statistics-run", "s-lost", statistics("s-lost", "a")),
    run("column-statistics-run", "s-alive", statistics("s-alive", "b")),
    run("column-statistics-run", "s-orphan", statistics("s-orphan", "dropped")),
    state("a", { runId: "s-lost", pid: gone }),
    state("b", { runId: "s-alive", pid: other.pid }),
  ]);
  await catalog.close();
  const credentials = { accessKeyId: "k", secretAccessKey: "secret" };
  const server = await openServer({ catalog: folder, port: 0, keys: new Map([["k", "secret"]]) });
  const glue = clientOf({ endpoint: server.endpoint, region: "us-east-1", credentials });
  try {
    const statuses = await Promise.all(
      ["lost", "stopping", "done", "alive"].map(
        async (RunId) => (await glue.send(new GetDataQualityRulesetEvaluationRunCommand({ RunId }))).Status,
      ),
    );
    expect(statuses).toEqual(["FAILED", "FAILED", "SUCCEEDED", "RUNNING"]);
    expect(await glue.send(new GetDataQualityRulesetEvaluationRunCommand({ RunId: "lost" }))).toMatchObject({
      ErrorString: "The server that had begun the run was ended before it.",
      CompletedOn: expect.any(Date) as Date,
    });
    const computed = await Promise.all(
      ["s-lost", "s-alive", "s-orphan"].map(
        async (ColumnStatisticsTaskRunId) =>
          (await glue.send(new GetColumnStatisticsTaskRunCommand({ ColumnStatisticsTaskRunId })))
            .ColumnStatisticsTaskRun?.Status,
      ),
    );
    expect(computed).toEqual(["FAILED", "RUNNING", "FAILED"]);
  } finally {
    glue.destroy();
    await server.close();
    other.kill();
    await once(other, "exit");
  }
});
