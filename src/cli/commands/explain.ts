import { writeFile } from "node:fs/promises";
import type { DynamicFrame, DynamicFrameCollection } from "../../index.js";
import { type TableName, parseResolve, parseTableName } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { readMapping } from "../mapping-file.js";
import { withExisting } from "../open-context.js";
import { withFileErrors } from "../../storage/file-error.js";
import { jsonDocument } from "../print/json.js";
import { checkCasts, transformed, type TransformCommandOptions } from "../transformed-table.js";
import { UsageError } from "../usage-error.js";

type ExplainCommandOptions = TransformCommandOptions & {
  readonly table?: string;
  readonly html?: string;
  readonly counts?: boolean;
};

const EXAMPLES = `
Examples:
  $ dynaframe explain shop.orders --resolve price=cast:double
  $ dynaframe explain shop.orders --choice make_struct --relationalize orders --table orders_items --html plan.html
  $ dynaframe explain shop.orders --counts --json`;

export const explainCommand: CommandDefinition = (program, run) => {
  program
    .command("explain")
    .argument("<table>", "DATABASE.TABLE", parseTableName)
    .description(
      "show the plan of reading, resolving, relationalizing a table: steps, scans of each source, text of the engine",
    )
    .option(
      "--resolve <path=action>",
      "resolve one choice, as write does; repeatable",
      (text, earlier: readonly (readonly [string, string])[]) => [...earlier, parseResolve(text)],
      [],
    )
    .option("--choice <action>", "resolve all choices the same way")
    .option("--map <file>", "apply the mapping in a JSON file")
    .option("--relationalize [name]", "one table per list; the root is called NAME (default: as the table)")
    .option("--table <name>", "with --relationalize: the table to explain (default: the root)")
    .option("--where <predicate>", "partitions to read, such as \"year == '2024'\"")
    .option("--counts", "also the rows after every step, which reads the data")
    .option("--html <file>", "write a page that draws steps and stages, in place of the text")
    .addHelpText("after", EXAMPLES)
    .action(
      run(async (invocation, table: TableName, options: ExplainCommandOptions) => {
        const { terminal, global } = invocation;
        if (options.resolve.length > 0 && options.choice !== undefined)
          throw new UsageError("--resolve and --choice exclude each other");
        if (options.table !== undefined && options.relationalize === undefined)
          throw new UsageError("--table needs --relationalize");
        if (options.html !== undefined && global.json) throw new UsageError("--html and --json exclude each other");
        await checkCasts(options);
        const mapping = options.map === undefined ? undefined : await readMapping(options.map);
        await withExisting(invocation, async (glue) => {
          const frame = await oneFrame(transformed(glue, table, options, mapping), options.table);
          const run = { signal: terminal.signal, ...(options.counts === true ? { counts: true } : {}) };
          if (options.html !== undefined) await writePage(options.html, await frame.explain({ ...run, html: true }));
          else await terminal.out(global.json ? jsonDocument(await frame.explanation(run)) : await frame.explain(run));
        });
      }),
    );
};

async function writePage(file: string, html: string): Promise<void> {
  await withFileErrors(file, () => writeFile(file, html));
}

async function oneFrame(
  frames: DynamicFrame | DynamicFrameCollection,
  wanted: string | undefined,
): Promise<DynamicFrame> {
  if (!("select" in frames)) return frames;
  const names = await frames.keys();
  const name = wanted ?? names[0] ?? "";
  if (!names.includes(name)) throw new UsageError(`--table is one of ${names.join(", ")}; found "${name}"`);
  return frames.select(name);
}
