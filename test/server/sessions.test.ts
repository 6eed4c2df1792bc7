/** Interactive sessions as definitions that do not pretend to run, and mappings, through the JavaScript SDK. */
import {
  CancelStatementCommand,
  CreateDatabaseCommand,
  CreateSessionCommand,
  CreateTableCommand,
  DeleteSessionCommand,
  GetMappingCommand,
  GetSessionCommand,
  GetStatementCommand,
  type GlueClient,
  ListSessionsCommand,
  ListStatementsCommand,
  RunStatementCommand,
  StopSessionCommand,
} from "@aws-sdk/client-glue";
import { withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const refused = (work: Promise<unknown>, name: string): Promise<void> => expect(work).rejects.toMatchObject({ name });
const Role = "arn:aws:iam::123456789012:role/glue";

it("sessions are kept and deleted; none takes statements", async () => {
  const session = {
    Id: "s",
    Role,
    Command: { Name: "glueetl", PythonVersion: "3" },
    IdleTimeout: 10,
    Tags: { a: "b" },
  };
  expect((await send(new CreateSessionCommand(session))).Session).toMatchObject({
    Id: "s",
    Status: "FAILED",
    ErrorMessage: expect.any(String) as string,
    Command: { Name: "glueetl" },
    IdleTimeout: 10,
  });
  await refused(send(new CreateSessionCommand(session)), "AlreadyExistsException");
  await refused(
    send(new CreateSessionCommand({ ...session, Id: "t", Command: { Name: "bash" } })),
    "InvalidInputException",
  );
  await refused(
    send(new CreateSessionCommand({ ...session, Id: "t", MaxCapacity: 2, NumberOfWorkers: 2, WorkerType: "G.1X" })),
    "InvalidInputException",
  );
  expect((await send(new GetSessionCommand({ Id: "s" }))).Session).toMatchObject({ Role });
  expect(await send(new ListSessionsCommand({}))).toMatchObject({ Ids: ["s"], Sessions: [{ Id: "s" }] });
  expect((await send(new ListSessionsCommand({ Tags: { a: "x" } }))).Ids).toEqual([]);
  await refused(send(new RunStatementCommand({ SessionId: "s", Code: "1" })), "IllegalSessionStateException");
  await refused(send(new StopSessionCommand({ Id: "s" })), "IllegalSessionStateException");
  expect((await send(new ListStatementsCommand({ SessionId: "s" }))).Statements).toEqual([]);
  await refused(send(new GetStatementCommand({ SessionId: "s", Id: 0 })), "EntityNotFoundException");
  await refused(send(new CancelStatementCommand({ SessionId: "s", Id: 0 })), "EntityNotFoundException");
  expect((await send(new DeleteSessionCommand({ Id: "s" }))).Id).toBe("s");
  for (const work of [
    new GetSessionCommand({ Id: "s" }),
    new RunStatementCommand({ SessionId: "s", Code: "1" }),
    new ListStatementsCommand({ SessionId: "s" }),
  ])
    await refused(send(work as GetSessionCommand), "EntityNotFoundException");
});

it("a mapping names the columns that source and sink have both", async () => {
  await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "d" } }));
  const table = (
    Name: string,
    Columns: { Name: string; Type: string }[],
    PartitionKeys: { Name: string; Type: string }[] = [],
  ) =>
    send(
      new CreateTableCommand({
        DatabaseName: "d",
        TableInput: { Name, PartitionKeys, StorageDescriptor: { Columns } },
      }),
    );
  await table(
    "source",
    [
      { Name: "id", Type: "int" },
      { Name: "extra", Type: "string" },
    ],
    [{ Name: "day", Type: "string" }],
  );
  await table("sink", [
    { Name: "id", Type: "bigint" },
    { Name: "day", Type: "date" },
  ]);
  const Source = { DatabaseName: "d", TableName: "source" };
  expect(
    (await send(new GetMappingCommand({ Source }))).Mapping?.map((m) => [
      m.SourcePath,
      m.SourceType,
      m.TargetPath,
      m.TargetType,
    ]),
  ).toEqual([
    ["id", "int", "id", "int"],
    ["extra", "string", "extra", "string"],
    ["day", "string", "day", "string"],
  ]);
  expect(
    (await send(new GetMappingCommand({ Source, Sinks: [{ DatabaseName: "d", TableName: "sink" }] }))).Mapping,
  ).toEqual([
    {
      SourceTable: "source",
      SourcePath: "id",
      SourceType: "int",
      TargetTable: "sink",
      TargetPath: "id",
      TargetType: "bigint",
    },
    {
      SourceTable: "source",
      SourcePath: "day",
      SourceType: "string",
      TargetTable: "sink",
      TargetPath: "day",
      TargetType: "date",
    },
  ]);
  await refused(
    send(new GetMappingCommand({ Source: { DatabaseName: "d", TableName: "none" } })),
    "EntityNotFoundException",
  );
});
