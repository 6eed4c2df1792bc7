/**
 * Wrong calls of every command there is: the commands, their arguments and options are those of the program, so that a
 * new one is tested by itself.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argument, Command, Option } from "commander";
import { createProgram } from "../../src/cli/program.js";
import { runCommandLine } from "../../src/cli/run.js";
import type { Terminal } from "../../src/cli/terminal.js";
import { GlueContext } from "../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-tree-"));
const catalog = join(folder, "catalog");
const absent = join(folder, "absent", "file");
const script = join(folder, "nightly.mjs");

type Finished = { readonly status: number; readonly out: string; readonly err: string };

async function run(args: readonly string[], at = catalog): Promise<Finished> {
  let out = "";
  let err = "";
  const terminal: Terminal = {
    out: (text) => {
      out += text;
      return Promise.resolve();
    },
    err: (text) => {
      err += text;
    },
    closed: () => false,
    outIsTerminal: false,
    errIsTerminal: false,
    columns: undefined,
    mayColor: false,
    env: {},
    signal: new AbortController().signal,
    now: () => 0,
  };
  const status = await runCommandLine(["--catalog", at, ...args], terminal);
  return { status, out, err };
}

// every named thing is called nightly, so that one misspelt name is near to all of them
const NEAR = "nightlu";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZfs0CSbrxJ2VRN5LyOS/3YyQBJiwbtlSbm8Pyyw9L0 nightly";

beforeAll(async () => {
  mkdirSync(join(folder, "data", "orders"), { recursive: true });
  writeFileSync(join(folder, "data", "orders", "a.json"), '{"id":1}\n{"id":"A-2"}\n');
  writeFileSync(script, "console.log(1);\n");
  writeFileSync(join(folder, "workflow.json"), '{"name":"nightly","nodes":{"clean":{"job":"nightly"}}}');
  writeFileSync(join(folder, "key.pub"), `${KEY}\n`);
  for (const args of [
    ["crawl", join(folder, "data", "orders"), "--database", "nightly", "--quiet"],
    ["job", "create", "nightly", "--script", script],
    ["crawler", "create", "nightly", join(folder, "data"), "--database", "nightly"],
    ["workflow", "create", join(folder, "workflow.json")],
    ["connections", "create", "nightly", "--url", "jdbc:sqlite:x.db"],
    ["dev-endpoint", "create", "nightly", "--no-start", "--public-key", join(folder, "key.pub")],
  ])
    expect([args, await run(args)]).toEqual([args, expect.objectContaining({ status: 0 })]);
  const glue = await GlueContext.open({ catalog });
  const doc = { location: "x.mjs", source: { text: "", kind: "javascript" }, parameterSpec: {} };
  await glue.catalog.changeEntities([{ ref: { kind: "blueprint", name: "nightly" }, doc, ifVersion: 0 }]);
  await glue.close();
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const program = createProgram(
  () => async () => {
    throw new Error("not run");
  },
  { columns: 100 } as Terminal,
);
const below = (command: Command): readonly Command[] => [
  command,
  ...command.commands.filter((child) => child.name() !== "help").flatMap(below),
];
const wordsOf = (command: Command): readonly string[] =>
  command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
const commands = below(program).map((command) => ({
  words: wordsOf(command),
  name: wordsOf(command).join(" "),
  command,
}));
const groups = commands.filter(({ command, name }) => command.commands.length > 0 && name !== "connections");
const actions = commands.filter((each) => !groups.includes(each));

/** What an argument is when nothing is wrong with it, by its name. */
const RIGHT: Readonly<Record<string, string>> = {
  table: "nightly.orders",
  range: "nightly.orders@0",
  path: "id",
  paths: join(folder, "data"),
  database: "nightly",
  text: "select 1",
  job: "nightly",
  run: "jr_none",
  runs: "jr_none",
  name: "nightly",
  workflow: "nightly",
  nodes: "job:nightly",
  trigger: "nightly-start",
  context: "orders",
  change: "stop",
  command: "1",
  file: join(folder, "key.pub"),
  plan: script,
  script,
};
// a bookmark is set for a script without a definition, too
const NEW_NAMES = [
  "job new",
  "job create",
  "connections create",
  "dev-endpoint create",
  "crawler create",
  "blueprint create",
];

