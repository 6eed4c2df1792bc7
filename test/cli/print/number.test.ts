import { byteSize, counted, duration, grouped, percent } from "../../../src/cli/print/number.js";

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1234567, "1,234,567"],
  [10n ** 20n, "100,000,000,000,000,000,000"],
])("%s is grouped as %s", (value, text) => {
  expect(grouped(value)).toBe(text);
});

test.each([
  [1, 3, "33.3%"],
  [0, 5, "0.0%"],
  [5, 5, "100.0%"],
  [9, 3201, "0.3%"],
  [1, 1_000_000, "<0.1%"],
  [999_999, 1_000_000, ">99.9%"],
  [0, 0, "–"],
])("%d of %d is %s", (part, whole, text) => {
  expect(percent(part, whole)).toBe(text);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [300_000_000, "300.0 MB"],
  [3e9, "3.0 GB"],
  [2e18, "2000.0 PB"],
])("%d bytes are %s", (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});

test.each([
  [420, "0.42 s"],
  [12_500, "12.5 s"],
  [187_000, "3:07"],
  [3_750_000, "1:02:30"],
])("%d ms are %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test("one and many", () => {
  expect([counted(1, "file"), counted(0, "file"), counted(2000, "entry", "entries")]).toEqual([
    "1 file",
    "0 files",
    "2,000 entries",
  ]);
});
