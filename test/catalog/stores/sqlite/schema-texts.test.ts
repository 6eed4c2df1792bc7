import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { openSqliteCatalog } from "../../../../src/catalog/stores/sqlite/index.js";
import { keepText, type KeptText, readText, wholeText } from "../../../../src/catalog/stores/sqlite/schema-texts.js";
import { field, INT, STRING, struct, type StructType } from "../../../../src/types/data-type.js";

test("texts kept as differences read back, with a whole one at least every 64", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é", "😀") }), { minLength: 1, maxLength: 150 }),
      (texts) => {
        let kept: KeptText = wholeText("");
        let before = "";
        let steps = 0;
        for (const text of texts) {
          kept = keepText(text, before, kept.step);
          expect(readText(kept, before)).toBe(text);
          steps = kept.step === 0 ? 0 : steps + 1;
          expect(steps).toBeLessThan(64);
          before = text;
        }
      },
    ),
  );
});

test("a long history gives every schema back, any of them alone, and an empty one for a table without", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dyna-history-"));
  const catalog = await openSqliteCatalog(folder);
  try {
    await catalog.createDatabase({ Name: "d" });
    const schemas: StructType[] = Array.from({ length: 150 }, (_, v) =>
      struct(Array.from({ length: 20 }, (_, i) => field(`f${i}`, (v >> (i % 8)) % 2 === 0 ? INT : STRING))),
    );
    for (const [v, schema] of schemas.entries())
      await catalog.applyTableChanges([{ database: "d", table: { Name: "t", Parameters: { v: String(v) } }, schema }]);
    const history = await catalog.getSchemaHistory("d", "t");
    expect(history.map(({ versionId }) => Number(versionId))).toEqual(schemas.map((_, v) => v).reverse());
    expect(history.map(({ schema }) => schema)).toEqual([...schemas].reverse());
    for (const v of [0, 63, 64, 65, 127, 149])
      expect(
        (await catalog.getSchemaHistory("d", "t", { upTo: String(v), newest: 1 })).map(({ schema }) => schema),
      ).toEqual([schemas[v]]);
    await catalog.createTable("d", { Name: "none" });
    expect(await catalog.getSchemaHistory("d", "none", { newest: 1 })).toEqual([]);
    expect(await catalog.getSchemaChanges("d", "none")).toEqual([]);
  } finally {
    await catalog.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
