/** TypeScript typed into a session: what is stripped, what stays as it is, and what is said where nothing strips. */
import { runInNewContext } from "node:vm";
import { loadStripper, toJavaScript, type Stripper } from "../../src/devendpoint/to-javascript.js";

let strip: Stripper;
beforeAll(async () => {
  const found = await loadStripper();
  if (found === undefined) throw new Error("neither Node nor esbuild strips types here");
  strip = found;
});

test.each([
  "1 + 1",
  "const a = { b: 1 }",
  "await glue.sql('select 1').rows()",
  "const bigger = a < b; c > (d)",
  "for await (const x of y) { x }",
  "",
])("JavaScript stays as it is: %s", (code) => {
  expect(
    toJavaScript(code, () => {
      throw new Error("not asked");
    }),
  ).toEqual({ kind: "javascript", code });
});

test.each([
  ["const n: number = 6; n * 7", 42],
  ["interface Row { a: number } const rows: Row[] = [{ a: 2 }]; rows[0]!.a", 2],
  ["[1, 2].map<string>((x) => String(x)).join()", "1,2"],
  ["enum Level { Low = 1, High = 5 } Level.High", 5],
  ["(3 as unknown as number) + 1", 4],
  ["type A = { b: string }; 'x' satisfies string", "x"],
])("TypeScript is stripped and runs: %s", (code, expected) => {
  const stripped = toJavaScript(code, strip);
  if (stripped.kind !== "javascript") throw new Error(stripped.kind);
  expect(runInNewContext(stripped.code)).toEqual(expected);
});

test.each(["const f = (x: number): number => {", "interface Row {", "const a: { b: number"])(
  "what is cut off waits for the next line: %s",
  (code) => {
    expect(toJavaScript(code, strip)).toEqual({ kind: "incomplete" });
  },
);

test("what is neither stays as it is, for Node to say why; without a stripper what to install is said too", () => {
  expect(toJavaScript("const = 1;;; }", strip)).toEqual({ kind: "javascript", code: "const = 1;;; }" });
  expect(toJavaScript("const n: number = 1", undefined)).toEqual({
    kind: "javascript",
    code: "const n: number = 1",
    hint: expect.stringContaining("npm install esbuild"),
  });
});

test("Node's own stripper goes before esbuild", async () => {
  jest.doMock("node:module", () => ({
    stripTypeScriptTypes: (code: string, { mode }: { readonly mode: string }) =>
      `/* ${mode} */ ${code.replace(": number", "")}`,
  }));
  try {
    const byNode = await loadStripper();
    expect(toJavaScript("const n: number = 1", byNode)).toEqual({
      kind: "javascript",
      code: "/* transform */ const n = 1",
    });
  } finally {
    jest.dontMock("node:module");
  }
});
