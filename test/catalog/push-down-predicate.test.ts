import { readFileSync } from "node:fs";
import fc from "fast-check";
import { compilePushDownPredicate } from "../../src/catalog/push-down-predicate.js";
import { PREDICATE_FUNCTIONS } from "../../src/catalog/predicate/functions.js";

const crawled = ["year", "month", "day", "region"].map((name) => ({ name, type: "string" }));
const typed = [
  { name: "i", type: "int" },
  { name: "l", type: "bigint" },
  { name: "d", type: "date" },
  { name: "t", type: "timestamp" },
  { name: "m", type: "decimal(10,2)" },
  { name: "f", type: "double" },
  { name: "b", type: "boolean" },
  { name: "s", type: "string" },
];
const row = ["5", "9007199254740993", "2024-02-29", "2024-02-29 12:30:00.5", "2.50", "0.1", "true", "abc"];

const onCrawled = (text: string, values: readonly (string | null)[] = ["2024", "02", "9", "eu"]): boolean | null =>
  compilePushDownPredicate(text, crawled)(values);
const onTyped = (text: string, values: readonly (string | null)[] = row): boolean | null =>
  compilePushDownPredicate(text, typed)(values);

function failure(
  run: () => unknown,
): Error & { readonly code?: string; readonly hint?: string; readonly offset?: number } {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("crawled keys, which are strings", () => {
  it.each([
    ["year == '2024'", true],
    ["year = 2024", true],
    ["year=2024 and month=2 and day=9", true],
    ["(year == '2024' && month == '02')", "error"],
    ["year == '2024' AND month == '03' OR region = 'eu'", true],
    ["year == '2024' and (month == '03' or region = 'us')", false],
    ["month > 1 and day < 10", true],
    ["day < '10'", false], // texts: '9' comes after '1'
    ["day < 10", true], // numbers
    ["month in ('01','02')", true],
    ["month in (1, 2)", false], // IN takes strings among numbers for strings: '02' is not '2'
    ["month between '01' and '03'", true],
    ["month not between 1 and 3", false],
    ["concat(year, '-', month, '-', day) = '2024-02-9'", true],
    ["year || '-' || month >= '2024-02'", true],
    ["to_date(concat(year, '-', month, '-', day)) >= date '2024-02-01'", true],
    ["to_date(year || month || lpad(day, 2, '0'), 'yyyyMMdd') = '2024-02-09'", true],
    ["date_format(to_date(concat(year, '-', month, '-', day)), 'E') in ('Fri', 'Sat')", true],
    ["date_format(to_date(concat(year, '-', month, '-', day)), 'EEEE, d MMM yyyy') = 'Friday, 9 Feb 2024'", true],
    ["cast(month as int) + 1 = 3", true],
    ["month + 1 = 3", true],
    ["month % 2 = 0", true],
    ["year * 100 + month = 202402", true],
    ["year / 0 is null", true],
    ["region like 'e%'", true],
    ["region like 'E%'", false],
    ["region not like '%u'", false],
    ["region rlike '^e[a-z]$'", true],
    ["region rlike 'u'", true],
    ["upper(region) == 'EU'", true],
    ["substr(year, 3, 2) = '24'", true],
    ["substring(year, -2) = 24", true],
    ["length(year) = 4", true],
    ["coalesce(null, region) <=> 'eu'", true],
    ["nullif(region, 'eu') is null", true],
    ["not region = 'us'", true],
    ["!(region = 'us')", true],
    ["YEAR = 2024 AND `region` != 'us'", true],
    ['region = "eu"', true],
    ["region > 'e' and region < 'f'", true],
    ["region = 2", null],
    ["year = '2024' and region = 2", null],
    ["year = '1' and region = 2", false],
    ["region is not null", true],
    ["1 = 1", true],
    ["true", true],
    ["null", null],
    ["year = 2024.0", true],
    ["year = 2024.5", false],
    ["year = 2.024e3", true],
    ["year > 2023L", true],
    ["-year = -2024", true],
    ["abs(-5) = 5", true],
    ["year - 4 = 2020", true],
  ])("%s → %s", (text, expected) => {
    if (expected === "error") expect(failure(() => onCrawled(text)).name).toBe("ParseException");
    else expect(onCrawled(text)).toBe(expected);
  });
});

describe("typed keys", () => {
  it.each([
    ["i = 5", true],
    ["i = '5'", true],
    ["i > 4.9", true],
    ["i in (4, 5)", true],
    ["i / 2 = 2.5", true],
    ["i % 3 = 2", true],
    ["l = 9007199254740993", true],
    ["l = 9007199254740992", false],
    ["l + 1 = 9007199254740994", true],
    ["l > i", true],
    ["d = '2024-02-29'", true],
    ["d > date '2024-02-28'", true],
    ["d = timestamp '2024-02-29 00:00:00'", true],
    ["date_add(d, 1) = '2024-03-01'", true],
    ["datediff(d, '2024-02-01') = 28", true],
    ["year(d) = 2024 and month(d) = 2 and day(d) = 29", true],
    ["d < t", true],
    ["t > '2024-02-29 12:30:00'", true],
    ["t between '2024-02-29' and '2024-03-01'", true],
    ["m = 2.5", true],
    ["m * 2 = 5", true],
    ["m + 0.1 = 2.6", true],
    ["m in (2.50, 3)", true],
    ["f = 0.1", true],
    ["f + 0.2 = 0.3", false], // doubles
    ["0.1 + 0.2 = 0.3", true], // decimals
    ["b", true],
    ["b = true", true],
    ["b is true", true],
    ["not b", false],
    ["b = 'true'", true],
    ["s = 'abc' and i <=> null", false],
    ["i is null", false],
    ["2147483647 + 1 = -2147483648", true],
    ["left(s, 2) = 'ab' and right(s, 2) = 'bc'", true],
    ["replace(s, 'b', 'x') = 'axc'", true],
    ["rpad(s, 5, 'xy') = 'abcxy'", true],
    ["startswith(s, 'ab') and endswith(s, 'bc') and contains(s, 'b')", true],
    ["trim('  a ') = 'a'", true],
    ["int('7') = 7", true],
  ])("%s → %s", (text, expected) => {
    expect(onTyped(text)).toBe(expected);
  });

  it("reads null and what does not fit as null", () => {
    const nothing = row.map(() => null);
    expect(onTyped("i = 5", nothing)).toBeNull();
    expect(onTyped("not i = 5", nothing)).toBeNull();
    expect(onTyped("i is null and s is null", nothing)).toBe(true);
    expect(onTyped("i <=> null", nothing)).toBe(true);
    expect(onTyped("i = 5 or true", nothing)).toBe(true);
    expect(onTyped("i = 5 and false", nothing)).toBe(false);
    expect(onTyped("i in (1, null)")).toBeNull();
    expect(onTyped("i not in (5, null)")).toBe(false);
    expect(onTyped("i is null", ["soon", ...row.slice(1)])).toBe(true);
    expect(onTyped("s is null", [...row.slice(0, 7), "__HIVE_DEFAULT_PARTITION__"])).toBe(true);
  });
});

describe("text and patterns", () => {
  it("escapes as Spark does", () => {
    const s = (text: string, value: string): boolean | null =>
      compilePushDownPredicate(text, [{ name: "s", type: "string" }])([value]);
    expect(s("s = 'it\\'s'", "it's")).toBe(true);
    expect(s("s like '10\\%'", "10%")).toBe(true);
    expect(s("s like '10\\%'", "100")).toBe(false);
    expect(s("s like '10!_%' escape '!'", "10_x")).toBe(true);
    expect(s("s like '10!_%' escape '!'", "10yx")).toBe(false);
    expect(s("s like '_'", "😀")).toBe(true);
    expect(s("s rlike '\\\\d{4}-\\\\d{2}'", "at 2024-02 it")).toBe(true);
    expect(s("s rlike '^\\\\d{4}$'", "20245")).toBe(false);
    expect(s("s rlike 'a|b'", "xbx")).toBe(true);
  });

  it("current_date comes from the clock", () => {
    const test = compilePushDownPredicate(
      "to_date(year || '-' || month || '-' || day) >= date_sub(current_date, 7)",
      crawled,
      { now: () => Date.UTC(2024, 1, 15, 23) },
    );
    expect(test(["2024", "2", "8", ""])).toBe(true);
    expect(test(["2024", "2", "7", ""])).toBe(false);
  });

  it("blank keeps everything", () => {
    expect(onCrawled("  ", [null, null, null, null])).toBe(true);
  });
});

describe("errors", () => {
  it.each([
    ["yaer = 2024", "AnalysisException", "yaer"],
    ["uper(region) = 'EU'", "AnalysisException", "uper"],
    ["region", "AnalysisException", "string"],
    ["region and true", "AnalysisException", "string"],
    ["year = ", "ParseException", "position 7"],
    ["year = 'a", "ParseException", "position 7"],
    ["(year = 1", "ParseException", ")"],
    ["year = 1)", "ParseException", "end"],
    ["substr(year) = '1'", "AnalysisException", "substr takes 2 to 3"],
    ["region rlike '(a)\\\\1'", "AnalysisException", "not supported"],
    ["region rlike year", "AnalysisException", "RLIKE"],
    ["date_format(year, 'QQ') = '1'", "AnalysisException", "QQ"],
    ["cast(year as elephant) = 1", "ParseException", "type"],
    ["year in ()", "ParseException", "found"],
    ["true = 1", "AnalysisException", "boolean"],
    ["a.b = 1", "ParseException", "position"],
    ["exists (select 1)", "ParseException", "position"],
  ])("%s", (text, name, part) => {
    const error = failure(() => onCrawled(text));
    expect(error).toMatchObject({ name, code: "INVALID_PREDICATE" });
    expect(error.message).toContain(part);
  });

  it("suggests the near name", () => {
    expect(failure(() => onCrawled("yaer = 1")).hint).toContain("year");
    expect(failure(() => onCrawled("uper(year) = 1")).hint).toContain("upper");
  });

  it("neither hangs nor overflows", () => {
    expect(failure(() => onCrawled(`${"(".repeat(5000)}true${")".repeat(5000)}`)).code).toBe("TOO_DEEP");
    expect(onCrawled(Array.from({ length: 3000 }, () => "year = 2024").join(" and "))).toBe(true);
    expect(failure(() => onCrawled(`year = ${"1 + ".repeat(5000)}1`)).name).toBe("ParseException");
    expect(onCrawled("region rlike '((a+)+)+$'", ["", "", "", `${"a".repeat(1000)}b`])).toBe(false);
    expect(onCrawled(`region like '${"%a".repeat(500)}%b'`, ["", "", "", "a".repeat(1000)])).toBe(false);
    expect(failure(() => onCrawled("region rlike '((a{1000}){1000}){1000}'")).code).toBe("INVALID_PREDICATE");
  });

  it("any text gives a predicate or a coded error", () => {
    const word = fc.constantFrom(
      "year",
      "region",
      "and",
      "or",
      "not",
      "in",
      "like",
      "(",
      ")",
      ",",
      "=",
      "<=>",
      "'a'",
      "1",
      "2.5",
      "1e3",
      "null",
      "is",
      "between",
      "||",
      "+",
      "-",
      "cast",
      "as",
      "int",
      "`",
      "\\",
      "'",
      ...PREDICATE_FUNCTIONS,
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          const result = onCrawled(words.join(" "));
          return result === null || typeof result === "boolean";
        } catch (error) {
          return ["INVALID_PREDICATE", "TOO_DEEP"].includes((error as { code?: string }).code ?? "");
        }
      }),
      { numRuns: 3000 },
    );
  });
});

it("the documentation lists every function", () => {
  const line =
    readFileSync("docs/push-down-predicates.md", "utf8")
      .split("\n")
      .find((l) => l.startsWith("Functions: ")) ?? "";
  expect([...line.matchAll(/`([^`]+)`/g)].map((m) => m[1])).toEqual(PREDICATE_FUNCTIONS);
});
