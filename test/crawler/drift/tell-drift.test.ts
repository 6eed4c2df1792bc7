import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../../../src/catalog/index.js";
import { blamePath } from "../../../src/crawler/drift/blame-path.js";
import { driftPage } from "../../../src/crawler/drift/drift-page.js";
import type { DriftChange, DriftReport } from "../../../src/crawler/drift/drift-report.js";
import { diffVersions, tellDrift } from "../../../src/crawler/drift/tell-drift.js";
import { driftAnnotations, printBlame, printDrift } from "../../../src/cli/print/drift-report.js";
import { plainStyle } from "../../../src/cli/print/style.js";
import { describeChange } from "../../../src/types/compat.js";
import { DAY, EXPECTED, START, twelveVersions } from "./twelve-versions.js";

const root = mkdtempSync(join(tmpdir(), "dyna-drift-"));
let catalog: Catalog;
beforeAll(async () => {
  catalog = await twelveVersions(root);
});
afterAll(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

const orders = { database: "shop", tableName: "orders" };
const short = (file: string): string => file.slice(join(root, "orders").length + 1);
const flat = ({
  versionId,
  rule,
  path,
  before = "",
  after = "",
  breaksBackward,
  breaksForward,
  evidence,
}: DriftChange) => [
  versionId,
  rule,
  path,
  before,
  after,
  [...(breaksBackward ? ["backward"] : []), ...(breaksForward ? ["forward"] : [])].join(", "),
  evidence?.count,
  evidence?.of,
  evidence
    && `${evidence.gone ? "was " : ""}${short(evidence.first.file)}:${evidence.first.record}:${evidence.first.offset}`,
];
const stepRows = ({ steps }: DriftReport) =>
  steps.flatMap(({ changes, versionId, at }) => changes.map((change) => flat({ ...change, versionId, at })));
const versionsOf = ({ steps }: DriftReport): string[] => steps.map(({ versionId }) => versionId);

test("every version tells what it changed, by which data, and whom it breaks", async () => {
  const report = await tellDrift(catalog, orders);
  expect(stepRows(report)).toEqual(EXPECTED);
  expect(report.steps.map(({ at }) => at)).toEqual(EXPECTED.map(([version]) => START + Number(version) * DAY));
  expect(report).toMatchObject({
    table: "shop.orders",
    location: join(root, "orders"),
    from: { versionId: "0", at: START },
    to: { versionId: "11" },
  });
});

test("the difference of both ends leaves out what came and went, and keeps who brought the rest", async () => {
  const { changes, compatibility } = await tellDrift(catalog, orders);
  // note came and went; price is one new choice, its last arm by version 3; coupon was never seen but as Coupon
  expect(
    changes.map(({ rule, path, before = "", after = "", versionId }) => [rule, path, before, after, versionId]),
  ).toEqual([
    ["CHOICE_CREATED", "id", "int", "choice{int,long}", "7"],
    ["CHOICE_CREATED", "price", "int", "choice{double,int,string}", "3"],
    ["CHOICE_CREATED", "tags[]", "string", "choice{int,string}", "5"],
    ["FIELD_ADDED", "customer.age", "", "int", "4"],
    ["FIELD_ADDED", "gift", "", "boolean", "9"],
    ["FIELD_ADDED", "Coupon", "", "string", "11"],
  ]);
  expect(changes.every(({ evidence }) => evidence !== undefined)).toBe(true);
  expect(compatibility).toEqual({ backward: true, forward: false, full: false });
});

test.each<[string, object, string[]]>([
  ["from a day", { from: "2024-01-05" }, ["4", "5", "6", "7", "8", "9", "10", "11"]],
  ["from before the table", { from: "2020-01-01" }, EXPECTED.map(([v]) => v)],
  ["from after the last change", { from: new Date("2025-01-01") }, []],
  ["against a version", { against: "v9" }, ["10", "11"]],
  ["between versions", { against: 3, to: 5 }, ["4", "5"]],
])("drift %s", async (_, range, expected) => {
  expect(versionsOf(await tellDrift(catalog, { ...orders, ...range }))).toEqual(expected);
});

test("diff 3..5 and 9..11 with their verdicts", async () => {
  const diff = await diffVersions(catalog, { ...orders, from: 3, to: "v5" });
  expect(
    diff.changes.map(({ rule, path, versionId, evidence }) => [rule, path, versionId, evidence?.count, evidence?.of]),
  ).toEqual([
    ["CHOICE_CREATED", "tags[]", "5", 1, 3],
    ["FIELD_ADDED", "customer.age", "4", 1, 1],
  ]);
  expect(diff.compatibility).toEqual({ backward: true, forward: false, full: false });
  expect((await diffVersions(catalog, { ...orders, from: 10 })).compatibility).toEqual({
    backward: false,
    forward: false,
    full: false,
  });
  expect((await diffVersions(catalog, { ...orders, from: 0, to: 1 })).compatibility).toEqual({
    backward: true,
    forward: true,
    full: true,
  });
  expect((await diffVersions(catalog, { ...orders, from: 5, to: 5 })).changes).toEqual([]);
});

test("blame names for each type the version and the record", async () => {
  const { types, changes } = await blamePath(catalog, { ...orders, path: "price" });
  // ten records of price: 10, 20 | (30 went) | 4.5 | 50, 60, text, 80
  expect(
    types.map(({ tag, count, first, since }) => [
      tag,
      count,
      `${short(first.file)}:${first.record}:${first.offset}`,
      since?.versionId,
      since?.rule,
    ]),
  ).toEqual([
    ["int", 5, "a00.json:0:16", "0", "FIELD_ADDED"],
    ["double", 1, "a02.json:0:16", "2", "CHOICE_CREATED"],
    ["string", 1, "a03.json:2:56", "3", "CHOICE_ARM_ADDED"],
  ]);
  expect(changes.map(({ versionId }) => versionId)).toEqual(["0", "2", "3"]);
  const age = await blamePath(catalog, { ...orders, path: "customer.age" });
  expect(age.types.map(({ tag, since }) => [tag, since?.versionId])).toEqual([["int", "4"]]);
  // a field within a struct that was there from the start came with the struct
  expect(
    (await blamePath(catalog, { ...orders, path: "customer.name" })).types.map(({ tag, since }) => [
      tag,
      since?.versionId,
      since?.path,
    ]),
  ).toEqual([["string", "0", "customer"]]);
  expect(
    (await blamePath(catalog, { ...orders, path: "tags[]" })).types.map(({ tag, count, since }) => [
      tag,
      count,
      since?.versionId,
    ]),
  ).toEqual([
    ["int", 1, "5"],
    ["string", 3, "0"],
  ]);
  const note = await blamePath(catalog, { ...orders, path: "note" });
  expect([note.types, note.changes.map(({ rule }) => rule)]).toEqual([[], ["FIELD_ADDED", "FIELD_REMOVED"]]);
});

test("what is not there is an error that says what to do", async () => {
  await expect(tellDrift(catalog, { ...orders, against: 99 })).rejects.toMatchObject({
    code: "VERSION_NOT_FOUND",
    name: "EntityNotFoundException",
  });
  await expect(tellDrift(catalog, { ...orders, against: "x" })).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
  await expect(tellDrift(catalog, { ...orders, from: "soon" })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  await expect(tellDrift(catalog, { ...orders, from: "2024-01-01", against: 1 })).rejects.toMatchObject({
    code: "BAD_ARGUMENT",
  });
  await expect(diffVersions(catalog, { ...orders, from: 5, to: 3 })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  await expect(blamePath(catalog, { ...orders, path: "nothing" })).rejects.toMatchObject({ code: "PATH_NOT_FOUND" });
  await catalog.createTable("shop", { Name: "empty" });
  await expect(tellDrift(catalog, { database: "shop", tableName: "empty" })).rejects.toMatchObject({
    code: "NO_LEDGER",
  });
});

describe("outputs", () => {
  test("text: the timeline", async () => {
    const lines = printDrift(await tellDrift(catalog, { ...orders, against: 9 }), {
      net: false,
      names: short,
      style: plainStyle,
    }).split("\n");
    expect(lines.map((line) => line.trim().replace(/ {2,}/g, " | "))).toEqual([
      "shop.orders: version 9 (2024-01-10 00:00:00Z) to 11 (2024-01-12 00:00:00Z): 1 difference, by 2 changes in 2 versions; backward compatible, forward compatible",
      "",
      "VERSION | TIME | RULE | PATH | BEFORE | AFTER | BREAKS | COUNT | SHARE | FIRST SEEN",
      "10 | 2024-01-11 00:00:00Z | FIELD_ADDED | coupon | string | 1 | 100.0% | a10.json:0:18",
      "11 | 2024-01-12 00:00:00Z | FIELD_RENAMED_CASE | coupon | coupon | Coupon | backward, forward | 1 | 100.0% | a10.json:0:18",
      "",
    ]);
  });
  test("text: blame", async () => {
    const text = printBlame(await blamePath(catalog, { ...orders, path: "tags[]" }), short, plainStyle);
    expect(
      text
        .split("\n")
        .slice(0, 5)
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ["shop.orders tags[]: 2 types"],
      [""],
      ["TYPE", "COUNT", "SHARE", "SINCE", "FIRST SEEN NOW"],
      ["int", "1", "25.0%", "v5 2024-01-06 00:00:00Z", "a05.json:0:21"],
      ["string", "3", "75.0%", "v0 2024-01-01 00:00:00Z", "a00.json:0:27"],
    ]);
  });
  test("GitHub annotations", async () => {
    const text = driftAnnotations(await diffVersions(catalog, { ...orders, from: 3, to: 5 }), describeChange);
    const folder = join(root, "orders");
    expect(text).toBe(
      `::error file=${folder}/a05.json,title=shop.orders CHOICE_CREATED::tags[]: string became choice{int,string} — breaks old readers of new data (since version 5)\n`
        + `::notice file=${folder}/a04.json,title=shop.orders FIELD_ADDED::customer.age: new field of type int — compatible (since version 4)\n`,
    );
  });
  test("the page: every change, a mark for each version, nothing from elsewhere", async () => {
    const page = driftPage(await tellDrift(catalog, orders));
    const sections = page.split("<article").slice(1);
    const cells = (row: string): string[] =>
      [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/g)].map(([, cell = ""]) =>
        cell.replace(/<[^>]+>/g, "").replaceAll("&lt;", "<"),
      );
    expect(sections.map((section) => cells(section.split("<tbody>")[1] ?? ""))).toEqual(
      EXPECTED.map(([, rule, path, before, after, breaks, count, of, place]) => [
        path,
        rule,
        before,
        after,
        breaks,
        String(count),
        `${((100 * count) / of).toFixed(1)}%`,
        place,
      ]),
    );
    const [timeline = "", lanes = ""] = page.split('<svg class="lanes"');
    expect(timeline.match(/<circle class="(both|backward|forward|none)"/g)).toHaveLength(EXPECTED.length);
    const lane = (row: string): readonly string[] => [
      /^[^<]*/.exec(row)?.[0] ?? "",
      ...[...row.matchAll(/<circle class="(\w+)"[^>]*><title>v(\d+) /g)].map(
        ([, severity, version]) => `${version} ${severity}`,
      ),
    ];
    const severities: { readonly [breaks: string]: string } = {
      "": "none",
      forward: "forward",
      "backward, forward": "both",
    };
    const expected = new Map<string, string[]>();
    for (const [version, , path, , , breaks] of EXPECTED)
      expected.set(path, [...(expected.get(path) ?? []), `${version} ${severities[breaks]}`]);
    expect(
      (lanes.split("</svg>")[0] ?? "")
        .split(/<text class="path"[^>]*>/)
        .slice(1)
        .map(lane),
    ).toEqual([...expected].map(([path, versions]) => [path, ...versions]));
    expect(page).not.toMatch(/<script|src=|https?:|@import|url\(/);
  });
  test("the page escapes what comes from data", () => {
    const at = { versionId: "1", at: 1 };
    const change: DriftChange = {
      ...at,
      rule: "FIELD_ADDED",
      path: '<img src=x onerror="1">',
      after: "a&b",
      breaksBackward: false,
      breaksForward: false,
    };
    const page = driftPage({
      table: "<b>",
      from: { versionId: "0", at: 0 },
      to: at,
      steps: [{ ...at, changes: [change] }],
      changes: [change],
      compatibility: { backward: true, forward: true, full: true },
    });
    expect(page).not.toMatch(/<img|<b>/);
    expect(page).toContain("&#60;img src=x onerror=&#34;1&#34;&#62;");
    const later = { versionId: "2", at: 2 };
    const lanes = driftPage({
      table: "t",
      from: { versionId: "0", at: 0 },
      to: later,
      steps: [
        { ...at, changes: [change] },
        { ...later, changes: [change] },
      ],
      changes: [],
      compatibility: { backward: true, forward: true, full: true },
    });
    expect(lanes).not.toMatch(/<img/);
    expect(lanes).toContain("&#60;img src=x onerror=&#34;1&#34;&#62;</title></text>");
  });
  test("of very many paths and versions the page shows those that tell most, and says so", () => {
    const step = (version: number, paths: readonly string[], breaksForward: boolean) => ({
      versionId: String(version),
      at: version,
      changes: paths.map((path): DriftChange => ({
        versionId: String(version),
        at: version,
        rule: "FIELD_ADDED",
        path,
        after: "int",
        breaksBackward: false,
        breaksForward,
      })),
    });
    const quiet = Array.from({ length: 60 }, (_, i) => `quiet${i}`);
    const steps = [
      step(1, ["old"], true),
      ...Array.from({ length: 149 }, (_, i) => (i === 148 ? step(150, ["loud"], true) : step(i + 2, quiet, false))),
    ];
    const page = driftPage({
      table: "t",
      from: { versionId: "0", at: 0 },
      to: { versionId: "150", at: 150 },
      steps,
      changes: [],
      compatibility: { backward: true, forward: false, full: false },
    });
    const lanes = page.split('<svg class="lanes"')[1]?.split("</svg>")[0] ?? "";
    expect(lanes.match(/class="path"/g)).toHaveLength(40);
    expect(lanes).toContain(">loud<");
    expect(lanes).not.toContain(">old<");
    expect(page).toContain(
      "Shown: the last 120 of 150 versions; 40 of 61 paths, first those that break readers, then those that change most.",
    );
  });
});
