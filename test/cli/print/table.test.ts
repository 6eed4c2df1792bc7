import { colorStyle, plainStyle } from "../../../src/cli/print/style.js";
import { printTable } from "../../../src/cli/print/table.js";
import { clipped, displayWidth, printable } from "../../../src/cli/print/text.js";

test("columns line up, numbers to the right, wide characters counted as two", () => {
  const text = printTable(
    [{ title: "NAME" }, { title: "N", align: "right" }, { title: "X" }],
    [
      ["a", "1,000", "x"],
      ["山田", "5", ""],
    ],
    plainStyle,
  );
  expect(text).toBe("NAME      N  X\na     1,000  x\n山田      5\n");
});

test("colours take no room", () => {
  const rows = [[colorStyle.name("ab"), "1"]];
  const plain = printTable([{ title: "T" }, { title: "N" }], [["ab", "1"]], plainStyle);
  const colored = printTable([{ title: "T" }, { title: "N" }], rows, colorStyle);
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(plain);
  expect(colored).not.toBe(plain);
});

test("what comes from data cannot move the cursor, break a line or reorder text", () => {
  expect(printable("a\u001b[2Jb\nc\u202ed\u0000")).toBe("a\\u001b[2Jb\\nc\\u202ed\\u0000");
  expect(printable("plain é 山田 😀")).toBe("plain é 山田 😀");
});

test("clipping counts columns and says that it cut", () => {
  expect(clipped("abcdef", 6)).toBe("abcdef");
  expect(clipped("abcdefg", 6)).toBe("abcde…");
  expect(clipped("山田太郎", 5)).toBe("山田…");
  expect(displayWidth(clipped("山田太郎", 4))).toBeLessThanOrEqual(4);
});

test("on a narrow terminal cells of text go on below, numbers and colours stay whole, nothing is cut", () => {
  const columns = [{ title: "TABLE" }, { title: "RECORDS", align: "right" }, { title: "CHANGE" }] as const;
  const change =
    "+gift boolean, price int → double, −note, 山田 😀😀😀 string, averyveryverylongnamewithoutanyblank int";
  const rows = [
    [colorStyle.name("shop.orders_of_the_last_years"), "1,000,000", change],
    ["b", "2", "created"],
  ];
  for (const width of [40, 50, 60, 80]) {
    const text = printTable(columns, rows, { ...colorStyle, width });
    const plain = text.replace(/\u001b\[\d+m/g, "");
    expect(plain.split("\n").filter((line) => displayWidth(line) > width)).toEqual([]);
    expect(plain).toContain("1,000,000");
    // every line of a coloured cell has its colour, begun and ended
    for (const line of text.split("\n").slice(1))
      expect((line.match(/\u001b\[36m/g) ?? []).length).toBe((line.match(/\u001b\[39m/g) ?? []).length);
    const start = plain.split("\n")[0]?.indexOf("CHANGE") ?? 0;
    const told = plain
      .split("\n")
      .slice(1)
      .map((line) => line.slice(start))
      .join("")
      .replaceAll(" ", "");
    expect(told).toBe(`${change}created`.replaceAll(" ", ""));
  }
  expect(printTable(columns, rows, { ...plainStyle, width: 200 })).toBe(printTable(columns, rows, plainStyle));
  expect(printTable(columns, rows, plainStyle).split("\n")).toHaveLength(4); // elsewhere nothing is fitted
});

test("a coloured cell is cut without its colour running on", () => {
  expect(clipped(colorStyle.type("abcdefg"), 6)).toBe(colorStyle.type("abcde…"));
  expect(clipped(colorStyle.type("abcdef"), 6)).toBe(colorStyle.type("abcdef"));
});

test("a table of very many rows is printed", () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [String(i)]);
  expect(printTable([{ title: "N" }], rows, plainStyle).split("\n")).toHaveLength(200_002);
});
