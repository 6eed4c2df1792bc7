import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../../src/index.js";
import { runCommandLine } from "../../../src/cli/run.js";
import type { Terminal } from "../../../src/cli/terminal.js";
import { twelveVersions } from "./twelve-versions.js";

const root = mkdtempSync(join(tmpdir(), "dyna-as-of-"));
let glue: GlueContext;
beforeAll(async () => {
  await (await twelveVersions(root)).close();
  glue = await GlueContext.open({ catalog: join(root, "catalog"), engine: "reference" });
});
afterAll(async () => {
  await glue.close();
  rmSync(root, { recursive: true, force: true });
});

const orders = { database: "shop", tableName: "orders" };

test("a version is read with the files and the type it had", async () => {
  // a01.json went with version 6, so that 5 cannot be read whole; version 9 has all files but those of a10
  const then = glue.createDynamicFrame.fromCatalog({ ...orders, asOfVersion: 9 });
  expect(await then.count()).toBe(13);
  expect((await then.schema()).fields.map(({ name }) => name)).toEqual(["id", "price", "tags", "customer", "gift"]);
  expect(await glue.createDynamicFrame.fromCatalog(orders).count()).toBe(14);
});

test("a time means the version in force then", async () => {
  // version 8: gift only null
  const before = glue.createDynamicFrame.fromCatalog({ ...orders, asOfTime: "2024-01-09T12:00:00Z" });
  const type = await before.schema();
  expect(type.fields.find(({ name }) => name === "gift")?.type.kind).toBe("null");
  expect(await before.count()).toBe(11);
});

test("what was deleted or rewritten since is named, or left out when asked", async () => {
  const read = (asOfVersion: number, allowMissingFiles = false) =>
    glue.createDynamicFrame.fromCatalog({ ...orders, asOfVersion, additionalOptions: { allowMissingFiles } }).count();
  await expect(read(1)).rejects.toMatchObject({ code: "SOURCE_VANISHED", file: join(root, "orders/a01.json") });
  expect(await read(1, true)).toBe(2);
  // rewritten by 11
  await expect(read(10)).rejects.toMatchObject({ code: "SOURCE_VANISHED", file: join(root, "orders/a10.json") });
  expect(await read(10, true)).toBe(13);
});

test("versions and times that never were", async () => {
  await expect(glue.createDynamicFrame.fromCatalog({ ...orders, asOfVersion: 77 }).count()).rejects.toMatchObject({
    code: "VERSION_NOT_FOUND",
  });
  await expect(
    glue.createDynamicFrame.fromCatalog({ ...orders, asOfTime: "2023-12-31" }).count(),
  ).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
  await expect(
    glue.createDynamicFrame.fromCatalog({ ...orders, asOfVersion: 1, asOfTime: "2024-01-02" }).count(),
  ).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
});

describe("the command", () => {
  const run = async (...args: string[]) => {
    const found = { out: "", err: "" };
    const terminal: Terminal = {
      out: async (text) => {
        found.out += text;
      },
      err: (text) => {
        found.err += text;
      },
      closed: () => false,
      outIsTerminal: false,
      errIsTerminal: false,
      columns: undefined,
      mayColor: false,
      env: {},
      signal: new AbortController().signal,
      now: () => 0,
    };
    const status = await runCommandLine(
      ["--catalog", join(root, "catalog"), "--engine", "reference", ...args],
      terminal,
    );
    return { status, ...found };
  };
  test.each<[number, string[]]>([
    [4, ["drift", "shop.orders", "--against", "v3", "--fail-on", "forward"]],
    [0, ["drift", "shop.orders", "--against", "v3", "--fail-on", "backward"]],
    [4, ["diff", "shop.orders@10..11", "--fail-on", "backward"]],
    [4, ["diff", "shop.orders@0..1", "--fail-on", "any"]],
    [0, ["diff", "shop.orders@0..1", "--fail-on", "full"]],
    [0, ["diff", "shop.orders@11..", "--fail-on", "any"]],
    [2, ["diff", "shop.orders"]],
    [2, ["drift", "shop.orders", "--fail-on", "all"]],
    [1, ["diff", "shop.orders@3..99"]],
  ])("exit status %d of %j", async (status, args) => {
    expect((await run(...args)).status).toBe(status);
  });
  test("JSON is the report of the API; html is a page", async () => {
    expect(JSON.parse((await run("drift", "shop.orders", "--from", "2024-01-08", "--json")).out)).toEqual(
      JSON.parse(JSON.stringify(await glue.drift({ ...orders, from: "2024-01-08" }))),
    );
    expect((await run("diff", "shop.orders@3..5", "--format", "html")).out).toMatch(/^<!doctype html>/);
    expect((await run("blame", "shop.orders", "gift")).out).toMatch(/boolean +1 +50\.0% +v9 2024-01-10/);
  });
});
