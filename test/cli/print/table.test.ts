import { colorStyle, plainStyle } from "../../../src/cli/print/style.js";
import { printTable } from "../../../src/cli/print/table.js";
import { clipped, displayWidth, printable } from "../../../src/cli/print/text.js";

test("columns line up, numbers to the right, wide characters counted as two", () => {
  const text = printTable([{ title: "NAME" }, { title: "N", align: "right" }, { title: "X" }], [["a", "1,000", "x"], ["山田", "5", ""]], plainStyle);
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
