import fc from "fast-check";
import { partitionFolder, partitionFolders } from "../../src/storage/hive-path.js";

const read = (folder: string): unknown =>
  partitionFolders("/t", `/t/${folder}/f.parquet`)?.map(({ key, value }) => [key, value]);

// the folders that pyarrow 26 (write_dataset, uri segments) and DuckDB 1.5 (PARTITION_BY) write for these values
test.each([
  ["p=%C3%BC%20%25", "ü %"],
  ["p=%E6%97%A5%E6%9C%AC", "日本"],
  ["p=%F0%9F%98%80", "😀"],
  ["p=a%2Fb%3Dc", "a/b=c"],
])("%s is %s, as those who escape bytes of UTF-8 mean it", (folder, value) => {
  expect(read(folder)).toEqual([["p", value]]);
});

test.each([
  ["p=%FF", "\u00ff"],
  ["p=%C3x%BC", "\u00c3x\u00bc"],
  ["p=100%", "100%"],
  ["p=%zz%4", "%zz%4"],
  ["p=ü", "ü"],
  ["p=__HIVE_DEFAULT_PARTITION__", null],
])("%s: what is no UTF-8 is read as Hive reads it", (folder, value) => {
  expect(read(folder)).toEqual([["p", value]]);
});

test("any value that is written is read again", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.string({ unit: "grapheme", minLength: 1 }),
      (key, value) => {
        fc.pre(value !== "__HIVE_DEFAULT_PARTITION__");
        expect(read(partitionFolder(key, value))).toEqual([[key, value]]);
      },
    ),
    { numRuns: 500 },
  );
});
