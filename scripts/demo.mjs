#!/usr/bin/env node
// The main job on real files, in one go: crawl, look at the drift, resolve, relationalize, write Parquet, query it
// back. Everything lies in a temporary folder; only the public API of the built package is used.
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GlueContext } from "dynaframe";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const started = performance.now();
const folder = await mkdtemp(join(tmpdir(), "dynaframe-demo-"));
const say = (text = "") => console.log(text);
const grouped = (n) => n.toLocaleString("en-US");
const title = (text) => say(`\n== ${text} (${((performance.now() - started) / 1000).toFixed(1)} s)`);

/**
 * Real data as it is found: one JSON array of films, 329 webhook events in a file for each kind, a CSV, and orders that
 * drift day by day.
 */
async function gatherFiles() {
  const data = join(folder, "data");
  const vega = join(root, "node_modules/vega-datasets/data");
  for (const name of ["movies", "events", "countries", "orders"]) await mkdir(join(data, name), { recursive: true });
  await cp(join(vega, "movies.json"), join(data, "movies/movies.json"));
  await cp(join(vega, "gapminder-health-income.csv"), join(data, "countries/gapminder.csv"));
  for (const { name, examples } of require("@octokit/webhooks-examples")) {
    await writeFile(
      join(data, "events", `${name}.json`),
      examples.map((payload) => `${JSON.stringify({ event: name, payload })}\n`).join(""),
    );
  }
  for (const day of ["01", "02", "03"])
    await cp(join(root, `fixtures/drifting-orders/2024-03-${day}.json`), join(data, `orders/2024-03-${day}.json`));
  return data;
}

// an arm is never all or nothing
const share = (percent) => (percent < 0.1 ? "<0.1%" : percent > 99.9 ? ">99.9%" : `${percent.toFixed(1)}%`);
const shortened = (path) => (path.length > 46 ? `…${path.slice(-45)}` : path);
function printChoices({ name, contents: { choices, malformed } }, most) {
  say(
    `demo.${name}: paths with more than one type: ${choices.length}${malformed > 0 ? `; malformed records: ${malformed}` : ""}`,
  );
  for (const { path, arms } of choices.slice(0, most)) {
    const texts = arms.map(
      ({ tag, count, percent, first }) =>
        `${tag} ${grouped(count)}× (${share(percent)}) from ${basename(first.file)} record ${first.record}`,
    );
    say(`  ${shortened(path)}: ${texts.join("; ")}`);
  }
  if (choices.length > most) say(`  … and ${choices.length - most} more`);
}

const account = { read: 0, written: 0, errors: 0 };
function book(name, report) {
  account.read += report.read;
  account.written += report.written;
  account.errors += report.errors;
  const nulled = Object.entries(report.nulled)
    .map(([path, count]) => `; ${count} ${path} could not be cast and is null`)
    .join("");
  say(
    `${name}: ${report.files.length} Parquet files; read ${grouped(report.read)} = written ${grouped(report.written)} + errors ${report.errors}${nulled}`,
  );
}

async function demo(glue) {
  const data = await gatherFiles();
  title("crawl");
  const { tables, totals } = await glue.crawl({ database: "demo", includes: [data] });
  for (const {
    name,
    classification,
    contents: { files, records },
  } of tables)
    say(`demo.${name}: ${classification}, ${files} files, ${grouped(records)} records`);
  say(`${grouped(totals.bytes)} bytes in ${totals.files} files, every record read once`);

  title("schemas and where they drift");
  const frame = (tableName) => glue.createDynamicFrame.fromCatalog({ database: "demo", tableName });
  say((await frame("orders").schemaTree()).trimEnd());
  const scannedBefore = glue.counters.bytesScanned;
  for (const { name } of tables) await frame(name).schema();
  say(
    `the schemas come from the catalog; bytes read to infer them again: ${glue.counters.bytesScanned - scannedBefore}`,
  );
  for (const table of tables.filter(({ contents }) => contents.choices.length > 0)) printChoices(table, 4);

  title("resolve, relationalize, write Parquet");
  const write = (name, what) =>
    glue.writeDynamicFrame.fromOptions({
      frame: what,
      connectionType: "file",
      format: "parquet",
      connectionOptions: {
        path: join(folder, "clean", name),
        enableUpdateCatalog: true,
        catalogDatabase: "demo",
        ...("select" in what ? {} : { catalogTableName: `${name}_clean` }),
      },
    });
  const movies = frame("movies").resolveChoice({
    specs: [
      ["Title", "cast:string"],
      ["IMDB Rating", "cast:double"],
      ["Worldwide Gross", "cast:long"],
    ],
  });
  book("movies", await write("movies", movies));
  book("countries", await write("countries", frame("countries")));
  const orders = frame("orders").resolveChoice({
    specs: [
      ["price", "cast:double"],
      ["id", "cast:string"],
      ["address", "make_cols"],
      ["items[].qty", "cast:int"],
    ],
  });
  book("orders, relationalized", await write("orders", orders.relationalize("orders_clean")));
  const events = frame("events").relationalize("events_clean");
  book(`events, relationalized into ${(await events.keys()).length} tables`, await write("events", events));

  title("query what was written");
  for (const text of [
    `select count(*) as films, round(avg("IMDB Rating"), 3) as rating from demo.movies_clean`,
    "select count(*) as orders, sum(price) as total, count(price) as priced from demo.orders_clean",
    'select "items.val.sku" as sku, sum("items.val.qty")::int as sold from demo.orders_clean_items group by 1 order by 2 desc, 1 limit 2',
    "select event, count(*) as n from demo.events_clean group by 1 order by n desc, event limit 2",
  ]) {
    say(`> ${text}`);
    for (const row of await glue.sql(text).rows())
      say(`  ${JSON.stringify(row, (_, value) => (typeof value === "bigint" ? Number(value) : value))}`);
  }
}

try {
  const glue = await GlueContext.open({ catalog: join(folder, "catalog") });
  try {
    await demo(glue);
  } finally {
    await glue.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
say(`\nall of it in ${((performance.now() - started) / 1000).toFixed(1)} s`);
const { read, written, errors } = account;
const balanced = read === written + errors && read > 0;
say(`read ${read} ${balanced ? "=" : "≠"} written ${written} + errors ${errors}`);
if (!balanced) process.exitCode = 1;
