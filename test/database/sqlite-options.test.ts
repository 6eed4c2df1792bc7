/** Options of databases that the contract does not try, on SQLite: what each changes, and which values are refused. */
import { DatabaseSync } from "@photostructure/sqlite";
import { join } from "node:path";
import type { DatabaseSinkOptions, DatabaseSourceOptions } from "../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";

let context: TemporaryContext;
let url: string;
beforeAll(async () => {
  context = await temporaryContext({ engine: "reference" });
  url = `jdbc:sqlite:${join(context.directory, "kept.db")}`;
  await write({ dbtable: "t" });
});
afterAll(() => context.close());

const read = (options: DatabaseSourceOptions) =>
  context.glue.createDynamicFrame.fromOptions({ connectionType: "sqlite", connectionOptions: { url, ...options } });
const write = (options: DatabaseSinkOptions) =>
  context.glue.writeDynamicFrame.fromOptions({
    frame: context.glue.createDynamicFrame.fromRows([{ id: 1 }, { id: 2 }, { id: 3 }]),
    connectionType: "sqlite",
    connectionOptions: { url, ...options },
  });
const ids = async (options: DatabaseSourceOptions): Promise<unknown> =>
  (await read(options).records()).map((r) => r["id"]).sort();

test("sampleQuery is read instead of the table, in hash partitions when enablePartitioningForSampleQuery says so", async () => {
  const sampleQuery = "SELECT id FROM t WHERE id > 1";
  expect(await ids({ dbtable: "t", sampleQuery })).toEqual([2, 3]);
  for (const enablePartitioningForSampleQuery of [true, "true", false, "false"] as const) {
    expect(
      await ids({ dbtable: "t", sampleQuery, hashfield: "id", hashpartitions: 2, enablePartitioningForSampleQuery }),
    ).toEqual([2, 3]);
  }
  // the number of partitions is looked at only where it takes effect
  expect(() =>
    read({ sampleQuery, hashfield: "id", hashpartitions: 0, enablePartitioningForSampleQuery: true }),
  ).toThrow(expect.objectContaining({ code: "BAD_OPTION", path: "hashpartitions" }));
  expect(await ids({ sampleQuery, hashfield: "id", hashpartitions: 0 })).toEqual([2, 3]);
});

test("bulkSize and batchsize are checked and change nothing", async () => {
  expect(await write({ dbtable: "bulk", bulkSize: "2" })).toMatchObject({ written: 3 });
  expect(await write({ dbtable: "bulk", batchsize: 2 })).toMatchObject({ written: 3 });
  expect(await ids({ dbtable: "bulk" })).toEqual([1, 1, 2, 2, 3, 3]);
  for (const [name, value] of [
    ["bulkSize", 0],
    ["bulkSize", "many"],
    ["batchsize", -1],
  ] as const)
    await expect(write({ dbtable: "bulk", [name]: value })).rejects.toMatchObject({ code: "BAD_OPTION", path: name });
});

test("connectTimeout bounds the wait for a database that another holds", async () => {
  const other = new DatabaseSync(join(context.directory, "kept.db"));
  other.exec("BEGIN EXCLUSIVE");
  try {
    await expect(write({ dbtable: "t", connectTimeout: 50 })).rejects.toMatchObject({
      name: expect.any(String) as string,
      code: expect.stringMatching(/^[A-Z_]+$/) as string,
    });
  } finally {
    other.exec("ROLLBACK");
    other.close();
  }
  expect(await ids({ dbtable: "t", connectTimeout: 50, readTimeout: 0 })).toEqual([1, 2, 3]);
});

test.each([
  [{ connectTimeout: 0 }, "connectTimeout"],
  [{ connectTimeout: "soon" }, "connectTimeout"],
  [{ readTimeout: -1 }, "readTimeout"],
  [{ url: 5 }, "url"],
  [{ user: {} }, "user"],
  [{ password: 1234 }, "password"],
  [{ hashfield: ["id"] }, "hashfield"],
  [{ connectionName: null }, "connectionName"],
  [{ jobBookmarkKeysSortOrder: "up" }, "jobBookmarkKeysSortOrder"],
  [{ hashfields: "id" }, "hashfields"],
])("%j is refused before anything is opened", (options, path) => {
  const error = expect.objectContaining({
    code: "BAD_OPTION",
    path,
    message: expect.not.stringContaining("1234") as string,
  });
  expect(() => read({ dbtable: "t", ...options } as never)).toThrow(error);
});

test.each([
  [{ dbtable: 5 }, "dbtable"],
  [{ query: 5 }, "query"],
])("%j too", (options, path) => {
  expect(() => read(options as never)).toThrow(expect.objectContaining({ code: "BAD_OPTION", path }));
});
