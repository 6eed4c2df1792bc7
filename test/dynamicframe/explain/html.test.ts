/** The page of explain({ html: true }): complete in itself, what comes from data is text, numbers on the edges. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type DynamicFrame } from "../../../src/index.js";

const HOSTILE = `</title><script>alert("x")</script>'&\u202e`;
let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-html-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1 });
  await writeFile(join(folder, "a.json"), `${JSON.stringify({ id: 1, [HOSTILE]: "v" })}\n{"id": "two"}\n{oops\n`);
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const read = (): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: join(folder, "a.json") },
    format: "json",
  });
/** Text of the SVGs, in order. */
const drawn = (html: string): string[] => [...html.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1] ?? "");
const edges = (html: string): string[] =>
  [...html.matchAll(/<g class="edge">.*?<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1] ?? "");

test("nothing is loaded and nothing of the data is markup", async () => {
  const html = await read().withName(HOSTILE).renameField("id", `${HOSTILE}2`).explain({ html: true });
  expect(html).not.toContain("<script");
  expect(html).not.toContain("\u202e");
  expect(html).toContain("&lt;/title&gt;&lt;script&gt;");
  expect(html).not.toMatch(/\b(?:src|href)=|url\(|@import|https?:/);
  expect(html).toContain("prefers-color-scheme: dark");
  // every tag that is opened is closed
  const open: string[] = [];
  for (const [, close, tag = "", rest = ""] of html.matchAll(/<(\/?)([a-z0-9]+)((?:[^<>"]|"[^"]*")*)>/g)) {
    if (rest.endsWith("/") || tag === "meta") continue;
    if (close === "") open.push(tag);
    else expect(open.pop()).toBe(tag);
  }
  expect(open).toEqual([]);
});

test("edges carry rows, errors, scans and bytes; a shared step is drawn once", async () => {
  const frame = read().resolveChoice({ specs: [["id", "cast:string"]] });
  const html = await frame.join("id", "id", frame.selectFields("id")).explain({ html: true });
  expect(drawn(html).filter((t) => t === "resolveChoice")).toHaveLength(1);
  const { size } = await import("node:fs/promises").then((fs) => fs.stat(join(folder, "a.json")));
  expect(edges(html)).toEqual([
    "2 rows, 1 error",
    "2 rows",
    "2 rows",
    "2 rows",
    "rows not known",
    `scanned once, ${size} B`,
    "read twice",
  ]);
  const counted = await frame.join("id", "id", frame.selectFields("id")).explain({ html: true, counts: true });
  expect(edges(counted)).toContain("2 rows");
  expect(edges(counted)).not.toContain("rows not known");
});
