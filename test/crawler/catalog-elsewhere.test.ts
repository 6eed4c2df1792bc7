/** A crawl into the catalog of a server: what goes with it on this machine lies in ./.dynaframe. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { openServer } from "../../src/server/open-server.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-elsewhere-"));
const before = process.cwd();
beforeAll(() => {
  process.chdir(root);
});
afterAll(() => {
  process.chdir(before);
  rmSync(root, { recursive: true, force: true });
});

test("crawl, plan, apply, history and reading by an http catalog", async () => {
  const server = await openServer({ catalog: join(root, "lake"), port: 0, insecureNoAuth: true });
  try {
    mkdirSync("data");
    writeFileSync("data/a.json", '{"n":1}\n{"n":"x"}\n');
    const glue = await GlueContext.open({ catalog: server.endpoint });
    const includes = [join(root, "data")];
    const first = await glue.crawl({ database: "d", includes });
    expect(first.tables.map(({ name, contents }) => [name, contents.records])).toEqual([["data", 2]]);
    expect((await glue.crawl({ database: "d", includes })).totals.scanned).toBe(0);
    writeFileSync("data/b.json", '{"n":2}\n');
    const plan = await glue.planCrawl({ database: "d", includes });
    expect((await glue.applyPlan(plan)).tables.map(({ contents }) => contents.records)).toEqual([3]);
    await expect(glue.applyPlan(plan)).rejects.toMatchObject({ code: "PLAN_STALE" });
    expect((await glue.crawls("d")).length).toBeGreaterThanOrEqual(3);
    const frame = glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "data" });
    expect([await frame.count(), (await frame.drift()).map(({ path }) => path)]).toEqual([3, ["n"]]);
    await glue.close();
    expect(existsSync(join(root, ".dynaframe", "crawls"))).toBe(true);
  } finally {
    await server.close();
  }
});
