/** Rows of text files read without DuckDB: what is not staged, when it ends, what explain says. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { field, filter, inputOf, isNull, limit, not, project } from "../../../src/plan/ir/build.js";
import type { Relation, ScanRelation } from "../../../src/plan/ir/relation.js";
import { fileStorage } from "../../../src/storage/file.js";
import { INT, STRING, map, structOf } from "../../../src/types/data-type.js";
import { collect, openSession, type Opened } from "./session.js";

let opened: Opened;
let staged: number;
beforeEach(async () => {
  staged = 0;
  opened = await openSession({
    onBytesRead: (_, bytes) => {
      staged += bytes;
    },
  });
});
afterEach(() => opened.close());

async function scanOf(content: string, type = structOf({ a: INT, b: STRING })): Promise<ScanRelation> {
  const path = join(opened.directory, "rows.json");
  await writeFile(path, content);
  const file = await fileStorage().stat(path);
  return { kind: "scan", id: "s", format: "json", options: {}, files: file ? [file] : [], partitionKeys: [], type };
}
const staging = async (): Promise<string[]> =>
  (await readdir(join(opened.directory, "staging"))).filter((name) => name.startsWith("scan-"));
const keep = (input: Relation): Relation => filter(input, not(isNull(field(inputOf(input), "a"))), "filter");
const only = (input: Relation, name: string): Relation =>
  project(input, [{ name, value: field(inputOf(input), name) }]);

test("nothing is staged for records as they are; bytes read are counted; a filter stages", async () => {
  const scan = await scanOf('{"a":1,"b":null}\n{}\n');
  expect(await collect(opened.session, only(limit(scan, 5), "b"))).toStrictEqual([{ b: null }, {}]);
  expect([await staging(), staged]).toEqual([[], 20]);
  expect(await collect(opened.session, keep(scan))).toEqual([{ a: 1, b: null }]);
  expect((await staging()).length).toBe(1);
});

test("explain says which plans are read so", async () => {
  const scan = await scanOf("{}\n");
  const said = "1 files read straight into JavaScript";
  expect(await opened.session.explain(only(scan, "a"))).toContain(said);
  expect(await opened.session.explain(keep(scan))).not.toContain(said);
});

test("a limit reads no more of a long file than it takes", async () => {
  const scan = await scanOf('{"a":1,"b":"text"}\n'.repeat(500_000));
  expect(await collect(opened.session, limit(scan, 3))).toEqual(Array(3).fill({ a: 1, b: "text" }));
  expect(staged).toBeLessThan(3 << 20);
});

test("a signal, and closing the session, end the reading with their codes", async () => {
  const scan = await scanOf('{"a":1,"b":"text"}\n'.repeat(300_000));
  const stop = new AbortController();
  const read = async (then: () => void): Promise<void> => {
    for await (const batch of opened.session.rows(scan, { signal: stop.signal })) if (batch.length > 0) then();
  };
  await expect(read(() => stop.abort(new Error("enough")))).rejects.toMatchObject({ code: "INTERRUPTED" });
  await expect(read(() => undefined)).rejects.toMatchObject({ code: "INTERRUPTED" });
  const closing = (async () => {
    for await (const batch of opened.session.rows(scan)) if (batch.length > 0) await opened.session.close();
  })();
  await expect(closing).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  await expect(collect(opened.session, scan)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
});

test("a changed file, and a type that text cannot have, are errors with their place", async () => {
  const scan = await scanOf('{"a":1}\n');
  await writeFile(scan.files[0]?.path ?? "", '{"a":1}\n{"a":2}\n');
  await expect(collect(opened.session, scan)).rejects.toMatchObject({
    code: "SOURCE_CHANGED",
    file: scan.files[0]?.path,
  });
  await expect(
    collect(opened.session, await scanOf("{}\n", structOf({ a: INT, m: map(INT) }) as never)),
  ).rejects.toMatchObject({ code: "UNSUPPORTED_TYPE", path: "m" });
});
