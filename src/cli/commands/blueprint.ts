import type { BlueprintRun } from "../../workflow/blueprint/blueprints.js";
import type { CommandDefinition, Invocation } from "../command.js";
import { collect } from "../arguments.js";
import { withContext, withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { clockTime } from "../print/number.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";
import { UsageError } from "../usage-error.js";

type Create = { readonly description?: string; readonly replace?: boolean };

/** `dynaframe blueprint create | list | get | run | runs | delete` */
export const blueprintCommand: CommandDefinition = (program, run) => {
  const blueprint = program
    .command("blueprint")
    .description("layouts of workflows with parameters, as code")
    .addHelpText(
      "after",
      "\nA module exports it: export const blueprint = defineBlueprint({ parameterSpec, layout }).\n\nExamples:\n  $ dynaframe blueprint create load load.ts\n  $ dynaframe blueprint run load --parameter table=orders",
    );
  blueprint
    .command("create")
    .argument("<name>", "name of the blueprint")
    .argument("<file>", "a module (.ts, .mts, .js, .mjs), on this machine or at s3://")
    .option("--description <text>", "what it is for")
    .option("--replace", "in place of the one there is")
    .description("register a blueprint: what the file holds now")
    .addHelpText("after", "\nExample:\n  $ dynaframe blueprint create load load.ts")
    .action(
      run(async (invocation, name: string, location: string, { description, replace = false }: Create) =>
        withContext(invocation, async (glue) => {
          const blueprints = await glue.blueprints(await entry());
          await blueprints[replace ? "update" : "create"]({
            name,
            location,
            ...(description === undefined ? {} : { description }),
          });
          const { terminal, global } = invocation;
          return terminal.out(
            global.json
              ? jsonDocument(await blueprints.get(name))
              : `${replace ? "replaced" : "created"} ${printable(name)}\n`,
          );
        }),
      ),
    );
  blueprint
    .command("list")
    .description("list the blueprints")
    .addHelpText("after", "\nExample:\n  $ dynaframe blueprint list")
    .action(
      run(async (invocation) =>
        withExisting(invocation, async (glue) => {
          const { terminal, global, style } = invocation;
          const all = await (await glue.blueprints()).list();
          if (global.json) return terminal.out(jsonDocument(all));
          return terminal.out(
            printTable(
              [{ title: "BLUEPRINT" }, { title: "PARAMETERS" }, { title: "FROM" }],
              all.map((each) => [
                style.name(printable(each.name)),
                Object.keys(each.parameterSpec).map(printable).join(", "),
                printable(each.location),
              ]),
              style,
            ),
          );
        }),
      ),
    );
  blueprint
    .command("get")
    .argument("<name>", "name of the blueprint")
    .description("show a blueprint and its parameters")
    .addHelpText("after", "\nExample:\n  $ dynaframe blueprint get load")
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async (glue) => {
          const { terminal, global, style } = invocation;
          const found = await (await glue.blueprints()).get(name);
          if (global.json) return terminal.out(jsonDocument(found));
          const rows = Object.entries(found.parameterSpec).map(
            ([parameter, { type, collection, defaultValue, description = "" }]) => [
              style.name(printable(parameter)),
              collection === true ? `list of ${type}` : type,
              defaultValue === undefined ? "" : printable(JSON.stringify(defaultValue)),
              printable(description),
            ],
          );
          return terminal.out(
            printTable(
              [{ title: "PARAMETER" }, { title: "TYPE" }, { title: "DEFAULT" }, { title: "MEANING" }],
              rows,
              style,
            ),
          );
        }),
      ),
    );
  blueprint
    .command("run")
    .argument("<name>", "name of the blueprint")
    .option("--parameter <name=value>", "a parameter; lists, numbers and truth values as JSON; repeatable", collect, [])
    .description("make the workflow that the blueprint lays out; exit status 1 when it cannot be made")
    .addHelpText("after", "\nExample:\n  $ dynaframe blueprint run load --parameter table=orders --parameter hour=3")
    .action(
      run(async (invocation, name: string, { parameter }: { readonly parameter: readonly string[] }) =>
        withExisting(invocation, async (glue) => {
          const { parameterFromText } = await import("../../workflow/blueprint/parameters.js");
          const blueprints = await glue.blueprints(await entry());
          const { parameterSpec } = await blueprints.get(name);
          const values = Object.fromEntries(
            parameter.map(divided).map(([key, text]) => [key, parameterFromText(parameterSpec, key, text)]),
          );
          const done = await blueprints.run(name, values);
          if (done.State !== "SUCCEEDED") invocation.fail();
          const { terminal, global } = invocation;
          return terminal.out(
            global.json
              ? jsonDocument(done)
              : done.State === "SUCCEEDED"
                ? `made the workflow ${printable(done.WorkflowName ?? "")}\n`
                : `failed: ${printable(done.ErrorMessage ?? "")}\n`,
          );
        }),
      ),
    );
  blueprint
    .command("runs")
    .argument("<name>", "name of the blueprint")
    .description("list a blueprint's runs, newest first")
    .addHelpText("after", "\nExample:\n  $ dynaframe blueprint runs load")
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async (glue) => printRuns(invocation, await (await glue.blueprints()).runs(name))),
      ),
    );
  blueprint
    .command("delete")
    .argument("<name>", "name of the blueprint")
    .description("delete a blueprint and the record of its runs; its workflows stay")
    .addHelpText("after", "\nExample:\n  $ dynaframe blueprint delete load")
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async (glue) => {
          await (await glue.blueprints()).delete(name);
          const { terminal, global } = invocation;
          return terminal.out(global.json ? jsonDocument({ name }) : `deleted ${printable(name)}\n`);
        }),
      ),
    );
};

const entry = async (): Promise<{ readonly packageEntry: string }> => ({
  packageEntry: (await import("../job-runner.js")).packageEntry(),
});

function divided(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--parameter takes name=value, found "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function printRuns(
  { terminal, global, style }: Invocation,
  runs: readonly (BlueprintRun & { readonly RunId: string })[],
): void | Promise<void> {
  if (global.json) return terminal.out(jsonDocument(runs));
  const rows = runs.map((each) => [
    clockTime(each.StartedOn),
    each.RunId,
    each.State === "FAILED" ? style.bad(each.State) : each.State,
    printable(each.WorkflowName ?? each.ErrorMessage ?? ""),
  ]);
  return terminal.out(
    printTable([{ title: "STARTED" }, { title: "RUN" }, { title: "STATE" }, { title: "WORKFLOW" }], rows, style),
  );
}
