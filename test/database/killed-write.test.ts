/** SIGKILL while a table is made and filled: nothing of it counts as there, so every mode works the next time. */
import { join } from "node:path";
import { bundleLibrary, runChild, type Bundle } from "../bad-input/killed-child.js";
import { startDatabase, type TestDatabase, type TestKind } from "./servers.js";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleLibrary();
});
afterAll(() => {
  bundle.remove();
});

describe.each<TestKind>(["postgresql", "mariadb", "mysql", "sqlite"])("%s", (kind) => {
  let db: TestDatabase | undefined;
  beforeAll(async () => {
    db = await startDatabase(kind);
  });
  afterAll(async () => {
    await db?.stop();
  });

  const write = ({ glue, options }: TestDatabase, dbtable: string, mode: "append" | "overwrite" | "error" | "ignore") =>
    glue.writeDynamicFrame.fromOptions({
      frame: glue.createDynamicFrame.fromRows([
        { id: 1, v: "new" },
        { id: 2, v: "new" },
      ]),
      connectionType: kind,
      connectionOptions: { ...options, dbtable },
      mode,
    });

  test.each(["append", "overwrite", "error", "ignore"] as const)(
    "a table that a killed write had made, mode %s",
    async (mode) => {
      if (db === undefined) return;
      const table = `killed_${mode}`;
      const sink = { connectionType: kind, connectionOptions: { ...db.options, dbtable: table }, mode };
      const body = `const frame = glue.createDynamicFrame.fromRows((async function* () { for (let id = 0; id < 400000; id++) yield { id, v: "x".repeat(100) }; })());
      await frame.count(); ready(); await glue.writeDynamicFrame.fromOptions({ frame, ...${JSON.stringify(sink)} });`;
      expect((await runChild(bundle, join(db.folder, `child-${mode}`), body, 300)).finished).toBe(false);
      expect(await write(db, table, mode)).toMatchObject({ written: 2, skipped: false, balanced: true });
      expect((await db.sql(`SELECT id, v FROM ${table} ORDER BY id`)).map((row) => row.map(String))).toEqual([
        ["1", "new"],
        ["2", "new"],
      ]);
    },
  );
});

test("a table of MariaDB that another process is filling is there, an empty one of somebody else's too", async () => {
  const db = await startDatabase("mariadb");
  if (db === undefined) return;
  try {
    const write = (dbtable: string): Promise<unknown> =>
      db.glue.writeDynamicFrame.fromOptions({
        frame: db.glue.createDynamicFrame.fromRows([{ id: 1 }]),
        connectionType: "mariadb",
        connectionOptions: { ...db.options, dbtable },
        mode: "ignore",
      });
    await db.sql("CREATE TABLE filling (id INT) COMMENT = 'dynaframe: being filled'; CREATE TABLE theirs (id INT)");
    await db.sql("SELECT GET_LOCK(CONCAT('dynaframe:', LEFT(SHA2('shop.filling', 256), 40)), 0)");
    expect([await write("filling"), await write("theirs")]).toMatchObject([{ skipped: true }, { skipped: true }]);
    await db.sql("SELECT RELEASE_LOCK(CONCAT('dynaframe:', LEFT(SHA2('shop.filling', 256), 40)))");
    expect(await write("filling")).toMatchObject({ written: 1, skipped: false });
    // a table that was filled says nothing of it any more, so that one that is emptied later stays
    expect(await db.sql("SELECT table_comment FROM information_schema.tables WHERE table_name = 'filling'")).toEqual([
      [""],
    ]);
  } finally {
    await db.stop();
  }
});
