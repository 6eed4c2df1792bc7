import { writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Command } from "commander";
import { fileError } from "../../../storage/file-error.js";
import type { GlueContext } from "../../../index.js";
import type { Mapping, NewJob } from "../../../job/authoring/new-job.js";
import { oneOf, parseNames, parseTableName } from "../../arguments.js";
import { asker } from "../../ask.js";
import type { ActionRunner } from "../../command.js";
import { withoutTrace } from "../../open-context.js";
import { jsonDocument } from "../../print/json.js";
import { printable } from "../../print/text.js";
import { UsageError } from "../../usage-error.js";

const FORMATS = ["json", "csv", "parquet", "avro", "xml"] as const;

const WRITTEN_FORMATS = ["json", "csv", "parquet", "avro"] as const;

type NewOptions = {
  readonly source: string;
  readonly sourceFormat?: (typeof FORMATS)[number];
  readonly target: string;
  readonly format: (typeof WRITTEN_FORMATS)[number];
  readonly table?: string;
  readonly mapping: readonly Mapping[];
  readonly partitionKeys: readonly string[];
  readonly bookmark: boolean;
  readonly dir: string;
  readonly force?: boolean;
};
/** As the command line has them: what is missing is asked for. */
type GivenOptions = Omit<NewOptions, "source" | "target"> & {
  readonly source?: string;
  readonly target?: string;
  readonly ask?: boolean;
};

/** `dynaframe job new` */
export function newJobCommand(job: Command, run: ActionRunner): void {
  job
    .command("new")
    .argument("<name>", "name of the job, and of its files")
    .option("--source <path|database.table>", "where it reads: a folder or file, or a table of the catalog")
    .option(
      "--source-format <format>",
      "of a folder; default: by the file's ending, else json",
      oneOf("--source-format", FORMATS),
    )
    .option("--target <path>", "folder that it writes into")
    .option("--format <format>", "of what it writes", oneOf("--format", WRITTEN_FORMATS), "parquet")
    .option("--table <database.table>", "make or extend this table by what it writes")
    .option(
      "--mapping <source:type:target:type>",
      "a field; repeatable; default: every field of the source as it is",
      (text: string, earlier: readonly Mapping[]) => [...earlier, parseMapping(text)],
      [],
    )
    .option("--partition-keys <names>", "fields by which the files are divided, with commas", parseNames, [])
    .option("--no-bookmark", "read everything every time")
    .option("--dir <folder>", "where the files go", ".")
    .option("--force", "overwrite files that are there")
    .option(
      "--ask",
      "ask for source, target, fields and the rest; what --source or --target lack is asked for on a terminal anyhow",
    )
    .description("write a script in TypeScript, a fixture, and a test that runs the one on the other")
    .addHelpText(
      "after",
      "\nExample:\n  $ dynaframe job new orders --source shop.orders --target ./clean --partition-keys day && node --test orders.test.mjs",
    )
    .action(
      run(async (invocation, name: string, given: GivenOptions) => {
        if (!/^[\w-]+$/.test(name))
          throw new UsageError(`a job's files are named for it: letters, digits, - and _, found "${name}"`);
        const options = await wholeOptions(given, invocation.terminal.err);
        await withoutTrace(invocation, async (glue) => {
          const { newJob } = await import("../../../job/authoring/new-job.js");
          const files = newJob(await specOf(glue, name, options));
          for (const [file, text] of files) await put(join(options.dir, file), text, options.force === true);
          const { terminal, global } = invocation;
          const paths = [...files.keys()].map((file) => join(options.dir, file));
          return terminal.out(
            global.json ? jsonDocument({ files: paths }) : paths.map((path) => `wrote ${printable(path)}\n`).join(""),
          );
        });
      }),
    );
}