/** What is wrong for an argument, and the status that says so; undefined where there is nothing that it cannot be. */
function wrongArgument(
  command: string,
  argument: string,
): readonly [value: string, status: 1 | 2, told: RegExp] | undefined {
  switch (argument) {
    case "table":
      return ["nope", 2, /USAGE: expected DATABASE\.TABLE/];
    case "range":
      return ["nope", 2, /USAGE: expected DATABASE\.TABLE@/];
    case "change":
      return ["nope", 2, /USAGE: .*cron/];
    case "nodes":
      return ["nope", 2, /USAGE: a node is job:NAME/];
    case "path":
      return ["nope", 1, /_PATH|PATH_/];
    // a crawler may be made before its data
    case "paths":
      return command === "crawler create" || command === "crawler update" ? undefined : [absent, 1, /PATH_NOT_FOUND/];
    case "file":
      return command === "attach" ? undefined : [absent, 1, /PATH_NOT_FOUND|BAD_BLUEPRINT/];
    case "plan":
    case "script":
      return [absent, 1, /PATH_NOT_FOUND/];
    case "run":
    case "runs":
      return command === "quarantine show" ? undefined : ["jr_none", 1, /NOT_FOUND|not found/];
    case "database":
    case "job":
    case "name":
    case "workflow":
      return NEW_NAMES.includes(command) || command === "job bookmark set"
        ? undefined
        : [NEAR, 1, /[Nn]ot[ _](found|there|FOUND)|no connection/];
    case "trigger":
      return ["nightly-strt", 1, /NOT_FOUND/];
    case "context":
    case "command":
    case "text":
      return undefined; // what SQL is told by the engine
    default:
      throw new Error(`say what is wrong for the argument ${argument}`);
  }
}

/**
 * The same for an option: by its name, else by what it calls its value. Free texts and names of new things cannot be
 * wrong.
 */
function wrongOption(command: string, option: Option): readonly [value: string, status: 1 | 2] | undefined {
  const value = /[<[]([^>\]]+?)(\.\.\.)?[>\]]/.exec(option.flags)?.[1] ?? "";
  switch (option.long) {
    case "--database":
      return command === "attach" ? [NEAR, 1] : undefined;
    case "--bookmark":
    case "--worker-type":
    case "--account-id":
    case "--compression":
    case "--engine":
    case "--memory-limit":
      return ["nope", 2];
    case "--region":
      return ["no region", 2];
    case "--password-env":
      return ["NO_SUCH_VARIABLE", 2];
    case "--catalog":
      return ["ftp://x", 2];
    case "--against":
      return ["v99", 1];
    case "--table":
      return command === "job new" ? ["nope", 2] : undefined;
    case "--records":
      return [absent, 1];
    case "--out":
    case "--html":
      return command === "port" ? [absent, 1] : undefined;
    case "--history":
      return undefined;
    case "--public-key":
    case "--add-key":
    case "--remove-key":
      return [absent, 1];
    default:
  }
  switch (value) {
    case "count":
    case "number":
    case "files":
    case "n":
    case "minutes":
    case "milliseconds":
    case "price":
    case "port":
      return ["x1", 2];
    case "format":
    case "mode":
    case "policy":
    case "what":
    case "path=action":
    case "action":
    case "type":
    case "time":
    case "cron":
    case "url":
    case "table":
      return ["nope", 2];
    case "name=value":
      return ["nope", 2];
    case "source:type:target:type":
      return ["::::", 2];
    case "file":
    case "json":
      return command.startsWith("dev-endpoint connect") ? undefined : [absent, 1];
    case "name":
      return option.long === "--format" ? ["nope", 2] : undefined;
    case "text":
    case "glob":
    case "queue":
    case "folder":
    case "user":
    case "address":
    case "code":
    case "predicate":
    case "names":
    case "path":
    case "path|database.table":
    case "id":
    case "who":
    case "serial or who":
    case "codec":
      return undefined;
    default:
      throw new Error(`say what is wrong for ${option.flags} of ${command}`);
  }
}

const takesValue = (option: Option): boolean => option.required || option.optional;
const rightArguments = (command: Command, which: (argument: Argument) => boolean = () => true): string[] =>
  command.registeredArguments.filter(which).map((argument) => RIGHT[argument.name()] ?? `no right ${argument.name()}`);
/** Options that a command does not do without, right. */
const needed = (name: string, command: Command): readonly string[] => [
  ...command.options
    .filter(({ mandatory }) => mandatory)
    .flatMap((option) => [
      option.long ?? "",
      option.long === "--url" ? "jdbc:sqlite:x.db" : option.long === "--to" ? join(folder, "never") : "nightly",
    ]),
  ...(name === "serve" ? ["--insecure-no-auth", "--port", "0"] : []),
  ...(name === "job create" ? ["--script", script] : []),
  ...(name === "job new" ? ["--source", join(folder, "data"), "--target", "x"] : []),
  ...(name === "dev-endpoint create" ? ["--no-start"] : []),
];

/**
 * A wrong call says why in a line that begins with a code, and what to do next; it prints nothing else, and with --json
 * the same as data.
 */
