import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listFixtures, runFixture, runFixtures, temporaryContext, type Fixture } from "../../src/testing/index.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dynaframe-fixtures-"));
});
afterEach(async () => rm(root, { recursive: true, force: true }));

async function fixture(
  name: string,
  content: Partial<Fixture> | string,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  await mkdir(join(root, name), { recursive: true });
  await writeFile(
    join(root, name, "case.json"),
    typeof content === "string" ? content : JSON.stringify({ about: name, format: "json", ...content }),
  );
  for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), text);
}

const DATA = { "a.ndjson": '{"id":1,"p":1.5}\n{"id":"x"}\nbroken\n', "b.ndjson": '{"id":2,"p":null}\n' };
const RIGHT: Partial<Fixture> = {
  expectSchema: ["|-- id: choice", "|    |-- int", "|    |-- string", "|-- p: double"],
  expectChoices: { id: ["int", "string"] },
  expectCount: 3,
  expectErrors: 1,
  expectRecords: [{ id: 2 }, { id: 1, p: 1.5 }, { id: "x", p: null }],
};

it("runs every folder with a case.json", async () => {
  await fixture("right", RIGHT, DATA);
  await fixture(
    "resolved",
    {
      steps: [
        { op: "resolveChoice", args: { specs: [["id", "cast:long"]] } },
        { op: "dropFields", args: { paths: ["p"] } },
      ],
      expectRecords: [{ id: 1 }, {}, { id: 2 }],
    },
    DATA,
  );
  await mkdir(join(root, "no-case"));
  expect(await listFixtures(root)).toEqual(["resolved", "right"]);
  expect((await runFixtures(root)).map(({ name, problems }) => ({ name, problems }))).toEqual([
    { name: "resolved", problems: [] },
    { name: "right", problems: [] },
  ]);
});

it.each<[string, Partial<Fixture>]>([
  ["a schema", { expectSchema: ["|-- id: int", "|-- p: double"] }],
  ["choices", { expectChoices: { id: ["int", "long"] } }],
  ["a count", { expectCount: 2 }],
  ["errors", { expectErrors: 0 }],
  ["records: one too many", { expectRecords: [{ id: 2 }, { id: 1, p: 1.5 }] }],
  ["records: one missing", { expectRecords: [{ id: 2 }, { id: 1, p: 1.5 }, { id: "x" }, { id: 9 }] }],
  ["an error that does not come", { expectError: "PATH_NOT_FOUND" }],
  ["a step that fails", { steps: [{ op: "resolveChoice", args: {} }], expectCount: 3 }],
])("sees that %s does not hold", async (_what, wrong) => {
  await fixture("wrong", { ...RIGHT, ...wrong }, DATA);
  expect((await runFixture(root, "wrong")).problems.length).toBeGreaterThan(0);
});

it("expects errors by code", async () => {
  await fixture("error", { steps: [{ op: "resolveChoice", args: {} }], expectError: "BAD_ARGUMENT" }, DATA);
  expect((await runFixture(root, "error")).problems).toEqual([]);
});

it.each([
  ["not json", "{"],
  ["an unknown key", '{"about":"x","format":"json","expectRows":[]}'],
  ["no format", '{"about":"x"}'],
])("refuses %s", async (_what, content) => {
  await fixture("bad", content);
  await expect(runFixture(root, "bad")).rejects.toMatchObject({ code: "BAD_FIXTURE" });
});

it("gives a context in a folder of its own and takes it away", async () => {
  const context = await temporaryContext();
  await context.catalog.createDatabase({ Name: "d" });
  expect((await context.glue.catalog.getDatabase("d")).Name).toBe("d");
  expect(existsSync(context.directory)).toBe(true);
  await context.close();
  await context.close();
  expect(existsSync(context.directory)).toBe(false);
});
