import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openSqliteCatalog } from "../../../src/catalog/stores/sqlite/index.js";
import { printCrawl } from "../../../src/cli/print/crawl-report.js";
import { plainStyle } from "../../../src/cli/print/style.js";
import { crawl } from "../../../src/crawler/crawl.js";
import { planCrawl } from "../../../src/crawler/plan-crawl.js";
import { fileStorage } from "../../../src/storage/file.js";

test("a plan prints as a diff, each decision with its reason and the similarity", async () => {
  const root = mkdtempSync(join(tmpdir(), "dyna-plan-"));
  const catalog = await openSqliteCatalog(join(root, "catalog"));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, "d", path)), { recursive: true });
    writeFileSync(join(root, "d", path), text);
  };
  const options = { database: "shop", includes: [join(root, "d")] };
  const services = { catalog, storage: fileStorage() };
  try {
    put("orders/year=1/f.json", '{"id":1,"price":1,"note":"x"}\n');
    put("orders/year=2/f.json", '{"id":2,"price":1}\n');
    put("old/f.json", '{"p":1,"q":2}\n');
    put("same/f.json", '{"v":1,"w":true}\n');
    await crawl(options, services);
    put("orders/year=1/f.json", '{"id":1,"price":1.5,"gift":true}\n');
    put("orders/year=3/f.csv", "id,price\n1,2\n3,4\n");
    rmSync(join(root, "d/old"), { recursive: true });
    put("new/a.json", '{"k":1,"l":2}\n');
    put("new/b.json", '{"k":1,"l":2,"m":3}\n');
    const text = printCrawl(await planCrawl(options, services), plainStyle, { verbose: false });
    const lines = text.split(root).join("").split("\n");
    // 2 × 2 common columns of 2 + 3 = 80 %
    expect(lines).toEqual(
      expect.arrayContaining([
        "+ shop.new  create  json, 2 files, 2 records, 34 B",
        "    + k int",
        "    + l int",
        "    + m int",
        "    because SIMILAR_SCHEMAS: 100 % of the 2 files of /d/new have similar schemas, the least alike linked pair by 80 %",
        "- shop.old  deprecate  json, 1 file, 1 record, 14 B",
        "    because DATA_GONE: there are no files at /d/old any more",
        "    files: 1 changed",
        "    + gift boolean",
        "    ~ price int → double",
        "    - note string",
        "    partitions by year: 1 written of 2",
        "stray: /d/orders/year=3/f.csv: not taken into table orders: it is csv, the table json",
      ]),
    );
    expect(lines.find((line) => line.startsWith("~ "))).toMatch(
      /^~ shop\.orders {2}update {2}json, 2 files, 2 records/,
    );
    expect(lines.find((line) => line.startsWith("= "))).toMatch(/^= shop\.same {2}keep {2}json/);
    expect(text).toContain("would change 3 tables of 4");
    expect(lines.slice(lines.findIndex((line) => line.startsWith("= "))).join("\n")).toContain(
      "because UNCHANGED: no file was added, changed or deleted",
    );
  } finally {
    await catalog.close();
    rmSync(root, { recursive: true, force: true });
  }
});
