/** TestConnection really connects. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateConnectionCommand, type GlueClient, TestConnectionCommand } from "@aws-sdk/client-glue";
import { DatabaseSync } from "@photostructure/sqlite";
import { withServer } from "./sdk-client.js";

const asked: string[] = [];
const connected = withServer({
  secrets: async (id) => {
    asked.push(id);
    return { username: "SECRET-user", password: "SECRET-password" };
  },
});
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const folder = mkdtempSync(join(tmpdir(), "dynaframe-test-connection-"));
const database = join(folder, "shop.db");

/** Takes connections and hangs up on them. */
let rude: Server;
beforeAll(async () => {
  const db = new DatabaseSync(database);
  db.exec("CREATE TABLE orders (id INTEGER)");
  db.close();
  writeFileSync(join(folder, "text.db"), "no database".repeat(1000));
  rude = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => {
    rude.listen(0, "127.0.0.1", resolve);
  });
});
afterAll(() => {
  rude.close();
  rmSync(folder, { recursive: true, force: true });
});

const create = (ConnectionProperties: Record<string, string>) =>
  send(new CreateConnectionCommand({ ConnectionInput: { Name: "db", ConnectionType: "JDBC", ConnectionProperties } }));
const test = () => send(new TestConnectionCommand({ ConnectionName: "db" }));
const rudePort = (): string => {
  const address = rude.address();
  return typeof address === "object" && address !== null ? String(address.port) : "";
};

it("succeeds where a database answers, by name and by what it is given", async () => {
  await create({ JDBC_CONNECTION_URL: `jdbc:sqlite:${database}` });
  expect((await test()).$metadata.httpStatusCode).toBe(200);
  const given = {
    ConnectionType: "JDBC" as const,
    ConnectionProperties: { JDBC_CONNECTION_URL: `jdbc:sqlite:${database}` },
  };
  expect((await send(new TestConnectionCommand({ TestConnectionInput: given }))).$metadata.httpStatusCode).toBe(200);
  expect(asked).toEqual([]);
});

it("fails by name where none does, with its reason", async () => {
  await create({ JDBC_CONNECTION_URL: `jdbc:sqlite:${join(folder, "absent.db")}` });
  await expect(test()).rejects.toMatchObject({
    name: "InvalidInputException",
    message: expect.stringContaining("absent.db") as string,
  });
  await expect(
    send(
      new TestConnectionCommand({
        TestConnectionInput: {
          ConnectionType: "JDBC",
          ConnectionProperties: { JDBC_CONNECTION_URL: `jdbc:sqlite:${join(folder, "text.db")}` },
        },
      }),
    ),
  ).rejects.toMatchObject({ name: "InvalidInputException" });
});

it("logs in with what SECRET_ID stands for, and tells none of it", async () => {
  await create({ JDBC_CONNECTION_URL: `jdbc:postgresql://127.0.0.1:${rudePort()}/shop`, SECRET_ID: "prod/shop" });
  const error = await test().then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(asked).toEqual(["prod/shop"]);
  expect(error).toMatchObject({
    name: "InvalidInputException",
    message: expect.stringContaining("The connection cannot be used") as string,
  });
  expect(`${JSON.stringify(error)} ${String((error as Error).stack)}`).not.toContain("SECRET-");
});

it("refuses what it cannot test", async () => {
  await expect(send(new TestConnectionCommand({}))).rejects.toMatchObject({ name: "InvalidInputException" });
  await expect(send(new TestConnectionCommand({ ConnectionName: "none" }))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
  await send(
    new CreateConnectionCommand({
      ConnectionInput: {
        Name: "kafka",
        ConnectionType: "KAFKA",
        ConnectionProperties: { KAFKA_BOOTSTRAP_SERVERS: "h:9092" },
      },
    }),
  );
  await expect(send(new TestConnectionCommand({ ConnectionName: "kafka" }))).rejects.toMatchObject({
    name: "OperationNotSupportedException",
  });
});
