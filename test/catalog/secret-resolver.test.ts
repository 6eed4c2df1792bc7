/** SECRET_ID: what a connection only names, from a folder of secrets. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderSecrets } from "../../src/catalog/folder-secrets.js";
import { withSecret } from "../../src/catalog/secret-resolver.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-secret-id-"));
const folder = join(root, "secrets");
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

beforeAll(() => {
  mkdirSync(join(folder, "prod"), { recursive: true });
  writeFileSync(
    join(folder, "prod", "shop"),
    JSON.stringify({ username: "reader", password: "SECRET-1", host: "elsewhere", port: 5432 }),
  );
  mkdirSync(join(folder, "mounted", "..data"), { recursive: true });
  writeFileSync(join(folder, "mounted", "..data", "password"), "SECRET-2\n");
  symlinkSync(join("..data", "password"), join(folder, "mounted", "password"));
  writeFileSync(join(folder, "mounted", "username"), "u");
  writeFileSync(
    join(folder, "keys"),
    JSON.stringify({ S3_ACCESS_KEY_ID: "k", S3_SECRET_ACCESS_KEY: "SECRET-3", SECRET_ID: "keys" }),
  );
  writeFileSync(join(folder, "broken"), '{"password": "SECRET-4');
  writeFileSync(join(folder, "empty"), '{"host": "h"}');
  writeFileSync(join(root, "outside"), JSON.stringify({ password: "SECRET-5" }));
});

const connection = (id: string) => ({
  Name: "c",
  ConnectionType: "JDBC",
  ConnectionProperties: { JDBC_CONNECTION_URL: "jdbc:postgresql://h:5432/d", USERNAME: "own", SECRET_ID: id },
});
const resolved = async (id: string) => (await withSecret(connection(id), folderSecrets(folder))).ConnectionProperties;

it.each(["prod/shop", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/shop-a1B2c3"])(
  "%s gives user and password, and nothing of the address",
  async (id) => {
    expect(await resolved(id)).toEqual({
      ...connection(id).ConnectionProperties,
      USERNAME: "reader",
      PASSWORD: "SECRET-1",
    });
  },
);

it("a mounted folder has a file for each member", async () => {
  expect(await resolved("mounted")).toMatchObject({ USERNAME: "u", PASSWORD: "SECRET-2" });
});

it("members named as connection properties are taken too", async () => {
  expect(await resolved("keys")).toMatchObject({
    SECRET_ID: "keys",
    S3_ACCESS_KEY_ID: "k",
    S3_SECRET_ACCESS_KEY: "SECRET-3",
  });
});

it("a connection without SECRET_ID asks nobody", async () => {
  const plain = { ...connection(""), ConnectionProperties: { USERNAME: "own" } };
  expect(await withSecret(plain, () => Promise.reject(new Error("asked")))).toBe(plain);
});

it.each([
  ["nope", "SECRET_NOT_FOUND"],
  ["../outside", "SECRET_NOT_FOUND"],
  ["prod/../../outside", "SECRET_NOT_FOUND"],
  ["/etc/passwd", "SECRET_NOT_FOUND"],
  ["prod/shop/x", "SECRET_NOT_FOUND"],
  ["empty", "SECRET_NOT_FOUND"],
  ["broken", "SECRET_UNREADABLE"],
])("%s is %s, without a secret in the error", async (id, code) => {
  const error = await resolved(id).then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ code, name: "GlueEncryptionException" });
  expect(`${JSON.stringify(error)} ${(error as Error).stack ?? ""}`).not.toContain("SECRET-");
});

it("says how to give secrets where none can be looked up", async () => {
  await expect(withSecret(connection("x"), folderSecrets(undefined))).rejects.toMatchObject({
    code: "SECRET_NOT_FOUND",
    hint: expect.stringContaining("DYNAFRAME_SECRETS") as string,
  });
});
