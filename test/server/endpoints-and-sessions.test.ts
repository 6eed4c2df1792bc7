/** Development endpoints and interactive sessions as definitions that do not pretend to run, and mappings, through the JavaScript SDK. */
import {
  BatchGetDevEndpointsCommand, CancelStatementCommand, CreateDatabaseCommand, CreateDevEndpointCommand, CreateSessionCommand, CreateTableCommand, DeleteDevEndpointCommand, DeleteSessionCommand, GetDevEndpointCommand,
  GetDevEndpointsCommand, GetMappingCommand, GetSessionCommand, GetStatementCommand, GetTagsCommand, type GlueClient, ListDevEndpointsCommand, ListSessionsCommand, ListStatementsCommand, RunStatementCommand, StopSessionCommand, UpdateDevEndpointCommand,
} from "@aws-sdk/client-glue";
import { withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const refused = (work: Promise<unknown>, name: string): Promise<void> => expect(work).rejects.toMatchObject({ name });
const Role = "arn:aws:iam::123456789012:role/glue";

it("development endpoints are kept, changed and deleted, and none is READY", async () => {
  const settings = { EndpointName: "dev", RoleArn: Role, PublicKeys: ["k1", "k2"], Arguments: { "--a": "1" }, WorkerType: "G.1X" as const, NumberOfWorkers: 2 };
  expect(await send(new CreateDevEndpointCommand({ ...settings, Tags: { team: "a" } }))).toMatchObject({ EndpointName: "dev", Status: "FAILED", FailureReason: expect.any(String) as string, Arguments: { "--a": "1" } });
  await refused(send(new CreateDevEndpointCommand(settings)), "AlreadyExistsException");
  await refused(send(new CreateDevEndpointCommand({ ...settings, EndpointName: "x", PublicKey: "k" })), "InvalidInputException");
  await refused(send(new CreateDevEndpointCommand({ ...settings, EndpointName: "x", NumberOfNodes: 2 })), "InvalidInputException");
  await send(new UpdateDevEndpointCommand({ EndpointName: "dev", AddPublicKeys: ["k3"], DeletePublicKeys: ["k1"], DeleteArguments: ["--a"], AddArguments: { "--b": "2" }, CustomLibraries: { ExtraPythonLibsS3Path: "s3://b/l" } }));
  const { DevEndpoint } = await send(new GetDevEndpointCommand({ EndpointName: "dev" }));
  expect(DevEndpoint).toMatchObject({ PublicKeys: ["k2", "k3"], Arguments: { "--b": "2" }, ExtraPythonLibsS3Path: "s3://b/l", Status: "FAILED" });
  await refused(send(new UpdateDevEndpointCommand({ EndpointName: "dev", DeletePublicKeys: ["k9"] })), "InvalidInputException");
  await refused(send(new UpdateDevEndpointCommand({ EndpointName: "dev", AddPublicKeys: ["a", "b", "c", "d"] })), "InvalidInputException");
  expect((await send(new GetDevEndpointsCommand({}))).DevEndpoints).toHaveLength(1);
  expect(await send(new BatchGetDevEndpointsCommand({ DevEndpointNames: ["dev", "none"] }))).toMatchObject({ DevEndpoints: [{ EndpointName: "dev" }], DevEndpointsNotFound: ["none"] });
  expect((await send(new ListDevEndpointsCommand({ Tags: { team: "a" } }))).DevEndpointNames).toEqual(["dev"]);
  expect((await send(new ListDevEndpointsCommand({ Tags: { team: "b" } }))).DevEndpointNames).toEqual([]);
  expect((await send(new GetTagsCommand({ ResourceArn: "arn:aws:glue:us-east-1:123456789012:devEndpoint/dev" }))).Tags).toEqual({ team: "a" });
  await send(new DeleteDevEndpointCommand({ EndpointName: "dev" }));
  await refused(send(new GetDevEndpointCommand({ EndpointName: "dev" })), "EntityNotFoundException");
  await refused(send(new DeleteDevEndpointCommand({ EndpointName: "dev" })), "EntityNotFoundException");
});

it("sessions are kept and deleted; none takes statements", async () => {
  const session = { Id: "s", Role, Command: { Name: "glueetl", PythonVersion: "3" }, IdleTimeout: 10, Tags: { a: "b" } };
  expect((await send(new CreateSessionCommand(session))).Session).toMatchObject({ Id: "s", Status: "FAILED", ErrorMessage: expect.any(String) as string, Command: { Name: "glueetl" }, IdleTimeout: 10 });
  await refused(send(new CreateSessionCommand(session)), "AlreadyExistsException");
  await refused(send(new CreateSessionCommand({ ...session, Id: "t", Command: { Name: "bash" } })), "InvalidInputException");
  await refused(send(new CreateSessionCommand({ ...session, Id: "t", MaxCapacity: 2, NumberOfWorkers: 2, WorkerType: "G.1X" })), "InvalidInputException");
  expect((await send(new GetSessionCommand({ Id: "s" }))).Session).toMatchObject({ Role });
  expect(await send(new ListSessionsCommand({}))).toMatchObject({ Ids: ["s"], Sessions: [{ Id: "s" }] });
  expect((await send(new ListSessionsCommand({ Tags: { a: "x" } }))).Ids).toEqual([]);
  await refused(send(new RunStatementCommand({ SessionId: "s", Code: "1" })), "IllegalSessionStateException");
  await refused(send(new StopSessionCommand({ Id: "s" })), "IllegalSessionStateException");
  expect((await send(new ListStatementsCommand({ SessionId: "s" }))).Statements).toEqual([]);
  await refused(send(new GetStatementCommand({ SessionId: "s", Id: 0 })), "EntityNotFoundException");
  await refused(send(new CancelStatementCommand({ SessionId: "s", Id: 0 })), "EntityNotFoundException");
  expect((await send(new DeleteSessionCommand({ Id: "s" }))).Id).toBe("s");
  for (const work of [new GetSessionCommand({ Id: "s" }), new RunStatementCommand({ SessionId: "s", Code: "1" }), new ListStatementsCommand({ SessionId: "s" })]) await refused(send(work as GetSessionCommand), "EntityNotFoundException");
});

it("a mapping names the columns that source and sink have both", async () => {
  await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "d" } }));
  const table = (Name: string, Columns: { Name: string; Type: string }[], PartitionKeys: { Name: string; Type: string }[] = []) => send(new CreateTableCommand({ DatabaseName: "d", TableInput: { Name, PartitionKeys, StorageDescriptor: { Columns } } }));
  await table("source", [{ Name: "id", Type: "int" }, { Name: "extra", Type: "string" }], [{ Name: "day", Type: "string" }]);
  await table("sink", [{ Name: "id", Type: "bigint" }, { Name: "day", Type: "date" }]);
  const Source = { DatabaseName: "d", TableName: "source" };
  expect((await send(new GetMappingCommand({ Source }))).Mapping?.map((m) => [m.SourcePath, m.SourceType, m.TargetPath, m.TargetType])).toEqual([["id", "int", "id", "int"], ["extra", "string", "extra", "string"], ["day", "string", "day", "string"]]);
  expect((await send(new GetMappingCommand({ Source, Sinks: [{ DatabaseName: "d", TableName: "sink" }] }))).Mapping).toEqual([
    { SourceTable: "source", SourcePath: "id", SourceType: "int", TargetTable: "sink", TargetPath: "id", TargetType: "bigint" }, { SourceTable: "source", SourcePath: "day", SourceType: "string", TargetTable: "sink", TargetPath: "day", TargetType: "date" },
  ]);
  await refused(send(new GetMappingCommand({ Source: { DatabaseName: "d", TableName: "none" } })), "EntityNotFoundException");
});
