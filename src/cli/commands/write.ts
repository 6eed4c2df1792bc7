import type { DynamicFrame, DynamicFrameCollection, GlueContext } from "../../index.js";
import { type TableName, collect, oneOf, parseNames, parseResolve, parseTableName } from "../arguments.js";
import type { CommandDefinition, Invocation } from "../command.js";
import { readMapping } from "../mapping-file.js";
import { withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { printWriteReport } from "../print/write-report.js";
import { openProgress } from "../progress/open-progress.js";
import { checkCasts, transformed, type TransformCommandOptions } from "../transformed-table.js";
import { UsageError } from "../usage-error.js";

const FORMATS = ["parquet", "json", "csv", "avro"] as const;
const MODES = ["append", "overwrite", "error", "ignore"] as const;

type WriteCommandOptions = TransformCommandOptions & {
  readonly to: string;
  readonly format: (typeof FORMATS)[number];
  readonly mode: (typeof MODES)[number];
  readonly partitionKeys: readonly string[];
  readonly compression?: string;
  readonly register?: TableName;
};

const EXAMPLES = `
Steps run in this order: --resolve or --choice, then --map, then --relationalize.
A mapping file is a JSON list: [["price", "double", "order.price", "double"], …].

Examples:
  $ dynaframe write shop.orders --resolve price=cast:double --resolve id=make_cols --to out/
  $ dynaframe write shop.orders --map map.json --to out/ --format csv --mode overwrite
  $ dynaframe write shop.orders --choice make_struct --relationalize orders --to out/ --partition-keys year`;

export const writeCommand: CommandDefinition = (program, run) => {
  program
    .command("write")
    .argument("<table>", "DATABASE.TABLE", parseTableName)
    .description("resolve, map, relationalize a table and write it to files")
    .requiredOption("--to <folder>", "folder that gets the files")
    .option(
      "--resolve <path=action>",
      "resolve one choice: cast:TYPE, project:TYPE, make_cols, make_struct; repeatable",
      (text, earlier: readonly (readonly [string, string])[]) => [...earlier, parseResolve(text)],
      [],
    )
    .option("--choice <action>", "resolve all choices the same way")
    .option("--map <file>", "apply the mapping in a JSON file")
    .option("--relationalize [name]", "one table per list; the root is called NAME (default: as the table)")
    .option("--format <format>", FORMATS.join(", "), oneOf("--format", FORMATS), "parquet")
    .option("--mode <mode>", MODES.join(", "), oneOf("--mode", MODES), "append")
    .option(
      "--partition-keys <names>",
      "fields that become folders, comma-separated",
      (text, earlier: readonly string[]) => collect(text, earlier).flatMap(parseNames),
      [],
    )
    .option("--compression <codec>", "codec of the files, such as zstd or gzip")
    .option("--where <predicate>", "partitions to read, such as \"year == '2024'\"")
    .option("--register <table>", "DATABASE.TABLE of the catalog that gets the written files", parseTableName)
    .addHelpText("after", EXAMPLES)
    .action(
      run(async (invocation, table: TableName, options: WriteCommandOptions) => {
        if (options.resolve.length > 0 && options.choice !== undefined)
          throw new UsageError("--resolve and --choice exclude each other");
        await checkCasts(options);
        const mapping = options.map === undefined ? undefined : await readMapping(options.map);
        await withExisting(invocation, (glue) =>
          write(invocation, glue, transformed(glue, table, options, mapping), options),
        );
      }),
    );
};

async function write(
  { terminal, global, style, fail }: Invocation,
  glue: GlueContext,
  frame: DynamicFrame | DynamicFrameCollection,
  options: WriteCommandOptions,
): Promise<void> {
  const progress = await openProgress(terminal, { quiet: global.quiet });
  const { to, format, mode, partitionKeys, compression, register } = options;
  const catalog =
    register === undefined
      ? {}
      : { enableUpdateCatalog: true, catalogDatabase: register.database, catalogTableName: register.table };
  const request = {
    connectionType: "file",
    format,
    mode,
    signal: terminal.signal,
    onProgress: progress.update,
    connectionOptions: { path: to, partitionKeys, ...(compression === undefined ? {} : { compression }), ...catalog },
  } as const;
  try {
    // one call for each form: the two have different reports
    const report =
      "select" in frame
        ? await glue.writeDynamicFrame.fromOptions({ ...request, frame })
        : await glue.writeDynamicFrame.fromOptions({ ...request, frame });
    progress.stop();
    await terminal.out(global.json ? jsonDocument(report) : printWriteReport(report, to, style));
    if (!report.balanced) fail();
  } finally {
    progress.stop();
  }
}