async function wholeOptions(given: GivenOptions, print: (text: string) => void): Promise<NewOptions> {
  const { source, target, ask = source === undefined || target === undefined ? process.stdin.isTTY : false } = given;
  if (!ask) {
    if (source === undefined || target === undefined)
      throw new UsageError(`job new needs --source and --target; with --ask it asks for them`);
    return { ...given, source, target };
  }
  const questions = asker(process.stdin, print);
  try {
    const text = (answer: string): string => answer;
    const optional =
      (read: (answer: string) => string) =>
      (answer: string): string | undefined =>
        answer === "none" ? undefined : read(answer);
    const from = await questions.ask("Source: a folder, a file, or database.table", text, source);
    const isFolder = !isTableName(from) && extname(from) === "";
    const sourceFormat = isFolder
      ? await questions.ask(
          `Its format: ${FORMATS.join(", ")}`,
          oneOf("the format", FORMATS),
          given.sourceFormat ?? "json",
        )
      : given.sourceFormat;
    const to = await questions.ask("Target: a folder", text, target);
    const format = await questions.ask(
      `Format of what it writes: ${WRITTEN_FORMATS.join(", ")}`,
      oneOf("the format", WRITTEN_FORMATS),
      given.format,
    );
    const table = await questions.ask(
      "Table to make or extend by that, as database.table, or none",
      optional((answer) => {
        parseTableName(answer);
        return answer;
      }),
      given.table ?? "none",
    );
    const mapping = await questions.ask(
      "Fields, as source:type:target:type with commas, or all",
      (answer) => (answer === "all" ? [] : parseMappings(answer)),
      "all",
    );
    const partitionKeys = await questions.ask(
      "Fields by which the files are divided, with commas, or none",
      (answer) => (answer === "none" ? [] : parseNames(answer)),
      given.partitionKeys.join(",") || "none",
    );
    const bookmark = await questions.ask(
      "Read only what is new, by a bookmark: yes or no",
      (answer) => oneOf("the answer", ["yes", "no"] as const)(answer) === "yes",
      given.bookmark ? "yes" : "no",
    );
    const { table: _, sourceFormat: __, ...rest } = given;
    return {
      ...rest,
      source: from,
      target: to,
      format,
      mapping: mapping.length > 0 ? mapping : given.mapping,
      partitionKeys,
      bookmark,
      ...(table === undefined ? {} : { table }),
      ...(sourceFormat === undefined ? {} : { sourceFormat }),
    };
  } finally {
    questions.close();
  }
}

async function specOf(
  glue: GlueContext,
  name: string,
  { source, sourceFormat, target, format, table, mapping, partitionKeys, bookmark }: NewOptions,
): Promise<NewJob> {
  const { mappingsOf } = await import("../../../job/authoring/new-job.js");
  const from: NewJob["source"] = isTableName(source)
    ? { kind: "table", database: parseTableName(source).database, table: parseTableName(source).table }
    : { kind: "path", path: source, format: sourceFormat ?? formatOf(source) };
  const frame =
    from.kind === "table"
      ? glue.createDynamicFrame.fromCatalog({ database: from.database, tableName: from.table })
      : glue.createDynamicFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { path: source },
          format: from.format as "json",
        });
  return {
    name,
    source: from,
    target: { path: target, format, ...(table === undefined ? {} : { table: parseTableName(table) }) },
    mappings: mapping.length > 0 ? mapping : mappingsOf(await frame.schema()),
    partitionKeys,
    bookmark,
  };
}

/** `orders.json` is a file. */
const isTableName = (source: string): boolean =>
  /^[\w-]+\.[\w-]+$/.test(source) && !(FORMATS as readonly string[]).includes(extname(source).slice(1));

function formatOf(path: string): string {
  const ending = extname(path).slice(1).toLowerCase();
  return (FORMATS as readonly string[]).includes(ending) ? ending : "json";
}

function parseMapping(text: string): Mapping {
  const parts = text.split(":");
  const [source = "", sourceType = "", target = source, targetType = sourceType] = parts;
  if (parts.length > 4 || source === "" || sourceType === "")
    throw new UsageError(`--mapping takes SOURCE:TYPE:TARGET:TYPE, such as id:long:order_id:long, found "${text}"`);
  return [source, sourceType, target, targetType];
}

/** Commas within a type, as in decimal(10,2), part nothing. */
const parseMappings = (text: string): readonly Mapping[] =>
  text.split(/,(?![^(<]*[)>])/).map((mapping) => parseMapping(mapping.trim()));

async function put(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST")
      throw new UsageError(`${file} is there already; --force overwrites it`);
    throw fileError(error, file);
  }
}
