import { readFile, writeFile } from "node:fs/promises";
import { withFileErrors } from "../../storage/file-error.js";
import { DynaframeError } from "../../types/error.js";
import type { CommandDefinition } from "../command.js";
import { jsonDocument } from "../print/json.js";
import { percent } from "../print/number.js";
import { clipped, printable } from "../print/text.js";

export const portCommand: CommandDefinition = (program, run) => {
  program
    .command("port")
    .argument("<script>", "a script that uses awsglue (.py)")
    .option("--out <file>", "where the TypeScript goes; default: beside it, as .ts; - prints it")
    .description("translate a Glue script to TypeScript, and list every line that was not")
    .addHelpText("after", "\nExample:\n  $ dynaframe port orders.py && dynaframe job create orders --script orders.ts")
    .action(
      run(async (invocation, script: string, options: { readonly out?: string }) => {
        const { portScript } = await import("../../job/authoring/port/port-script.js");
        const source = await readFile(script, "utf8").catch((cause: unknown) => {
          throw new DynaframeError("PATH_NOT_FOUND", `There is no script at ${script}.`, {
            file: script,
            cause,
            hint: "Check the path.",
          });
        });
        const { typescript, left, calls, translated } = portScript(source);
        const { terminal, global, style } = invocation;
        const out = options.out ?? script.replace(/(\.py)?$/, ".ts");
        if (out === "-") await terminal.out(typescript);
        else await withFileErrors(out, () => writeFile(out, typescript));
        if (global.json && out !== "-") return terminal.out(jsonDocument({ file: out, calls, translated, left }));
        for (const { line, text, reason } of left)
          terminal.err(
            `${printable(script)}:${line}: ${style.warning("not translated")}, ${printable(reason)}: ${clipped(printable(text), 160)}\n`,
          );
        terminal.err(
          `${out === "-" ? "" : `wrote ${printable(out)}: `}${translated} of ${calls} calls translated (${percent(translated, calls)})\n`,
        );
      }),
    );
};
