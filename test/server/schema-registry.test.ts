/** The schema registry through the JavaScript SDK. */
import {
  CheckSchemaVersionValidityCommand,
  CreateRegistryCommand,
  CreateSchemaCommand,
  DeleteRegistryCommand,
  DeleteSchemaCommand,
  DeleteSchemaVersionsCommand,
  GetRegistryCommand,
  GetSchemaByDefinitionCommand,
  GetSchemaCommand,
  GetSchemaVersionCommand,
  GetSchemaVersionsDiffCommand,
  GetTagsCommand,
  type GlueClient,
  ListRegistriesCommand,
  ListSchemasCommand,
  ListSchemaVersionsCommand,
  PutSchemaVersionMetadataCommand,
  QuerySchemaVersionMetadataCommand,
  RegisterSchemaVersionCommand,
  RemoveSchemaVersionMetadataCommand,
  UpdateRegistryCommand,
  UpdateSchemaCommand,
} from "@aws-sdk/client-glue";
import { withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const refused = (work: Promise<unknown>, name: string): Promise<void> => expect(work).rejects.toMatchObject({ name });

const SchemaId = { SchemaName: "orders" };
const avro = (...fields: object[]): string =>
  JSON.stringify({ type: "record", name: "Order", fields: [{ name: "id", type: "long" }, ...fields] });
const optional = (name: string): object => ({ name, type: ["null", "string"], default: null });
const create = (more: object = {}) =>
  send(
    new CreateSchemaCommand({
      SchemaName: "orders",
      DataFormat: "AVRO",
      Compatibility: "BACKWARD",
      SchemaDefinition: avro(),
      ...more,
    }),
  );
const register = (SchemaDefinition: string) => send(new RegisterSchemaVersionCommand({ SchemaId, SchemaDefinition }));

describe("registries", () => {
  it("are made, described, listed, changed and deleted with all that is in them", async () => {
    const made = await send(new CreateRegistryCommand({ RegistryName: "lake", Description: "d", Tags: { team: "a" } }));
    expect(made).toMatchObject({
      RegistryName: "lake",
      RegistryArn: "arn:aws:glue:us-east-1:123456789012:registry/lake",
      Tags: { team: "a" },
    });
    await refused(send(new CreateRegistryCommand({ RegistryName: "lake" })), "AlreadyExistsException");
    await send(new UpdateRegistryCommand({ RegistryId: { RegistryArn: made.RegistryArn }, Description: "new" }));
    expect(await send(new GetRegistryCommand({ RegistryId: { RegistryName: "lake" } }))).toMatchObject({
      Description: "new",
      Status: "AVAILABLE",
      CreatedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    });
    expect((await send(new GetTagsCommand({ ResourceArn: made.RegistryArn }))).Tags).toEqual({ team: "a" });
    const { SchemaVersionId } = await create({ RegistryId: { RegistryName: "lake" } });
    await create();
    expect((await send(new ListRegistriesCommand({}))).Registries?.map((r) => r.RegistryName)).toEqual([
      "default-registry",
      "lake",
    ]);
    expect((await send(new ListSchemasCommand({}))).Schemas?.map((s) => s.RegistryName)).toEqual([
      "default-registry",
      "lake",
    ]);
    await send(new DeleteRegistryCommand({ RegistryId: { RegistryName: "lake" } }));
    await refused(send(new GetRegistryCommand({ RegistryId: { RegistryName: "lake" } })), "EntityNotFoundException");
    await refused(send(new GetSchemaVersionCommand({ SchemaVersionId })), "EntityNotFoundException");
    await refused(send(new ListSchemasCommand({ RegistryId: { RegistryName: "lake" } })), "EntityNotFoundException");
    expect((await send(new ListSchemasCommand({}))).Schemas).toHaveLength(1);
  });

  it("must be named once, and rightly", async () => {
    await refused(
      send(
        new GetRegistryCommand({
          RegistryId: { RegistryName: "a", RegistryArn: "arn:aws:glue:us-east-1:123456789012:registry/a" },
        }),
      ),
      "InvalidInputException",
    );
    await refused(
      send(new GetRegistryCommand({ RegistryId: { RegistryArn: "arn:aws:glue:us-east-1:123456789012:table/a/b" } })),
      "InvalidInputException",
    );
    await refused(create({ RegistryId: { RegistryName: "none" } }), "EntityNotFoundException");
  });
});

describe("schemas", () => {
  it("have a first version and say where they are", async () => {
    const made = await create({ Description: "d", Tags: { a: "b" } });
    expect(made).toMatchObject({
      RegistryName: "default-registry",
      SchemaName: "orders",
      SchemaArn: "arn:aws:glue:us-east-1:123456789012:schema/default-registry/orders",
      DataFormat: "AVRO",
      Compatibility: "BACKWARD",
      SchemaCheckpoint: 1,
      LatestSchemaVersion: 1,
      NextSchemaVersion: 2,
      SchemaStatus: "AVAILABLE",
      SchemaVersionStatus: "AVAILABLE",
      Tags: { a: "b" },
    });
    expect((await send(new GetTagsCommand({ ResourceArn: made.SchemaArn }))).Tags).toEqual({ a: "b" });
    expect(await send(new GetSchemaCommand({ SchemaId: { SchemaArn: made.SchemaArn } }))).toMatchObject({
      Description: "d",
      LatestSchemaVersion: 1,
    });
    expect(await send(new GetSchemaVersionCommand({ SchemaVersionId: made.SchemaVersionId }))).toMatchObject({
      SchemaDefinition: avro(),
      DataFormat: "AVRO",
      VersionNumber: 1,
      Status: "AVAILABLE",
      SchemaArn: made.SchemaArn,
    });
    await refused(create(), "AlreadyExistsException");
    await refused(send(new GetSchemaCommand({ SchemaId: { SchemaName: "none" } })), "EntityNotFoundException");
    await refused(send(new GetSchemaCommand({ SchemaId: {} })), "InvalidInputException");
    await refused(create({ SchemaName: "bad", SchemaDefinition: "{" }), "InvalidInputException");
    await refused(
      create({ SchemaName: "proto", DataFormat: "PROTOBUF", SchemaDefinition: 'syntax = "proto3";' }),
      "OperationNotSupportedException",
    ); // for its mode
    expect((await send(new ListSchemasCommand({}))).Schemas).toHaveLength(1);
  });

  it("of PROTOBUF are read and kept, and held to no other version", async () => {
    const proto = 'syntax = "proto3";\nmessage Order { string id = 1; }';
    const of = { SchemaName: "proto" };
    await refused(
      create({
        ...of,
        DataFormat: "PROTOBUF",
        Compatibility: "NONE",
        SchemaDefinition: "message Order { string id; }",
      }),
      "InvalidInputException",
    );
    expect(
      await create({ ...of, DataFormat: "PROTOBUF", Compatibility: "NONE", SchemaDefinition: proto }),
    ).toMatchObject({ DataFormat: "PROTOBUF", SchemaVersionStatus: "AVAILABLE" });
    const next = (SchemaDefinition: string) =>
      send(
        new RegisterSchemaVersionCommand({ SchemaId: { RegistryName: "default-registry", ...of }, SchemaDefinition }),
      );
    expect(await next(`// again\n${proto}`)).toMatchObject({ VersionNumber: 1 });
    expect(await next('syntax = "proto3"; message Order { int64 id = 1; }')).toMatchObject({
      VersionNumber: 2,
      Status: "AVAILABLE",
    });
    await refused(
      send(
        new UpdateSchemaCommand({
          SchemaId: { RegistryName: "default-registry", ...of },
          Compatibility: "BACKWARD",
          SchemaVersionNumber: { LatestVersion: true },
        }),
      ),
      "OperationNotSupportedException",
    );
    await refused(
      send(
        new GetSchemaVersionsDiffCommand({
          SchemaId: { RegistryName: "default-registry", ...of },
          FirstSchemaVersionNumber: { VersionNumber: 1 },
          SecondSchemaVersionNumber: { VersionNumber: 2 },
          SchemaDiffType: "SYNTAX_DIFF",
        }),
      ),
      "OperationNotSupportedException",
    );
    expect(
      await send(new CheckSchemaVersionValidityCommand({ DataFormat: "PROTOBUF", SchemaDefinition: "message {" })),
    ).toMatchObject({ Valid: false, Error: expect.stringContaining("line 1") as string });
  });

  it("take versions that their mode allows; others are FAILURE and say why", async () => {
    await create();
    const second = await register(avro(optional("note")));
    expect(second).toMatchObject({ VersionNumber: 2, Status: "AVAILABLE" });
    // the same in another layout is the same version
    expect(await register(JSON.stringify(JSON.parse(avro(optional("note"))), null, 2))).toMatchObject({
      SchemaVersionId: second.SchemaVersionId,
      VersionNumber: 2,
    });
    const third = await register(avro({ name: "zip", type: "string" }));
    expect(third).toMatchObject({ VersionNumber: 3, Status: "FAILURE" });
    const { MetadataInfoMap } = await send(
      new QuerySchemaVersionMetadataCommand({ SchemaVersionId: third.SchemaVersionId }),
    );
    expect(MetadataInfoMap?.["dynaframe.incompatible"]?.MetadataValue).toMatch(
      /^BACKWARD: the new schema cannot read data of version 2: .*zip/,
    );
    expect(await send(new GetSchemaCommand({ SchemaId }))).toMatchObject({
      LatestSchemaVersion: 2,
      NextSchemaVersion: 4,
    });
    expect(
      await send(new GetSchemaVersionCommand({ SchemaId, SchemaVersionNumber: { LatestVersion: true } })),
    ).toMatchObject({ VersionNumber: 2 });
    expect(
      (await send(new ListSchemaVersionsCommand({ SchemaId, MaxResults: 2 }))).Schemas?.map((v) => [
        v.VersionNumber,
        v.Status,
      ]),
    ).toEqual([
      [1, "AVAILABLE"],
      [2, "AVAILABLE"],
    ]);
    expect(
      await send(new GetSchemaByDefinitionCommand({ SchemaId, SchemaDefinition: avro(optional("note")) })),
    ).toMatchObject({ SchemaVersionId: second.SchemaVersionId, Status: "AVAILABLE" });
    await refused(
      send(new GetSchemaByDefinitionCommand({ SchemaId, SchemaDefinition: avro(optional("other")) })),
      "EntityNotFoundException",
    );
    await refused(register('["no"]'), "InvalidInputException");
  });

  it("of JSON are checked too, in both directions", async () => {
    const json = (...required: string[]): string =>
      JSON.stringify({
        type: "object",
        properties: Object.fromEntries(required.map((name) => [name, { type: "string" }])),
        required,
      });
    await create({ DataFormat: "JSON", Compatibility: "FULL", SchemaDefinition: json("a", "b") });
    expect((await register(json("a"))).Status).toBe("FAILURE");
    expect((await register(json("a", "b", "c"))).Status).toBe("FAILURE");
    expect((await register(JSON.stringify({ ...(JSON.parse(json("a", "b")) as object), title: "t" }))).Status).toBe(
      "AVAILABLE",
    );
  });

  it("change mode and checkpoint; DISABLED takes no more", async () => {
    await create({ Compatibility: "BACKWARD_ALL" });
    await register(avro(optional("note")));
    await refused(send(new UpdateSchemaCommand({ SchemaId })), "InvalidInputException");
    await refused(send(new UpdateSchemaCommand({ SchemaId, Compatibility: "NONE" })), "InvalidInputException");
    await refused(
      send(new UpdateSchemaCommand({ SchemaId, SchemaVersionNumber: { VersionNumber: 9 } })),
      "EntityNotFoundException",
    );
    // held to version 1 a required field cannot come; from the checkpoint on it was always there
    const strict = avro(optional("note"), { name: "zip", type: "string" });
    expect((await register(strict)).Status).toBe("FAILURE");
    await send(
      new UpdateSchemaCommand({ SchemaId, Compatibility: "NONE", SchemaVersionNumber: { LatestVersion: true } }),
    );
    const forced = await register(strict);
    expect(forced.Status).toBe("AVAILABLE");
    await send(
      new UpdateSchemaCommand({
        SchemaId,
        Compatibility: "FULL_ALL",
        SchemaVersionNumber: { VersionNumber: forced.VersionNumber },
      }),
    );
    expect(await send(new GetSchemaCommand({ SchemaId }))).toMatchObject({
      SchemaCheckpoint: forced.VersionNumber,
      Compatibility: "FULL_ALL",
    });
    expect((await register(avro(optional("note"), { name: "zip", type: "string" }, optional("more")))).Status).toBe(
      "AVAILABLE",
    );
    await send(
      new UpdateSchemaCommand({ SchemaId, Compatibility: "DISABLED", SchemaVersionNumber: { LatestVersion: true } }),
    );
    await refused(register(avro(optional("x"))), "InvalidInputException");
  });

  it("lose versions, but not the first, the checkpoint or what others are held to", async () => {
    await create();
    for (const name of ["a", "b", "c", "d"]) await register(avro(optional(name)));
    const remove = (Versions: string) => send(new DeleteSchemaVersionsCommand({ SchemaId, Versions }));
    await refused(remove("1"), "InvalidInputException");
    await refused(remove("4-2"), "InvalidInputException");
    await send(new UpdateSchemaCommand({ SchemaId, SchemaVersionNumber: { VersionNumber: 4 } }));
    await refused(remove("3-5"), "InvalidInputException");
    expect((await remove("2-3")).SchemaVersionErrors ?? []).toEqual([]);
    expect((await remove("2-3")).SchemaVersionErrors?.map((e) => [e.VersionNumber, e.ErrorDetails?.ErrorCode])).toEqual(
      [
        [2, "EntityNotFoundException"],
        [3, "EntityNotFoundException"],
      ],
    );
    expect((await send(new ListSchemaVersionsCommand({ SchemaId }))).Schemas?.map((v) => v.VersionNumber)).toEqual([
      1, 4, 5,
    ]);
    await send(
      new UpdateSchemaCommand({ SchemaId, Compatibility: "FULL_ALL", SchemaVersionNumber: { VersionNumber: 4 } }),
    );
    await refused(remove("5"), "InvalidInputException");
    await send(new DeleteSchemaCommand({ SchemaId }));
    await refused(send(new ListSchemaVersionsCommand({ SchemaId })), "EntityNotFoundException");
    // numbers and ids of a schema made anew begin again
    expect(await create()).toMatchObject({ LatestSchemaVersion: 1 });
  });

  it("registered by many at once each get a number, and one definition one version", async () => {
    await create({ Compatibility: "NONE" });
    const names = ["a", "b", "c", "d"];
    const made = await Promise.all([...names, ...names].map((name) => register(avro(optional(name)))));
    expect(new Set(made.map((v) => v.SchemaVersionId)).size).toBe(4);
    expect([...new Set(made.map((v) => v.VersionNumber))].sort()).toEqual([2, 3, 4, 5]);
  });
});

it("definitions are checked, and compared as a JSON Patch", async () => {
  const valid = (DataFormat: "AVRO" | "JSON", SchemaDefinition: string) =>
    send(new CheckSchemaVersionValidityCommand({ DataFormat, SchemaDefinition }));
  expect(await valid("AVRO", avro())).toMatchObject({ Valid: true });
  expect(await valid("AVRO", '{"type":"record"}')).toMatchObject({ Valid: false, Error: expect.any(String) as string });
  expect(await valid("JSON", '{"type":"nothing"}')).toMatchObject({ Valid: false });
  await create();
  await register(avro(optional("note")));
  const { Diff } = await send(
    new GetSchemaVersionsDiffCommand({
      SchemaId,
      FirstSchemaVersionNumber: { VersionNumber: 1 },
      SecondSchemaVersionNumber: { LatestVersion: true },
      SchemaDiffType: "SYNTAX_DIFF",
    }),
  );
  expect(JSON.parse(Diff ?? "")).toEqual([{ op: "add", path: "/fields/1", value: optional("note") }]);
});

it("metadata of a version are pairs, some under one key", async () => {
  const { SchemaVersionId } = await create();
  const put = (MetadataKey: string, MetadataValue: string) =>
    send(new PutSchemaVersionMetadataCommand({ SchemaVersionId, MetadataKeyValue: { MetadataKey, MetadataValue } }));
  expect(await put("owner", "a")).toMatchObject({
    SchemaName: "orders",
    VersionNumber: 1,
    LatestVersion: true,
    MetadataKey: "owner",
    MetadataValue: "a",
  });
  await put("owner", "b");
  await put("level", "1");
  await refused(put("owner", "a"), "AlreadyExistsException");
  const { MetadataInfoMap } = await send(
    new QuerySchemaVersionMetadataCommand({ SchemaId, SchemaVersionNumber: { LatestVersion: true } }),
  );
  expect(MetadataInfoMap).toMatchObject({
    owner: { MetadataValue: "b", OtherMetadataValueList: [{ MetadataValue: "a" }] },
    level: { MetadataValue: "1" },
  });
  expect(
    Object.keys(
      (await send(new QuerySchemaVersionMetadataCommand({ SchemaVersionId, MetadataList: [{ MetadataKey: "level" }] })))
        .MetadataInfoMap ?? {},
    ),
  ).toEqual(["level"]);
  await send(
    new RemoveSchemaVersionMetadataCommand({
      SchemaVersionId,
      MetadataKeyValue: { MetadataKey: "owner", MetadataValue: "b" },
    }),
  );
  await refused(
    send(
      new RemoveSchemaVersionMetadataCommand({
        SchemaVersionId,
        MetadataKeyValue: { MetadataKey: "owner", MetadataValue: "b" },
      }),
    ),
    "EntityNotFoundException",
  );
  for (let i = 0; i < 8; i += 1) await put(`k${i}`, "v");
  await refused(put("k8", "v"), "ResourceNumberLimitExceededException");
});
