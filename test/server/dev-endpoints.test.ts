/** Development endpoints of Glue's API, over the records of `src/devendpoint`, through the JavaScript SDK. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchGetDevEndpointsCommand,
  CreateDevEndpointCommand,
  DeleteDevEndpointCommand,
  GetDevEndpointCommand,
  GetDevEndpointsCommand,
  GetTagsCommand,
  type GlueClient,
  ListDevEndpointsCommand,
  UpdateDevEndpointCommand,
} from "@aws-sdk/client-glue";
import { utils } from "ssh2";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { changeEndpoint, getEndpoint } from "../../src/devendpoint/endpoint-record.js";
import { type GlueServer, startGlueServer } from "../../src/server/index.js";
import { clientOf, withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const refused = (work: Promise<unknown>, name: string): Promise<void> => expect(work).rejects.toMatchObject({ name });
const key = (): string => utils.generateKeyPairSync("ed25519").public;
const [one, two, three] = [key(), key(), key()];
const RoleArn = "arn:aws:iam::123456789012:role/glue";

it("are kept, changed and deleted; where nothing starts them they are STOPPED", async () => {
  const settings = {
    EndpointName: "dev",
    RoleArn,
    PublicKeys: [one, two],
    Arguments: { "--a": "1" },
    WorkerType: "G.1X" as const,
    NumberOfWorkers: 2,
  };
  expect(await send(new CreateDevEndpointCommand({ ...settings, Tags: { team: "a" } }))).toMatchObject({
    EndpointName: "dev",
    RoleArn,
    Status: "STOPPED",
    Arguments: { "--a": "1" },
  });
  await refused(send(new CreateDevEndpointCommand(settings)), "AlreadyExistsException");
  await send(
    new UpdateDevEndpointCommand({
      EndpointName: "dev",
      AddPublicKeys: [three],
      DeletePublicKeys: [one],
      DeleteArguments: ["--a"],
      AddArguments: { "--b": "2" },
      CustomLibraries: { ExtraPythonLibsS3Path: "s3://b/l" },
    }),
  );
  expect((await send(new GetDevEndpointCommand({ EndpointName: "dev" }))).DevEndpoint).toMatchObject({
    PublicKeys: [two, three],
    Arguments: { "--b": "2" },
    ExtraPythonLibsS3Path: "s3://b/l",
    RoleArn,
    Status: "STOPPED",
  });
  await send(new UpdateDevEndpointCommand({ EndpointName: "dev", PublicKey: one }));
  expect((await send(new GetDevEndpointsCommand({}))).DevEndpoints).toMatchObject([
    { EndpointName: "dev", PublicKeys: [one] },
  ]);
  expect(await send(new BatchGetDevEndpointsCommand({ DevEndpointNames: ["dev", "none"] }))).toMatchObject({
    DevEndpoints: [{ EndpointName: "dev" }],
    DevEndpointsNotFound: ["none"],
  });
  expect((await send(new ListDevEndpointsCommand({ Tags: { team: "a" } }))).DevEndpointNames).toEqual(["dev"]);
  expect((await send(new ListDevEndpointsCommand({ Tags: { team: "b" } }))).DevEndpointNames).toEqual([]);
  expect(
    (await send(new GetTagsCommand({ ResourceArn: "arn:aws:glue:us-east-1:123456789012:devEndpoint/dev" }))).Tags,
  ).toEqual({ team: "a" });
  await send(new DeleteDevEndpointCommand({ EndpointName: "dev" }));
  await refused(send(new GetDevEndpointCommand({ EndpointName: "dev" })), "EntityNotFoundException");
  await refused(send(new DeleteDevEndpointCommand({ EndpointName: "dev" })), "EntityNotFoundException");
});

it("take one to five public keys, and what fits together", async () => {
  const wrong = (more: object) =>
    refused(
      send(new CreateDevEndpointCommand({ EndpointName: "x", RoleArn, PublicKeys: [one], ...more })),
      "InvalidInputException",
    );
  await wrong({ PublicKeys: [] });
  await wrong({ PublicKeys: ["ssh-ed25519 nonsense"] });
  await wrong({ PublicKeys: [utils.generateKeyPairSync("ed25519").private] });
  await wrong({ PublicKey: two });
  await wrong({ EndpointName: "../x" });
  await wrong({ NumberOfNodes: 2, NumberOfWorkers: 2 });
  await wrong({ NumberOfNodes: 0 });
  expect((await send(new ListDevEndpointsCommand({}))).DevEndpointNames).toEqual([]);
  await send(new CreateDevEndpointCommand({ EndpointName: "x", RoleArn, PublicKey: one }));
  await refused(
    send(new UpdateDevEndpointCommand({ EndpointName: "x", DeletePublicKeys: [two] })),
    "InvalidInputException",
  );
  await refused(
    send(new UpdateDevEndpointCommand({ EndpointName: "x", DeletePublicKeys: [one] })),
    "InvalidInputException",
  );
  await refused(
    send(new UpdateDevEndpointCommand({ EndpointName: "none", AddPublicKeys: [two] })),
    "EntityNotFoundException",
  );
});

describe("with a part that starts them", () => {
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-dev-endpoints-"));
  let server: GlueServer;
  const started: string[] = [];
  beforeAll(async () => {
    server = await startGlueServer({
      open: () => openSqliteCatalog(folder),
      accountId: "123456789012",
      port: 0,
      keys: new Map([["key", "secret-secret"]]),
      parts: {
        startEndpoint: async (catalog, name) => {
          started.push(name);
          if (name === "bad") throw new Error("no port");
          await changeEndpoint(catalog, name, (endpoint) => ({
            ...endpoint,
            status: "READY",
            host: { port: 2222, pid: 1, hostKey: "k", readyAt: Date.now(), seenAt: Date.now() },
          }));
        },
      },
    });
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("they go from PROVISIONING to READY, in the record that the command sees", async () => {
    const glue = clientOf({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "key", secretAccessKey: "secret-secret" },
    });
    for (const EndpointName of ["good", "bad"])
      expect(["PROVISIONING", "READY"]).toContain(
        (await glue.send(new CreateDevEndpointCommand({ EndpointName, RoleArn, PublicKeys: [one] }))).Status,
      );
    expect(started).toEqual(["good", "bad"]);
    const { DevEndpoint } = await glue.send(new GetDevEndpointCommand({ EndpointName: "good" }));
    expect(DevEndpoint).toMatchObject({ Status: "READY", PrivateAddress: "127.0.0.1:2222" });
    const catalog = await openSqliteCatalog(folder);
    expect(await getEndpoint(catalog, "good", Date.now())).toMatchObject({
      publicKeys: [one],
      status: "READY",
      threads: 1,
    });
    await catalog.close();
    glue.destroy();
  });
});
