/** Real files against JSON.parse and a plain CSV reader: records, and the count of every type at every path. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import type { FileLedger, LedgerNode } from "../../src/shapes/ledger.js";
import { scanCsvFiles } from "../../src/shapes/scan-csv.js";
import { typeOfCell } from "./cell-oracle.js";
import { makeFixture } from "./scan-fixture.js";
import type { Fixture } from "./scan-fixture.js";

const packages = path.join(process.cwd(), "node_modules");
const vega = path.join(packages, "vega-datasets/data");
const webhooks = path.join(packages, "@octokit/webhooks-examples");

let fixture: Fixture;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

type Counts = { [pathAndTag: string]: number };
const step = (counts: Counts, key: string, by = 1): void => {
  counts[key] = (counts[key] ?? 0) + by;
};

function ledgerCounts(node: LedgerNode, at = "", counts: Counts = {}): Counts {
  for (const [tag, { count }] of Object.entries(node.tags)) step(counts, `${at} ${tag}`, count);
  for (const field of node.fields) ledgerCounts(field.node, `${at}/${JSON.stringify(field.name)}`, counts);
  if (node.element) ledgerCounts(node.element, `${at}/[]`, counts);
  return counts;
}

/** JSON.parse forgets how numbers were written, so each is wrapped first: 1.0 becomes {"\u0000": "1.0"}. */
const MARK = "\0";
function parseKeepingNumbers(text: string): unknown {
  return JSON.parse(
    text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
      token.startsWith('"') ? token : `{"\\u0000":"${token}"}`,
    ),
  );
}

function numberTag(text: string): string {
  if (/[.eE]/.test(text)) return "double";
  const value = BigInt(text);
  return BigInt.asIntN(32, value) === value ? "int" : BigInt.asIntN(64, value) === value ? "long" : "bigint";
}

function countValue(value: unknown, at: string, counts: Counts): void {
  if (value === null) step(counts, `${at} null`);
  else if (Array.isArray(value)) {
    step(counts, `${at} array`);
    for (const item of value) countValue(item, `${at}/[]`, counts);
  } else if (typeof value === "object") {
    const object = value as Record<string, unknown>;
    if (typeof object[MARK] === "string") return step(counts, `${at} ${numberTag(object[MARK])}`);
    step(counts, `${at} struct`);
    for (const [key, item] of Object.entries(object)) countValue(item, `${at}/${JSON.stringify(key)}`, counts);
  } else step(counts, `${at} ${typeof value}`);
}

function jsonCounts(text: string): { records: number; counts: Counts } {
  const value = parseKeepingNumbers(text);
  const records = Array.isArray(value) ? value : [value];
  const counts: Counts = {};
  for (const record of records) countValue(record, "", counts);
  return { records: records.length, counts };
}

async function expectJson(file: string): Promise<void> {
  const text = readFileSync(file, "utf8");
  const { records, counts } = jsonCounts(text);
  const ledger = await fixture.scanOne(text);
  expect([ledger.records, ledger.malformed, ledger.bytes]).toEqual([records, 0, Buffer.byteLength(text)]);
  expect(ledgerCounts(ledger.root)).toEqual(counts);
}

const vegaFiles = (extension: RegExp): string[] =>
  readdirSync(vega)
    .filter((name) => extension.test(name))
    .sort();

describe("vega-datasets JSON", () => {
  test.each(vegaFiles(/\.json$/))("%s", (name) => expectJson(path.join(vega, name)));
  test("there are as many files as were looked through by hand", () =>
    expect(vegaFiles(/\.json$/).length).toBeGreaterThanOrEqual(40));
});

describe("webhook payloads", () => {
  const sets = readdirSync(webhooks, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  test.each(sets)("%s: the file as it is, its payloads as lines, and each payload by itself", async (set) => {
    const file = path.join(webhooks, set, "index.json");
    await expectJson(file);
    const payloads = (JSON.parse(readFileSync(file, "utf8")) as { examples: unknown[] }[]).flatMap(
      ({ examples }) => examples,
    );
    expect(payloads.length).toBeGreaterThan(40);
    const lines = await fixture.scanOne(payloads.map((payload) => `${JSON.stringify(payload)}\n`).join(""));
    expect([lines.records, lines.malformed]).toEqual([payloads.length, 0]);
    expect(ledgerCounts(lines.root)).toEqual(jsonCounts(JSON.stringify(payloads)).counts);
    for (const payload of payloads) {
      const pretty = JSON.stringify(payload, null, 2);
      expect(ledgerCounts((await fixture.scanOne(pretty)).root)).toEqual(jsonCounts(pretty).counts);
    }
  });
});

/** Rows of cells, with quotes anywhere a quoted cell may start. */
function csvRows(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare = "", end] of text.matchAll(
    new RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}\\r\\n]*))(${separator}|\\r?\\n|$)`, "g"),
  )) {
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === separator) continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

test.each(vegaFiles(/\.[ct]sv$/))("vega-datasets %s, cells typed by their text", async (name) => {
  const separator = name.endsWith(".tsv") ? "\t" : ",";
  const text = readFileSync(path.join(vega, name), "utf8").replace(/^\ufeff/, "");
  const [header = [], ...rows] = csvRows(text, separator);
  const counts: Counts = { " struct": rows.length };
  for (const row of rows) row.forEach((cell, i) => step(counts, `/${JSON.stringify(header[i])} ${typeOfCell(cell)}`));
  const ref = fixture.write(name, text);
  const ledgers: FileLedger[] = [];
  for await (const ledger of scanCsvFiles(
    [ref],
    { separator, withHeader: true, inferTypes: true, multiLine: true },
    { storage: fixture.storage, workers: 1 },
  ))
    ledgers.push(ledger);
  expect(ledgers.map(({ records, malformed }) => [records, malformed])).toEqual([[rows.length, 0]]);
  expect(ledgerCounts(ledgers[0]!.root)).toEqual(counts);
});

test("unemployment.tsv has doubles that start with their point", async () => {
  const ref = fixture.write("u.tsv", readFileSync(path.join(vega, "unemployment.tsv")));
  for await (const { root } of scanCsvFiles(
    [ref],
    { separator: "\t", withHeader: true, inferTypes: true },
    { storage: fixture.storage, workers: 1 },
  )) {
    expect(root.fields.map(({ name, node }) => [name, Object.keys(node.tags)])).toEqual([
      ["id", ["int"]],
      ["rate", ["double"]],
    ]);
  }
});
