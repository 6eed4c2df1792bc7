import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { CommandDefinition } from "../command.js";
import { withContext } from "../open-context.js";

export const shellCommand: CommandDefinition = (program, run) => {
  program
    .command("shell")
    .option("-e, --eval <code>", "run this code and end")
    .description(
      "JavaScript or TypeScript over the catalog, line by line: glue, catalog and what the package exports are at hand",
    )
    .addHelpText(
      "after",
      '\nInput that is piped in runs as one script; status 1 says that it threw.\n\nExamples:\n  $ dynaframe shell --engine spark-local\n  dynaframe> await glue.sql("select count(*) as n from shop.orders").rows()'
        + '\n  $ dynaframe shell -e \'await glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "orders" }).count()\'',
    )
    .action(
      run(async (invocation, options: { readonly eval?: string }) =>
        withContext(invocation, async (glue) => {
          const { terminal, fail } = invocation;
          const names = { ...(await import("../../index.js")), glue, catalog: glue.catalog };
          if (options.eval === undefined && process.stdin.isTTY) {
            const { openRepl } = await import("../../devendpoint/terminal-repl.js");
            const { jobFolder } = await import("../../job/job-folder.js");
            const { loadStripper } = await import("../../devendpoint/to-javascript.js");
            const strip = await loadStripper();
            const history = join(jobFolder(glue.catalog), "shell-history");
            await new Promise<void>((onExit) => {
              openRepl(
                { input: process.stdin, output: process.stdout },
                {
                  names,
                  terminal: terminal.outIsTerminal,
                  colors: terminal.mayColor && terminal.outIsTerminal,
                  history,
                  strip,
                  onExit,
                },
              );
            });
            return;
          }
          const code = options.eval ?? (await text(process.stdin));
          const { createEvaluator } = await import("../../devendpoint/evaluator.js");
          const evaluator = createEvaluator(names);
          try {
            const { output, error } = await evaluator.evaluate(code);
            await terminal.out(output);
            if (error !== undefined) fail();
          } finally {
            evaluator.close();
          }
        }),
      ),
    );
};
