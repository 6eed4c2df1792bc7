/** OpenLineage events of a real run, to a file and to an endpoint. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, Job } from "../../src/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lineage-"));
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "a.json"), '{"id":1}\n{"id":2}\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["DYNAFRAME_OPENLINEAGE", "OPENLINEAGE_API_KEY", "OPENLINEAGE_NAMESPACE"])
    delete process.env[name];
});

async function run(end: "commit" | "abandon"): Promise<void> {
  await using glue = await GlueContext.open({ catalog: join(folder, "catalog") });
  await glue.crawl({ database: "db", includes: [join(folder, "in")] });
  const job = await Job.init(glue, "etl", { JOB_RUN_ID: `jr_${"0123456789abcdef".repeat(2)}` });
  const frame = glue.createDynamicFrame.fromCatalog({ database: "db", tableName: "in", transformationCtx: "src" });
  await glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path: join(folder, "out") },
    format: "json",
  });
  await job[end]();
}

test("a run's start and end, with its data sets as OpenLineage names them", async () => {
  const file = join(folder, "events.jsonl");
  Object.assign(process.env, { DYNAFRAME_OPENLINEAGE: file, OPENLINEAGE_NAMESPACE: "lake" });
  await run("commit");
  await run("abandon");
  const events = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map(
      (line) =>
        JSON.parse(line) as {
          eventType: string;
          run: { runId: string };
          job: object;
          inputs: object[];
          outputs: object[];
          eventTime: string;
        },
    );
  expect(events.map(({ eventType }) => eventType)).toEqual(["START", "COMPLETE", "START", "ABORT"]);
  const [, complete] = events;
  expect(complete).toMatchObject({
    run: {
      runId: "01234567-89ab-cdef-0123-456789abcdef",
      facets: { dynaframe_account: { read: 2, written: 2, balanced: true } },
    },
    job: { namespace: "lake", name: "etl" },
    inputs: [{ name: "db.in", inputFacets: { inputStatistics: { fileCount: 1, size: 18 } } }],
    outputs: [
      {
        namespace: "file",
        name: join(folder, "out"),
        outputFacets: { outputStatistics: { rowCount: 2, fileCount: 1 } },
      },
    ],
  });
  for (const event of events) {
    expect(event).toMatchObject({
      producer: expect.stringMatching(/^https:/),
      schemaURL: expect.stringContaining("openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"),
    });
    expect(new Date(event.eventTime).toISOString()).toBe(event.eventTime);
  }
});

test("to an endpoint with its token; one that fails is a warning, not a failed job", async () => {
  const taken: { authorization: string | undefined; type: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request
      .on("data", (chunk) => {
        body += String(chunk);
      })
      .on("end", () => {
        taken.push({
          authorization: request.headers.authorization,
          type: (JSON.parse(body) as { eventType: string }).eventType,
        });
        response.writeHead(taken.length === 1 ? 201 : 500).end();
      });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  Object.assign(process.env, {
    DYNAFRAME_OPENLINEAGE: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/lineage`,
    OPENLINEAGE_API_KEY: "the-key",
  });
  const said = jest.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    await run("commit");
    expect(taken).toEqual([
      { authorization: "Bearer the-key", type: "START" },
      { authorization: "Bearer the-key", type: "COMPLETE" },
    ]);
    expect(said.mock.calls.flat().join("")).toContain("warning LINEAGE_FAILED: The lineage endpoint answered 500");
    expect(said.mock.calls.flat().join("")).not.toContain("the-key");
  } finally {
    said.mockRestore();
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
});
