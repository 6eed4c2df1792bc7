/** What README prints is what the commands, the script and the test there print. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { matchers, temporaryContext } from "../../src/testing/index.js";
import { duckdb } from "../bad-input/world.js";
import { buildIfStale, cli } from "../cli/cli-process.js";

const root = join(__dirname, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "dynaframe-readme-"));
const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));
const blockWith = (text: string): string => blocks.find((block) => block.text.includes(text))?.text ?? "";
beforeAll(() => {
  buildIfStale();
}, 900_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the crawl of a type that comes late, and what DuckDB makes of it", async () => {
  mkdirSync(join(folder, "late"));
  writeFileSync(
    join(folder, "late", "readings.ndjson"),
    `${'{"n": 7}\n'.repeat(20_480)}{"n": 1.5}\n{"n": true}\n{"n": 7}\n`,
  );
  const [command, ...printed] = blockWith("dynaframe crawl ./late").split("\n");
  expect(command).toBe("$ npx dynaframe crawl ./late --database demo");
  const { status, out } = await cli(["--catalog", join(folder, "catalog"), "crawl", "./late", "--database", "demo"], {
    cwd: folder,
  });
  expect([status, out.startsWith(printed.join("\n"))]).toEqual([0, true]);
  const counts = await duckdb(
    `select n::varchar as n, count(*)::int as records from read_json('${join(folder, "late", "readings.ndjson")}') group by n order by n`,
  );
  expect(counts).toEqual([
    { n: "1", records: 1 },
    { n: "2", records: 1 },
    { n: "7", records: 20481 },
  ]);
  expect([...readme.matchAll(/^\| (\d) \| ([\d,]+) \|/gm)].map(([, n, records]) => [n, records])).toEqual([
    ["7", "20,481"],
    ["2", "1"],
    ["1", "1"],
  ]);
}, 300_000);

test("the choices of movies.json", async () => {
  mkdirSync(join(folder, "movies"));
  cpSync(join(root, "node_modules", "vega-datasets", "data", "movies.json"), join(folder, "movies", "movies.json"));
  const glue = await GlueContext.open({ catalog: join(folder, "movies-catalog") });
  const { tables } = await glue.crawl({ database: "vega", includes: [join(folder, "movies")] });
  await glue.close();
  const told = tables
    .flatMap(({ contents }) => contents.choices)
    .filter(({ path }) => path !== "Worldwide Gross")
    .flatMap(({ arms, nulls }) => [
      ...arms.map(
        ({ tag, count, percent, first }) =>
          `${tag} ${count.toLocaleString("en")} ${percent.toFixed(1)}% movies.json:${first.record}:${first.offset}`,
      ),
      `null ${nulls}`,
    ]);
  const lines = blockWith("movies.json:0:17")
    .split("\n")
    .map((line) => line.replace(/Title|IMDB Rating/g, "").replace(/ +/g, " "));
  for (const arm of told) expect(lines.filter((line) => ` ${line} `.includes(` ${arm} `))).toHaveLength(1);
}, 120_000);

test("the six lines of script", async () => {
  const [script] = blocks.filter(({ language }) => language === "js");
  cpSync(join(root, "fixtures", "drifting-orders"), join(folder, "fixtures", "drifting-orders"), { recursive: true });
  const body = `import { GlueContext } from ${JSON.stringify(join(root, "dist", "esm", "index.js"))};\n${script?.text ?? ""}`;
  expect(body.trim().split("\n")).toHaveLength(7);
  writeFileSync(
    join(folder, "six.mjs"),
    body
      .replace("console.log(await", "const report = (await")
      .replace(/;\s*await glue\.close/, "; console.log(JSON.stringify(report)); await glue.close"),
  );
  const { execFileSync } = await import("node:child_process");
  const { read, written, errors, nulled, balanced } = JSON.parse(
    execFileSync(process.execPath, ["six.mjs"], { cwd: folder, encoding: "utf8" }),
  ) as Record<string, unknown>;
  expect(readme).toContain(
    `\`read: ${String(read)}, written: ${String(written)}, errors: ${String(errors)}, nulled: ${JSON.stringify(nulled)
      .replaceAll('"', "")
      .replace(/[{}:]/g, (c) => (c === "{" ? "{ " : c === "}" ? " }" : ": "))}, balanced: ${String(balanced)}\``,
  );
}, 120_000);

test("what the drift test says when it fails", async () => {
  await using context = await temporaryContext();
  const read = (day: string) =>
    context.glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: join(root, "fixtures", "drifting-orders", day) },
      format: "json",
    });
  const { pass, message } = await matchers.toHaveNoDriftFrom(read("2024-03-02.json"), read("2024-03-01.json"));
  expect(pass).toBe(false);
  expect(message().replaceAll(join(root, "fixtures", "drifting-orders"), "…/orders")).toContain(
    blockWith("expected no drift from the baseline").replace(/ …\n$/, ""),
  );
});
