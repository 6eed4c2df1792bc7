/** S3 grants writing and deleting apart: an overwrite that may not delete leaves what was there, and nothing else. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, Job } from "../../src/index.js";
import { startS3Proxy, type ProxiedRequest, type S3Proxy } from "../storage/s3-proxy.js";
import { startS3rver, type S3Server } from "../storage/s3-servers.js";

let folder: string;
let server: S3Server;
let proxy: S3Proxy;
let glue: GlueContext;
const path = "s3://lake/out";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dyna-denied-"));
  server = await startS3rver();
  proxy = await startS3Proxy(server.endpoint);
  const s3 = { ...server.settings, endpoint: proxy.endpoint, maxAttempts: 1 };
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1, s3 });
  await server.createBucket("lake");
});
afterAll(async () => {
  await glue.close();
  proxy.stop();
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const write = (k: readonly string[], mode: "append" | "overwrite"): Promise<unknown> =>
  glue.writeDynamicFrame.fromOptions({
    frame: glue.createDynamicFrame.fromRows(k.map((key) => ({ k: key, v: 1 }))),
    connectionType: "s3",
    connectionOptions: { path, partitionKeys: ["k"] },
    format: "json",
    mode,
  });
async function files(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const file of glue.storage.list(path)) found.push(file.path.slice("s3://".length));
  return found;
}
const isDelete = ({ method }: ProxiedRequest): boolean => method === "DELETE";
const isOf = ({ url }: ProxiedRequest, file: string): boolean => decodeURIComponent(url).split("?")[0] === `/${file}`;
const isData = ({ url }: ProxiedRequest): boolean => url.includes("/part-");

let before: readonly string[];
beforeEach(async () => {
  proxy.denies = () => false;
  await write(["a", "b"], "overwrite");
  before = await files();
  expect(before.map((file) => file.slice(0, 12))).toEqual(["lake/out/k=a", "lake/out/k=b"]);
  proxy.requests.length = 0;
});

test("without the right to delete, nothing new is sent", async () => {
  proxy.denies = isDelete;
  const denied = { code: "ACCESS_DENIED", hint: expect.stringContaining("s3:DeleteObject") as string };
  await expect(write(["c", "d"], "overwrite")).rejects.toMatchObject(denied);
  expect(await files()).toEqual(before);
  expect(proxy.requests.filter(({ method }) => method === "PUT" || method === "POST")).toEqual([]);
  // of one folder alone
  proxy.denies = (request) => isDelete(request) && decodeURIComponent(request.url).includes("/k=b/");
  await expect(write(["c"], "overwrite")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  expect(await files()).toEqual(before);
  await write(["c"], "append");
});

test("a job's overwrite fails before its commit, which is not kept", async () => {
  const job = await Job.init(glue, "denied", {});
  proxy.denies = isDelete;
  await expect(write(["c"], "overwrite")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  await job.abandon();
  expect(await files()).toEqual(before);
});

test("the files that were there are kept when none of them goes, though others in their folders would", async () => {
  proxy.denies = (request) => isDelete(request) && before.some((file) => isOf(request, file));
  await expect(write(["a", "c"], "overwrite")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  expect(await files()).toEqual(before);
});

test("one that stays does not keep the others, and is told", async () => {
  const kept = before[1] ?? "";
  await write(["b2", "b3"], "append");
  proxy.denies = (request) => isDelete(request) && isOf(request, kept);
  await expect(write(["c"], "overwrite")).rejects.toMatchObject({ code: "ACCESS_DENIED", file: `s3://${kept}` });
  expect((await files()).map((file) => file.slice(0, 12))).toEqual(["lake/out/k=b", "lake/out/k=c"]);
});

test("where deleting is allowed, one question for each folder is all that is more", async () => {
  await write(["a"], "overwrite");
  expect(proxy.requests.filter(isDelete).map((request) => isData(request))).toEqual([false, false, true, true]);
  expect((await files()).length).toBe(1);
});
