/** docs/format-options.md lists the options that are taken, all of them and no others, and its tests exist. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkSourceOptions } from "../../../src/dynamicframe/sources/source-options.js";
import { formatNames, formatOf } from "../../../src/formats/registry.js";
import { writeOptions } from "../../../src/formats/write-options.js";
import { knownOptions } from "./known-options.js";

const ROOT = join(__dirname, "../../..");
const UNKNOWN = { "no such option": 1 };
const rows = readFileSync(join(ROOT, "docs/format-options.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| Of"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));
const listed = (of: string, way: string): string[] =>
  rows
    .filter(([name, direction]) => name === of && direction === way)
    .map(([, , option = ""]) => option.replaceAll("`", ""))
    .sort();

test.each(formatNames())("%s, reading", (format) => {
  expect(listed(format, "read")).toEqual(
    knownOptions(() => {
      formatOf(format).checkOptions(UNKNOWN);
    }),
  );
});
test.each(["csv", "json", "parquet", "avro", "orc"] as const)("%s, writing", (format) => {
  expect(listed(format, "write")).toEqual(
    knownOptions(() => {
      writeOptions(format, UNKNOWN);
    }),
  );
});
test("glueparquet is written as parquet", () => {
  expect(listed("glueparquet", "write")).toEqual(listed("parquet", "write"));
});
test("sources of files", () => {
  expect(listed("files", "source")).toEqual(
    knownOptions(() => {
      checkSourceOptions("x", UNKNOWN, [], true);
    }),
  );
});

test("every row names a test that is there", () => {
  expect(rows.length).toBeGreaterThan(60);
  for (const row of rows) {
    const [, file = "", title] = /^`([^`]+)`(?: “([^”]+)”)?$/.exec(row[4] ?? "") ?? [];
    expect([row[2], file, existsSync(join(ROOT, file)) && file !== ""]).toEqual([row[2], file, true]);
    if (title !== undefined)
      expect([title, readFileSync(join(ROOT, file), "utf8").includes(title)]).toEqual([title, true]);
  }
});
