import { type TableName, collect, parseCount, parseTableName } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { withExisting } from "../open-context.js";
import { printChoiceExplanation } from "../print/choice-explanation.js";
import { jsonDocument } from "../print/json.js";
import { checkTypes } from "../transformed-table.js";

type Options = { readonly cast: readonly string[]; readonly matchCatalog?: boolean; readonly examples: number };

export const explainChoiceCommand: CommandDefinition = (program, run) => {
  program
    .command("explain-choice")
    .argument("<table>", "DATABASE.TABLE", parseTableName)
    .argument("<path>", "the path, such as price or items[].qty")
    .description(
      "show the types at a path, and what each action of resolveChoice would keep, cast or null there, before it is run",
    )
    .option("--cast <type>", "also cast to this type; may be given several times", collect, [])
    .option("--match-catalog", "also what match_catalog would do, by the table's own column types")
    .option("--examples <n>", "examples of each type and of each cast's losses", parseCount("--examples", 0), 3)
    .addHelpText(
      "after",
      `
Examples:
  $ dynaframe explain-choice shop.orders price
  $ dynaframe explain-choice shop.orders "items[].qty" --cast "decimal(10,2)" --json`,
    )
    .action(
      run(
        async (invocation, { database, table }: TableName, path: string, { cast, matchCatalog, examples }: Options) => {
          const { terminal, global, style } = invocation;
          await checkTypes(
            "--cast",
            cast.map((type) => `cast:${type}`),
          );
          await withExisting(invocation, async (glue) => {
            const frame = glue.createDynamicFrame.fromCatalog({ database, tableName: table });
            const explained = await frame.explainChoice(path, {
              casts: cast,
              examples,
              ...(matchCatalog === true ? { database, tableName: table } : {}),
            });
            await terminal.out(global.json ? jsonDocument(explained) : printChoiceExplanation(explained, style));
          });
        },
      ),
    );
};
