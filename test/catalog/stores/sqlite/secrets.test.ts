/** Secrets: sealed in the file, opened only by their key, absent from errors and prints. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import {
  isSecretProperty,
  MASK,
  openValue,
  redactConnection,
  sealValue,
  secretKey,
} from "../../../../src/catalog/connection-secrets.js";
import { CONNECTION_PROPERTY_KEYS } from "../../../../src/catalog/connection-schema.js";
import { openSqliteCatalog } from "../../../../src/catalog/stores/sqlite/index.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-secrets-"));
const before = process.env["DYNAFRAME_KEY"];
beforeEach(() => {
  delete process.env["DYNAFRAME_KEY"];
});
afterAll(() => {
  if (before !== undefined) process.env["DYNAFRAME_KEY"] = before;
  rmSync(root, { recursive: true, force: true });
});
let count = 0;
const folder = (): string => join(root, `c${(count += 1)}`);

const SECRETS = {
  PASSWORD: "SECRET-aaa-1",
  KAFKA_CLIENT_KEY_PASSWORD: "SECRET-bbb-2",
  ENCRYPTED_PASSWORD: "SECRET-ccc-3",
  S3_SECRET_ACCESS_KEY: "SECRET-ddd-4",
  S3_SESSION_TOKEN: "SECRET-eee-5",
};
const connection = {
  Name: "warehouse",
  ConnectionType: "JDBC",
  ConnectionProperties: {
    ...SECRETS,
    USERNAME: "reader",
    JDBC_CONNECTION_URL: "jdbc:postgresql://admin:SECRET-fff-6@db/shop?password=SECRET-ggg-7&ssl=true",
  },
};

// without SQLite's log and its index, which are empty once the catalog is closed
const filesOf = (address: string): string[] =>
  readdirSync(address)
    .filter((f) => !/-(wal|shm)$/.test(f))
    .sort();

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error("nothing was thrown");
    },
    (error: Error) => error,
  );
}

it("no byte of a secret reaches the disk, and the key is the owner's alone", async () => {
  const address = folder();
  const catalog = await openSqliteCatalog(address);
  await catalog.createConnection(connection);
  await catalog.updateConnection("warehouse", { ...connection, Description: "again" });
  expect((await catalog.getConnection("warehouse")).ConnectionProperties).toEqual(connection.ConnectionProperties);
  await catalog.close();
  const key = readFileSync(join(address, "key"));
  expect(statSync(join(address, "key")).mode & 0o777).toBe(0o600);
  expect(filesOf(address)).toEqual(["catalog.db", "key"]);
  expect(statSync(join(address, "catalog.db-wal"), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  const bytes = Buffer.concat(
    readdirSync(address)
      .filter((f) => f !== "key")
      .map((f) => readFileSync(join(address, f))),
  );
  expect(bytes.includes("reader")).toBe(true);
  for (const needle of [
    "SECRET-",
    Buffer.from("SECRET-aaa-1").toString("base64").slice(0, 12),
    key.toString("utf8").trim(),
  ])
    expect(bytes.includes(needle)).toBe(false);
});

it("a catalog without connections has no key", async () => {
  const address = folder();
  const catalog = await openSqliteCatalog(address);
  await catalog.createConnection({ Name: "plain", ConnectionType: "NETWORK", ConnectionProperties: {} });
  await catalog.close();
  expect(filesOf(address)).toEqual(["catalog.db"]);
});

it("another key, a lost key and a damaged value are told apart, without the secret", async () => {
  const address = folder();
  const catalog = await openSqliteCatalog(address);
  await catalog.createConnection(connection);
  const errors: Error[] = [];
  process.env["DYNAFRAME_KEY"] = Buffer.alloc(32, 7).toString("base64");
  errors.push(await failure(catalog.getConnection("warehouse")));
  expect(errors[0]).toMatchObject({ code: "SECRET_KEY_MISMATCH", name: "GlueEncryptionException" });
  process.env["DYNAFRAME_KEY"] = "too short";
  errors.push(await failure(catalog.getConnection("warehouse")));
  expect(errors[1]).toMatchObject({ code: "SECRET_KEY_INVALID" });
  delete process.env["DYNAFRAME_KEY"];
  const key = readFileSync(join(address, "key"));
  rmSync(join(address, "key"));
  errors.push(await failure(catalog.getConnection("warehouse")));
  expect(errors[2]).toMatchObject({ code: "SECRET_KEY_MISSING" });
  errors.push(await failure(catalog.createConnection({ ...connection, Name: "second" })));
  expect(errors[3]).toMatchObject({ code: "SECRET_KEY_MISSING" });
  expect(filesOf(address)).toEqual(["catalog.db"]);
  writeFileSync(join(address, "key"), key);
  await catalog.createConnection({ ...connection, Name: "second" });
  for (const error of errors) expect(`${JSON.stringify(error)}${String(error.stack)}`).not.toContain("SECRET-");
  await catalog.close();
});

it("a sealed value opens only in its own place and unchanged", () => {
  const key = secretKey(Buffer.alloc(32, 1));
  const sealed = sealValue(key, "c", "PASSWORD", "SECRET-ü😀");
  expect(openValue([key], "c", "PASSWORD", sealed)).toBe("SECRET-ü😀");
  expect(sealValue(key, "c", "PASSWORD", "SECRET-ü😀").sealed).not.toBe(sealed.sealed);
  const flipped = Buffer.from(sealed.sealed, "base64");
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  const attempts = [
    () => openValue([key], "d", "PASSWORD", sealed),
    () => openValue([key], "c", "OTHER", sealed),
    () => openValue([key], "c", "PASSWORD", { ...sealed, sealed: flipped.toString("base64") }),
    () => openValue([key], "c", "PASSWORD", { ...sealed, sealed: "" }),
  ];
  for (const attempt of attempts)
    expect(attempt).toThrow(expect.objectContaining({ code: "SECRET_UNREADABLE" }) as Error);
});

it("a value moved to another connection inside the database does not open", async () => {
  const address = folder();
  const catalog = await openSqliteCatalog(address);
  await catalog.createConnection({ ...connection, Name: "a" });
  await catalog.createConnection({ ...connection, Name: "b" });
  await catalog.close();
  const db = new DatabaseSync(join(address, "catalog.db"));
  db.exec(
    "UPDATE connections SET doc = replace((SELECT doc FROM connections WHERE name = 'a'), '\"Name\":\"a\"', '\"Name\":\"b\"') WHERE name = 'b'",
  );
  db.close();
  const again = await openSqliteCatalog(address);
  expect(await failure(again.getConnection("b"))).toMatchObject({ code: "SECRET_UNREADABLE" });
  expect((await again.getConnection("a")).ConnectionProperties["PASSWORD"]).toBe("SECRET-aaa-1");
  await again.close();
});

it("the key from the environment is used and no file is made", async () => {
  const address = folder();
  process.env["DYNAFRAME_KEY"] = Buffer.alloc(32, 9).toString("base64");
  const catalog = await openSqliteCatalog(address);
  await catalog.createConnection(connection);
  expect((await catalog.getConnection("warehouse")).ConnectionProperties["PASSWORD"]).toBe("SECRET-aaa-1");
  await catalog.close();
  expect(filesOf(address)).toEqual(["catalog.db"]);
});

it("prints are masked, also inside addresses", () => {
  const printed = redactConnection(connection);
  expect(JSON.stringify(printed)).not.toContain("SECRET-");
  expect(printed.ConnectionProperties).toMatchObject({
    USERNAME: "reader",
    PASSWORD: MASK,
    JDBC_CONNECTION_URL: `jdbc:postgresql://admin:${MASK}@db/shop?password=${MASK}&ssl=true`,
  });
  const url = (JDBC_CONNECTION_URL: string): string =>
    JSON.stringify(
      redactConnection({ ...connection, ConnectionProperties: { JDBC_CONNECTION_URL } }).ConnectionProperties,
    );
  for (const address of [
    "mongodb://u:SECRET-p@w@h/x",
    "jdbc:sqlserver://h:1;user=u;password=SECRET-x;encrypt=true",
    "jdbc:oracle:thin:scott/SECRET-t@//h:1521/x",
    "jdbc:mysql://h/x?Password=SECRET-x",
  ]) {
    expect(url(address)).not.toContain("SECRET-");
  }
  expect(url("jdbc:postgresql://host:5432/shop")).toContain("jdbc:postgresql://host:5432/shop");
});

it("every property that holds a secret is known as one", () => {
  expect(CONNECTION_PROPERTY_KEYS.filter(isSecretProperty).sort()).toEqual([
    "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD",
    "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD",
    "ENCRYPTED_KAFKA_SASL_SCRAM_PASSWORD",
    "ENCRYPTED_PASSWORD",
    "KAFKA_CLIENT_KEYSTORE_PASSWORD",
    "KAFKA_CLIENT_KEY_PASSWORD",
    "KAFKA_SASL_SCRAM_PASSWORD",
    "PASSWORD",
    "S3_SECRET_ACCESS_KEY",
    "S3_SESSION_TOKEN",
  ]);
});

describe("rotation", () => {
  const idOf = (address: string): string[] =>
    [
      ...readFileSync(join(address, "catalog.db"))
        .toString("latin1")
        .matchAll(/"key":"([0-9a-f]{12})"/g),
    ].map(([, id]) => id ?? "");
  const keysIn = (address: string): string[] => readFileSync(join(address, "key"), "utf8").trim().split("\n");

  it("encrypts every secret with a new key, and the old one is gone", async () => {
    const address = folder();
    const catalog = await openSqliteCatalog(address);
    const other = await openSqliteCatalog(address);
    for (const Name of ["a", "b"]) await catalog.createConnection({ ...connection, Name });
    await catalog.createConnection({ Name: "plain", ConnectionType: "NETWORK", ConnectionProperties: {} });
    const [before] = keysIn(address);
    const rotated = await catalog.rotateKey?.();
    expect(rotated).toMatchObject({ connections: 2, secrets: 12 });
    const [after, ...others] = keysIn(address);
    expect([after === before, others]).toEqual([false, []]);
    expect(statSync(join(address, "key")).mode & 0o777).toBe(0o600);
    expect(filesOf(address)).toEqual(["catalog.db", "key"]);
    // one that was open all the while goes on with the new key
    expect((await other.getConnection("b")).ConnectionProperties).toEqual(connection.ConnectionProperties);
    await other.createConnection({ ...connection, Name: "c" });
    expect((await catalog.getConnection("c")).ConnectionProperties).toEqual(connection.ConnectionProperties);
    await other.close();
    await catalog.close();
    expect(new Set(idOf(address))).toEqual(new Set([rotated?.key]));
  });

  it("that was killed half-way leaves every secret readable, before and after its change", async () => {
    const address = folder();
    const catalog = await openSqliteCatalog(address);
    await catalog.createConnection(connection);
    const [old = ""] = keysIn(address);
    const next = Buffer.alloc(32, 5).toString("base64");
    writeFileSync(join(address, "key"), `${next}\n${old}\n`); // as between the two writes
    expect((await catalog.getConnection("warehouse")).ConnectionProperties["PASSWORD"]).toBe("SECRET-aaa-1");
    await catalog.createConnection({ ...connection, Name: "new" });
    expect(await catalog.rotateKey?.()).toMatchObject({ connections: 2 });
    expect(keysIn(address)).toHaveLength(1);
    for (const name of ["warehouse", "new"])
      expect((await catalog.getConnection(name)).ConnectionProperties["PASSWORD"]).toBe("SECRET-aaa-1");
    await catalog.close();
  });

  it("changes nothing when one secret cannot be opened", async () => {
    const address = folder();
    const catalog = await openSqliteCatalog(address);
    await catalog.createConnection({ ...connection, Name: "good" });
    await catalog.createConnection({ ...connection, Name: "z-bad" });
    const db = new DatabaseSync(join(address, "catalog.db"));
    db.exec(
      'UPDATE connections SET doc = replace(doc, \'"key":\', \'"key":"000000000000","was":\') WHERE name = \'z-bad\'',
    );
    db.close();
    await expect(catalog.rotateKey?.()).rejects.toMatchObject({ code: "SECRET_KEY_MISMATCH" });
    expect((await catalog.getConnection("good")).ConnectionProperties).toEqual(connection.ConnectionProperties);
    await catalog.close();
  });

  it("moves to the first of several keys in the environment", async () => {
    const address = folder();
    const [old, next] = [Buffer.alloc(32, 1).toString("base64"), Buffer.alloc(32, 2).toString("base64")];
    process.env["DYNAFRAME_KEY"] = old;
    const catalog = await openSqliteCatalog(address);
    await catalog.createConnection(connection);
    process.env["DYNAFRAME_KEY"] = `${next} ${old}`;
    expect(await catalog.rotateKey?.()).toMatchObject({ secrets: 6, key: secretKey(Buffer.alloc(32, 2)).id });
    process.env["DYNAFRAME_KEY"] = next;
    expect((await catalog.getConnection("warehouse")).ConnectionProperties).toEqual(connection.ConnectionProperties);
    expect(filesOf(address)).toEqual(["catalog.db"]);
    await catalog.close();
  });

  it("by several at once leaves one key that opens everything", async () => {
    const address = folder();
    const all = await Promise.all(Array.from({ length: 4 }, () => openSqliteCatalog(address)));
    await all[0]?.createConnection(connection);
    await Promise.all(all.map(async (catalog) => catalog.rotateKey?.()));
    expect(keysIn(address)).toHaveLength(1);
    expect((await all[0]?.getConnection("warehouse"))?.ConnectionProperties).toEqual(connection.ConnectionProperties);
    await Promise.all(all.map((catalog) => catalog.close()));
  });
});
