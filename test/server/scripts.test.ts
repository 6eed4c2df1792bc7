/** Scripts and data flows through the JavaScript SDK; a plan's script is ported and really run. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateDatabaseCommand,
  CreateScriptCommand,
  CreateTableCommand,
  GetDataflowGraphCommand,
  GetMappingCommand,
  GetPlanCommand,
  type GlueClient,
} from "@aws-sdk/client-glue";
import { portScript } from "../../src/job/authoring/port/port-script.js";
import { runToEnd } from "../../src/job/run/start-run.js";
import { buildIfStale } from "../cli/cli-process.js";
import { defineJob, openRunner } from "../job/runner.js";
import { withServer } from "./sdk-client.js";

beforeAll(() => {
  buildIfStale();
}, 600_000);
const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const folder = mkdtempSync(join(tmpdir(), "dynaframe-scripts-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("a script is made of a graph, and a graph of the script", async () => {
  const DagNodes = [
    {
      Id: "orders",
      NodeType: "DataSource",
      Args: [
        { Name: "database", Value: '"shop"' },
        { Name: "table_name", Value: "table", Param: true },
      ],
    },
    { Id: "paid", NodeType: "Filter", Args: [{ Name: "f", Value: 'lambda row: row["status"] == "paid"' }] },
    {
      Id: "out",
      NodeType: "DataSink",
      Args: [
        { Name: "connection_type", Value: '"s3"' },
        { Name: "connection_options", Value: '{"path": "s3://b/out"}' },
        { Name: "format", Value: '"json"' },
      ],
    },
  ];
  const DagEdges = [
    { Source: "orders", Target: "paid" },
    { Source: "paid", Target: "out", TargetParameter: "frame" },
  ];
  const { PythonScript } = await send(new CreateScriptCommand({ DagNodes, DagEdges }));
  expect(PythonScript).toContain('paid = Filter.apply(frame = orders, f = lambda row: row["status"] == "paid")');
  expect(PythonScript).toContain("getResolvedOptions(sys.argv, ['JOB_NAME', 'table'])");
  const graph = await send(new GetDataflowGraphCommand({ PythonScript }));
  expect(graph.DagNodes).toMatchObject(DagNodes);
  expect(graph.DagEdges).toEqual(DagEdges.map((edge) => ({ ...edge, TargetParameter: "frame" })));
  expect(PythonScript?.split("\n")[(graph.DagNodes?.[1]?.LineNumber ?? 0) - 1]).toMatch(/^paid = /);
  await expect(
    send(new CreateScriptCommand({ DagNodes: [{ Id: "a", NodeType: "Nope", Args: [] }] })),
  ).rejects.toMatchObject({ name: "InvalidInputException" });
  await expect(send(new CreateScriptCommand({ DagNodes, DagEdges, Language: "SCALA" }))).rejects.toMatchObject({
    name: "OperationNotSupportedException",
  });
  await expect(
    send(new GetDataflowGraphCommand({ PythonScript: `${PythonScript ?? ""}\ndf = paid.toDF()` })),
  ).rejects.toMatchObject({
    name: "InvalidInputException",
    message: expect.stringMatching(/^Line \d+ makes df/) as string,
  });
});

const Columns = [
  { Name: "id", Type: "bigint" },
  { Name: "price", Type: "double" },
];
const json = { SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe" };

it("a plan maps what GetMapping gives, into a sink or a location", async () => {
  await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
  for (const Name of ["orders", "sold"])
    await send(new CreateTableCommand({ DatabaseName: "shop", TableInput: { Name, StorageDescriptor: { Columns } } }));
  const [Source, sink] = [
    { DatabaseName: "shop", TableName: "orders" },
    { DatabaseName: "shop", TableName: "sold" },
  ];
  const { Mapping } = await send(new GetMappingCommand({ Source, Sinks: [sink] }));
  const { PythonScript } = await send(
    new GetPlanCommand({ Source, Sinks: [sink], Mapping, AdditionalPlanOptionsMap: { inferSchema: "true" } }),
  );
  const { DagNodes } = await send(new GetDataflowGraphCommand({ PythonScript }));
  expect(DagNodes?.map(({ NodeType }) => NodeType)).toEqual([
    "DataSource",
    "ResolveChoice",
    "ApplyMapping",
    "SelectFields",
    "ResolveChoice",
    "DataSink",
  ]);
  const placed = await send(
    new GetPlanCommand({
      Source,
      Mapping,
      Location: {
        S3: [
          { Name: "path", Value: 's3://b/"out' },
          { Name: "format", Value: "csv" },
        ],
      },
    }),
  );
  expect(placed.PythonScript).toContain('connection_options = {"path": "s3://b/\\"out"}, format = "csv"');
  const refused = (change: object, name: string) =>
    expect(send(new GetPlanCommand({ Source, Mapping, ...change }))).rejects.toMatchObject({ name });
  await refused({ Sinks: [{ DatabaseName: "shop", TableName: "none" }] }, "EntityNotFoundException");
  // every entry is for sold
  await refused({ Sinks: [{ DatabaseName: "shop", TableName: "orders" }] }, "InvalidInputException");
  await refused({ Location: { S3: [{ Name: "format", Value: "csv" }] } }, "InvalidInputException");
  await refused(
    {
      Location: {
        S3: [
          { Name: "path", Value: "p" },
          { Name: "speed", Value: "9" },
        ],
      },
    },
    "InvalidInputException",
  );
  await refused({ AdditionalPlanOptionsMap: { inferSchema: "maybe" } }, "InvalidInputException");
  await refused({ AdditionalPlanOptionsMap: { other: "true" } }, "InvalidInputException");
});

it("a plan's script, ported, does what the mapping says", async () => {
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "a.json"), '{"id":3000000001,"price":2.5}\n{"id":"2","price":3}\n');
  const table = (Name: string, Location: string) => ({
    Name,
    Parameters: { classification: "json" },
    StorageDescriptor: { Columns, Location, SerdeInfo: json },
  });
  const [Source, sink] = [
    { DatabaseName: "shop", TableName: "orders" },
    { DatabaseName: "shop", TableName: "sold" },
  ];
  const tables = [table("orders", join(folder, "in")), table("sold", join(folder, "out"))];
  await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
  for (const TableInput of tables) await send(new CreateTableCommand({ DatabaseName: "shop", TableInput }));
  const { Mapping } = await send(new GetMappingCommand({ Source, Sinks: [sink] }));
  const { PythonScript = "" } = await send(new GetPlanCommand({ Source, Sinks: [sink], Mapping }));
  writeFileSync(join(folder, "plan.ts"), portScript(PythonScript).typescript);

  const runner = await openRunner(folder);
  try {
    await runner.catalog.createDatabase({ Name: "shop" });
    for (const input of tables) await runner.catalog.createTable("shop", input);
    await defineJob(runner, "plan", join(folder, "plan.ts"));
    expect(await runToEnd(runner, "plan")).toMatchObject({
      JobRunState: "SUCCEEDED",
      Metrics: { read: 2, written: 2 },
    });
    const written = readdirSync(join(folder, "out"))
      .flatMap((file) =>
        readFileSync(join(folder, "out", file), "utf8")
          .trim()
          .split("\n"),
      )
      .map((line) => JSON.parse(line) as unknown);
    expect(written).toEqual([
      { id: 3000000001, price: 2.5 },
      { id: 2, price: 3 },
    ]);
  } finally {
    await runner.close();
  }
}, 300_000);
