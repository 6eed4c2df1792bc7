/**
 * The scripts in examples/, run as a user runs them; what they write is compared with what plain JavaScript makes of
 * the same files.
 */
import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { GlueContext } from "../../src/index.js";
import { buildIfStale } from "../cli/cli-process.js";

const root = join(__dirname, "..", "..");
const data = join(root, "examples", "data");
let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  buildIfStale();
  folder = await mkdtemp(join(tmpdir(), "dynaframe-examples-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1 });
}, 180_000);
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const run = async (script: string, target: string): Promise<string> =>
  (await promisify(execFile)(process.execPath, [join(root, "examples", script), target], { cwd: folder })).stdout;
const read = (path: string, format: "parquet" | "json" = "parquet"): Promise<Record<string, unknown>[]> =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format }).records();
type Json = { readonly [name: string]: unknown };
/** Every line of the files of a folder that is JSON. */
const lines = (name: string): Json[] =>
  readdirSync(join(data, name))
    .sort()
    .flatMap((file) =>
      readFileSync(join(data, name, file), "utf8")
        .trimEnd()
        .split("\n"),
    )
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Json];
      } catch {
        return [];
      }
    });

test("join and relationalize", async () => {
  const target = join(folder, "legislators");
  const out = await run("join-and-relationalize.mjs", target);
  const [persons, memberships, organizations] = [
    lines("legislators/persons"),
    lines("legislators/memberships"),
    lines("legislators/organizations"),
  ];
  const expected = memberships.flatMap((m) => {
    const person = persons.find((p) => p["id"] === m["person_id"]);
    const organization = organizations.find((o) => o["id"] === m["organization_id"]);
    return person && organization
      ? [{ person, house: String(organization["name"]), term: m["legislative_period_id"] }]
      : [];
  });
  const history = await read(join(target, "history"));
  const key = (...parts: unknown[]): string => parts.join("/");
  expect(history.map((r) => key(r["id"], r["org_name"], r["legislative_period_id"])).sort()).toEqual(
    expected.map((e) => key(e.person["id"], e.house, e.term)).sort(),
  );
  expect(out).toContain(`history: ${expected.length} rows in 2 files\n`);

  // each list, put back to where its keys point, is the person's
  const rootRows = await read(join(target, "tables", "hist_root"));
  for (const list of ["links", "contact_details", "identifiers"]) {
    const children = await read(join(target, "tables", `hist_root_${list}`));
    const found = rootRows.map((r) => [
      r["id"],
      children
        .filter((c) => c["id"] === r[list])
        .sort((a, b) => Number(a["index"]) - Number(b["index"]))
        .map((c) =>
          Object.fromEntries(
            Object.entries(c)
              .filter(([name]) => name.startsWith(`${list}.val.`))
              .map(([name, value]) => [name.slice(`${list}.val.`.length), value])
              .sort(),
          ),
        ),
    ]);
    expect(found.map((f) => JSON.stringify(f)).sort()).toEqual(
      expected
        .map((e) =>
          JSON.stringify([
            e.person["id"],
            ((e.person[list] ?? []) as object[]).map((item) => Object.fromEntries(Object.entries(item).sort())),
          ]),
        )
        .sort(),
    );
    expect(out).toContain(
      `hist_root_${list}: ${expected.reduce((sum, e) => sum + ((e.person[list] as unknown[] | undefined)?.length ?? 0), 0)} rows\n`,
    );
  }
});

test("clean payments", async () => {
  const target = join(folder, "payments");
  const out = await run("clean-payments.mjs", target);
  const amounts = lines("payments").map((r) => ({
    id: String(r["id"]),
    paid: Number(String(r["paid"]).replaceAll(/[$,]/g, "")),
    state: (r["provider"] as { state: string | null }).state,
    units: /^\d+$/.test(String(r["units"])) ? Number(r["units"]) : null,
  }));
  const good = amounts.filter(({ paid }) => paid >= 0);
  const clean = await read(join(target, "clean"));
  expect(
    clean.map((r) => JSON.stringify([r["id"], String(r["paid"]), r["state"] ?? null, r["units"] ?? null])).sort(),
  ).toEqual(good.map(({ id, paid, state, units }) => JSON.stringify([id, paid.toFixed(2), state, units])).sort());
  const report = JSON.parse(out.split("\n").find((line) => line.startsWith("{")) ?? "") as Record<string, unknown>;
  const all = readdirSync(join(data, "payments")).flatMap((file) =>
    readFileSync(join(data, "payments", file), "utf8")
      .trimEnd()
      .split("\n"),
  ).length;
  expect(report).toEqual({
    read: all,
    written: good.length,
    errors: all - amounts.length + amounts.filter(({ paid }) => Number.isNaN(paid)).length,
    filtered: amounts.filter(({ paid }) => paid < 0).length,
    nulled: { units: amounts.filter(({ units }) => units === null).length },
    balanced: true,
  });
  // what could not be cleaned is kept, with where it failed
  expect(
    (await read(join(target, "errors"), "json"))
      .map((r) => (r["error"] as { callsite: { site: string } }).callsite.site)
      .sort(),
  ).toEqual(["amount", "payments"]);
  expect(out).toContain("amount: paid is n/a\n");
});
