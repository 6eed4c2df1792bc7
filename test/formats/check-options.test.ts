import { csvOptions, csvWriteOptions } from "../../src/formats/csv-options.js";
import { formatNames, formatOf } from "../../src/formats/registry.js";

const errorOf = (call: () => unknown): Record<string, unknown> => {
  try {
    call();
  } catch (error) {
    return { ...(error as object) };
  }
  return { code: "no error" };
};

test("an unknown option is named with the nearest known one", () => {
  expect(errorOf(() => formatOf("csv").checkOptions({ seperator: ";" }))).toMatchObject({
    code: "BAD_OPTION",
    path: "seperator",
    hint: "Did you mean separator?",
  });
  expect(errorOf(() => formatOf("csv").checkOptions({ withheader: true }))).toMatchObject({
    code: "BAD_OPTION",
    hint: "Did you mean withHeader?",
  });
  expect(errorOf(() => formatOf("json").checkOptions({ rowTag: "x" }))).toMatchObject({
    code: "BAD_OPTION",
    path: "rowTag",
  });
  expect(errorOf(() => formatOf("json").checkOptions({ toString: 1 }))).toMatchObject({ code: "BAD_OPTION" });
});

test("values of the wrong kind are refused, undefined counts as not given", () => {
  expect(errorOf(() => formatOf("csv").checkOptions({ withHeader: "yes" }))).toMatchObject({
    code: "BAD_OPTION",
    path: "withHeader",
  });
  for (const separator of ["ab", "||", "\t\t", "", "§", "\n", "\r", -1]) {
    expect(errorOf(() => formatOf("csv").checkOptions({ separator }))).toMatchObject({
      code: "BAD_OPTION",
      path: "separator",
    });
    expect(errorOf(() => csvWriteOptions({ separator }))).toMatchObject({ code: "BAD_OPTION", path: "separator" });
  }
  expect(errorOf(() => formatOf("csv").checkOptions({ quoteChar: "''" }))).toMatchObject({
    code: "BAD_OPTION",
    path: "quoteChar",
  });
  expect(errorOf(() => formatOf("csv").checkOptions({ columns: [1] }))).toMatchObject({
    code: "BAD_OPTION",
    path: "columns",
  });
  expect(errorOf(() => formatOf("json").checkOptions({ jsonPath: undefined, multiLine: "true" }))).toEqual({
    code: "no error",
  });
});

test("Glue's defaults of CSV", () => {
  expect(csvOptions({})).toEqual({
    separator: ",",
    quoteChar: '"',
    multiLine: false,
    withHeader: false,
    skipFirst: false,
    inferTypes: false,
  });
  expect(csvOptions({ quoteChar: -1, escaper: "\\", withHeader: "true", separator: "\t" })).toMatchObject({
    quoteChar: -1,
    escaper: "\\",
    withHeader: true,
    separator: "\t",
  });
});

test("JSON paths are read, or refused with the place", () => {
  for (const jsonPath of ["$", "$[*]", "$.a.b[*]", "$['a b'][0].*", '$["x"]'])
    expect(errorOf(() => formatOf("json").checkOptions({ jsonPath }))).toEqual({ code: "no error" });
  for (const [jsonPath, offset] of [
    ["a.b", 0],
    ["$.a[", 3],
    ["$..a", 1],
    ["$[-1]", 1],
    ["$.a[?(@.x)]", 3],
  ] as const) {
    expect(errorOf(() => formatOf("json").checkOptions({ jsonPath }))).toMatchObject({
      code: "BAD_OPTION",
      path: "jsonPath",
      offset,
    });
  }
});

test("an unknown format names the nearest", () => {
  expect(errorOf(() => formatOf("parqet"))).toMatchObject({
    code: "UNSUPPORTED_FORMAT",
    hint: "Did you mean parquet?",
  });
  expect(errorOf(() => formatOf("constructor"))).toMatchObject({ code: "UNSUPPORTED_FORMAT" });
  for (const name of formatNames()) expect(formatOf(name).name).toBe(name);
});
