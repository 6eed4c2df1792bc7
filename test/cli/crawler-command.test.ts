import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-crawler-"));
const catalog = join(folder, "catalog");
beforeAll(() => {
  buildIfStale();
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "a.json"), '{"id":1}\n');
}, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("a crawler is made, listed, started, looked at and deleted", async () => {
  const run = (...args: string[]) => cli(["crawler", ...args], { catalog });
  expect(
    await run(
      "create",
      "lake",
      join(folder, "data"),
      "-d",
      "shop",
      "--prefix",
      "raw_",
      "--schedule",
      "cron(0 3 * * ? *)",
    ),
  ).toMatchObject({ status: 0, out: "created crawler lake\n" });
  expect((await run("list")).out).toMatch(/^CRAWLER .*\nlake +shop +READY +.*data +cron\(0 3 \* \* \? \*\)/);
  expect((await run("start", "lake")).out).toMatch(/shop\.raw_data +create +json/);
  expect((await run("history", "lake")).out).toMatch(/COMPLETED +.* 1 +0 +0 /);
  expect((await run("metrics", "lake")).out).toMatch(/lake +1 +0 +0 /);
  expect((await run("schedule", "lake", "stop")).out).toBe("scheduled crawler lake\n");
  expect(JSON.parse((await run("get", "lake")).out)).toMatchObject({
    Name: "lake",
    State: "READY",
    Schedule: { State: "NOT_SCHEDULED" },
    LastCrawl: { Status: "SUCCEEDED" },
  });
  expect(await run("stop", "lake")).toMatchObject({ status: 1, err: expect.stringContaining("not running") as string });
  const settings = join(folder, "settings.json");
  writeFileSync(settings, JSON.stringify({ SchemaChangePolicy: { UpdateBehavior: "LOG", DeleteBehavior: "LOG" } }));
  expect((await run("update", "lake", "--settings", settings)).status).toBe(0);
  expect(JSON.parse((await run("get", "lake")).out)).toMatchObject({
    TablePrefix: "raw_",
    SchemaChangePolicy: { UpdateBehavior: "LOG" },
  });
  expect((await run("delete", "lake")).out).toBe("deleted crawler lake\n");
  expect((await run("list")).out).toBe("no crawlers\n");
}, 120_000);

test("one without a target is refused", async () => {
  expect(await cli(["crawler", "create", "lake"], { catalog })).toMatchObject({
    status: 2,
    err: expect.stringContaining("needs paths") as string,
  });
});