async function expectRefusal(args: readonly string[], status: 1 | 2, told: RegExp = /./): Promise<void> {
  const plain = await run(args);
  expect([args, plain]).toEqual([
    args,
    { status, out: "", err: expect.stringMatching(/(^|\n)error [A-Z][A-Z_0-9]+: [^\n]+\n[^]* {2}hint: [^\n]+\n/) },
  ]);
  expect([args, plain.err]).toEqual([args, expect.stringMatching(told)]);
  const [, code] = /(?:^|\n)error ([A-Z_0-9]+): /.exec(plain.err) ?? [];
  const asData = await run(["--json", ...args]);
  expect([args, asData.status, JSON.parse(asData.out)]).toEqual([
    args,
    status,
    { error: expect.objectContaining({ code, message: expect.any(String), hint: expect.any(String) }) },
  ]);
}

test("the program has the commands that this file is about", () => {
  expect(actions.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "crawl",
      "connections",
      "job bookmark rewind",
      "dev-endpoint certificate",
      "workflow graph",
    ]),
  );
});

test.each(groups)("$name alone lacks a command; what is none is told with the nearest", async ({ words, command }) => {
  await expectRefusal(words, 2, /USAGE: a command is missing/);
  await expectRefusal([...words, "zzzzzzzz"], 2, /USAGE: unknown command zzzzzzzz\n/);
  const [first = ""] = command.commands.map((child) => child.name());
  await expectRefusal([...words, `${first}x`], 2, new RegExp(`unknown command ${first}x; did you mean ${first}\\?`));
  await expectRefusal(
    [...words, "help", `${first}x`],
    2,
    new RegExp(`unknown command ${first}x; did you mean ${first}\\?`),
  );
  expect((await run([...words, "help", first])).out).toBe((await run([...words, first, "--help"])).out);
});

test.each(actions)("$name: an unknown option, and one without its value", async ({ name, words, command }) => {
  await expectRefusal(
    [...words, ...needed(name, command), "--no-such-option"],
    2,
    /USAGE: unknown option '--no-such-option'/,
  );
  for (const option of command.options.filter(({ required }) => required)) {
    await expectRefusal([...words, option.long ?? ""], 2, /USAGE: option .* argument missing/);
  }
});

test.each(actions)("$name: too few arguments, and too many", async ({ name, words, command }) => {
  const required = rightArguments(command, (argument) => argument.required);
  if (required.length > 0)
    await expectRefusal(
      [...words, ...required.slice(0, -1), ...needed(name, command)],
      2,
      /USAGE: missing required argument/,
    );
  if (command.options.some(({ mandatory }) => mandatory))
    await expectRefusal([...words, ...required], 2, /USAGE: required option .* not specified/);
  if (command.registeredArguments.at(-1)?.variadic !== true) {
    const surplus = [...words, ...rightArguments(command), "surplus", ...needed(name, command)];
    await expectRefusal(surplus, 2, /USAGE: too many arguments|USAGE: unknown command surplus/);
  }
});

test.each(actions)(
  "$name: arguments that are none, or name what is not there",
  async ({ name, words, command }) => {
    for (const [i, argument] of command.registeredArguments.entries()) {
      const wrong = wrongArgument(name, argument.name());
      if (wrong === undefined) continue;
      const [value, status, told] = wrong;
      const values = rightArguments(command, (each) => each.required || each === argument).map((right, at) =>
        at === i ? value : right,
      );
      await expectRefusal([...words, ...values, ...needed(name, command)], status, told);
      const isName = value === NEAR && !/job bookmark/.test(name);
      if (isName)
        expect([words, (await run([...words, ...values])).err]).toEqual([
          words,
          expect.stringMatching(/Did you mean nightly\?/),
        ]);
      const misspelt = values.map((each) => (each === value ? "nightly.ordrs" : each));
      if (argument.name() === "table")
        await expectRefusal([...words, ...misspelt, ...needed(name, command)], 1, /Did you mean nightly\.orders\?/);
    }
  },
  60_000,
);

test.each([...actions, ...commands.filter(({ words }) => words.length === 0)])(
  "$name: values of options that make no sense",
  async ({ name, words, command }) => {
    for (const option of command.options.filter(takesValue)) {
      const wrong = wrongOption(name, option);
      if (wrong === undefined) continue;
      const [value, status] = wrong;
      const rest = needed(name, command).filter((each, i, all) => each !== option.long && all[i - 1] !== option.long);
      const called = words.length === 0 ? ["sql", "select 1"] : words;
      await expectRefusal(
        [...called, ...rightArguments(command, (argument) => argument.required), ...rest, option.long ?? "", value],
        status,
      );
    }
  },
  60_000,
);
