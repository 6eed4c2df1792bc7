/**
 * Malformed requests get an error of the Glue API, never a fault, and change nothing. DYNAFRAME_FUZZ sets how many;
 * default 10,000.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { coverage, type GlueServer, startGlueServer } from "../../src/server/index.js";
import { GLUE_OPERATIONS, GLUE_SHAPES } from "../../src/server/generated/glue-shapes.js";
import { textPattern } from "../../src/server/model/text-pattern.js";
import { malformedRequest, seeded } from "./malformed-request.js";
import { post } from "./sdk-client.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-fuzz-"));
let server: GlueServer;
beforeAll(async () => {
  server = await startGlueServer({
    open: () => openSqliteCatalog(folder),
    accountId: "123456789012",
    port: 0,
    insecureNoAuth: true,
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Every row of every table. */
function contents(): string {
  const db = new DatabaseSync(join(folder, "catalog.db"), { readOnly: true });
  const hash = createHash("sha256");
  for (const { name } of db
    .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') ORDER BY name")
    .all() as { name: string }[]) {
    hash.update(name);
    if (
      !name.startsWith("sqlite_autoindex")
      && db.prepare("SELECT 1 FROM sqlite_schema WHERE name = ? AND type = 'table'").get(name) !== undefined
    ) {
      for (const row of db.prepare(`SELECT * FROM ${name}`).all()) hash.update(JSON.stringify(row));
    }
  }
  db.close();
  return hash.digest("hex");
}

/** The service's errors, and those that every AWS service of this protocol has. */
const NAMES =
  /^(ValidationException|InvalidInputException|SerializationException|EntityNotFoundException|OperationNotSupportedException)$/;

test("malformed requests are refused by name and change nothing", async () => {
  const shop = { DatabaseName: "a", TableName: "a" };
  for (const [operation, input] of [
    ["CreateDatabase", { DatabaseInput: { Name: "a" } }],
    [
      "CreateTable",
      {
        DatabaseName: "a",
        TableInput: {
          Name: "a",
          PartitionKeys: [{ Name: "a", Type: "string" }],
          StorageDescriptor: { Columns: [{ Name: "a", Type: "int" }] },
        },
      },
    ],
    ["CreatePartition", { ...shop, PartitionInput: { Values: ["a"] } }],
    ["CreateWorkflow", { Name: "a" }],
    ["CreateJob", { Name: "a", Role: "a", Command: { Name: "glueetl", ScriptLocation: "a" } }],
    ["CreateConnection", { ConnectionInput: { Name: "a", ConnectionType: "NETWORK", ConnectionProperties: {} } }],
    ["CreateUserDefinedFunction", { DatabaseName: "a", FunctionInput: { FunctionName: "a" } }],
  ] as const)
    expect(await post(server.endpoint, `AWSGlue.${operation}`, JSON.stringify(input))).toMatchObject({ status: 200 });
  const before = contents();

  const operations = coverage()
    .filter(({ implemented }) => implemented)
    .map(({ operation }) => operation);
  const random = seeded(20_260_101);
  const wrong: unknown[] = [];
  let sent = 0;
  const total = Number(process.env["DYNAFRAME_FUZZ"] ?? 10_000);
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (sent < total) {
        const operation = operations[sent % operations.length] ?? "";
        sent += 1;
        const body = malformedRequest(random, GLUE_OPERATIONS[operation]?.input ?? "");
        const { status, type, json } = await post(server.endpoint, `AWSGlue.${operation}`, body);
        if (status < 400 || status > 499 || !NAMES.test(type) || json["__type"] !== type)
          wrong.push({ operation, status, type, body: body.slice(0, 500) });
      }
    }),
  );
  expect(sent).toBeGreaterThanOrEqual(total);
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(contents()).toBe(before);
}, 600_000);

test("no pattern of the service model is slow on any text", () => {
  const patterns = [
    ...new Set(
      Object.values(GLUE_SHAPES).flatMap((spec) =>
        spec.kind === "string" && spec.pattern !== undefined ? [spec.pattern] : [],
      ),
    ),
  ];
  expect(patterns.length).toBeGreaterThan(30);
  const seeds = [
    "a",
    "a.",
    ".",
    "/",
    "s3://a/",
    " ",
    "\t",
    "9-",
    "arn:aws:iam::123456789012:role/",
    "_",
    "-",
    "a_",
    "\ud83d\ude00",
    "$.a",
  ];
  for (const pattern of patterns) {
    const matches = textPattern(pattern);
    for (const seed of seeds)
      for (const end of ["", "\u0000", "!", "\n"]) expect(typeof matches(seed.repeat(20_000) + end)).toBe("boolean");
  }
}, 120_000);
