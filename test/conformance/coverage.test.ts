/**
 * The cases of `fixtures/conformance` cover every operation of frames and formats with every argument that FORMAT.md
 * names, and every option that the reference has for them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
type Case = { readonly op: string; readonly args: { readonly [name: string]: unknown } };
const FOLDER = join(ROOT, "fixtures/conformance");
const cases = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Case);

const format = readFileSync(join(ROOT, "conformance/FORMAT.md"), "utf8");
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
/** Rows of the table of operations: op or ops, layer, input, args, expected. */
const rows = format
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter(([, , layer]) => ["types", "dynamicframe", "formats"].includes(layer ?? ""));
/** A part that begins with `map:` is map's alone. */
const argsOf = (op: string, text: string): string[] =>
  quoted(
    text
      .split("; ")
      .filter((part) => !/^\w+: /.test(part) || part.startsWith(`${op}: `))
      .join(" "),
  );
const operations = rows.flatMap(([, ops = "", , , args = ""]) =>
  ops.split(", ").map((op) => [op, argsOf(op, args)] as const),
);

test("the table of operations is found", () => {
  expect(operations.length).toBeGreaterThan(25);
});

test.each(operations)("%s has cases, with each of %j", (op, args) => {
  const own = cases.filter((each) => each.op === op);
  expect(own.length).toBeGreaterThan(0);
  expect(args.filter((name) => !own.some((each) => Object.hasOwn(each.args, name)))).toEqual([]);
});

/** Reading: FORMAT.md lists the options of each format; unbox and writing: docs/sources.md#methods and #formats. */
const OPTIONS: readonly (readonly [op: string, format: string, member: string, options: readonly string[]])[] = [
  ...["csv", "json", "xml", "grokLog"].map(
    (name) =>
      [
        "read",
        name,
        "formatOptions",
        quoted(new RegExp(`^- \\*\\*read\\*\\*.*?\`${name}\` \\((.*?)[):]`, "m").exec(format)?.[1] ?? ""),
      ] as const,
  ),
  ["unbox", "csv", "options", ["separator", "escaper", "skipFirst", "withHeader"]],
  ["unbox", "json", "options", ["withSchema"]],
  ["write", "csv", "formatOptions", ["writeHeader", "separator", "quoteChar"]],
];
test.each(OPTIONS)("%s %s", (op, name, member, options) => {
  expect(options.length).toBeGreaterThan(0);
  const given = new Set(
    cases
      .filter((each) => each.op === op && each.args["format"] === name)
      .flatMap((each) => Object.keys(each.args[member] ?? {})),
  );
  expect(options.filter((option) => !given.has(option))).toEqual([]);
});

test("every action of resolveChoice and toDF, every operator of splitRows, both options of spigot", () => {
  const args = (op: string): string => JSON.stringify(cases.filter((each) => each.op === op).map((each) => each.args));
  for (const action of [
    "cast:",
    "project:",
    "make_cols",
    "make_struct",
    "MATCH_CATALOG",
    '"choice":"cast:',
    '"choice":"make_cols',
    '"choice":"make_struct',
  ])
    expect([action, args("resolveChoice").includes(action)]).toEqual([action, true]);
  for (const action of ["KeepAsStruct", "Project", "Cast"])
    expect([action, args("toDF").includes(`"${action}"`)]).toEqual([action, true]);
  for (const operator of ["=", "!=", "<", "<=", ">", ">="])
    expect([operator, args("splitRows").includes(`"${operator}":`)]).toEqual([operator, true]);
  for (const option of ["topk", "prob"])
    expect([option, args("spigot").includes(`"${option}":`)]).toEqual([option, true]);
});
