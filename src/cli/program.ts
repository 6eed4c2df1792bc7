import { Command } from "commander";
import type { ActionRunner, CommandDefinition } from "./command.js";
import { applyCommand } from "./commands/apply.js";
import { attachCommand } from "./commands/attach.js";
import { blameCommand } from "./commands/blame.js";
import { catalogCommand } from "./commands/catalog.js";
import { connectionsCommand } from "./commands/connections.js";
import { crawlCommand } from "./commands/crawl.js";
import { crawlerCommand } from "./commands/crawler.js";
import { crawlsCommand } from "./commands/crawls.js";
import { databasesCommand } from "./commands/databases.js";
import { devEndpointCommand } from "./commands/dev-endpoint.js";
import { diffCommand } from "./commands/diff.js";
import { driftCommand } from "./commands/drift.js";
import { explainCommand } from "./commands/explain.js";
import { explainChoiceCommand } from "./commands/explain-choice.js";
import { jobCommand } from "./commands/job.js";
import { portCommand } from "./commands/port.js";
import { quarantineCommand } from "./commands/quarantine.js";
import { readCommand } from "./commands/read.js";
import { runSchedulerCommand } from "./commands/run-scheduler.js";
import { serveCommand } from "./commands/serve.js";
import { shellCommand } from "./commands/shell.js";
import { showCommand } from "./commands/show.js";
import { sqlCommand } from "./commands/sql.js";
import { tablesCommand } from "./commands/tables.js";
import { triggerCommand } from "./commands/trigger.js";
import { versionsCommand } from "./commands/versions.js";
import { blueprintCommand } from "./commands/blueprint.js";
import { workflowCommand } from "./commands/workflow.js";
import { writeCommand } from "./commands/write.js";
import { EXIT_HELP } from "./exit-codes.js";
import { pathOf, unknownCommand } from "./parse-error.js";
import type { Terminal } from "./terminal.js";
import { VERSION } from "./version.js";

const COMMANDS: readonly CommandDefinition[] = [
  crawlCommand,
  applyCommand,
  crawlsCommand,
  databasesCommand,
  tablesCommand,
  showCommand,
  versionsCommand,
  driftCommand,
  diffCommand,
  blameCommand,
  explainCommand,
  explainChoiceCommand,
  readCommand,
  sqlCommand,
  shellCommand,
  writeCommand,
  jobCommand,
  portCommand,
  connectionsCommand,
  attachCommand,
  serveCommand,
  devEndpointCommand,
  catalogCommand,
  crawlerCommand,
  quarantineCommand,
  workflowCommand,
  blueprintCommand,
  triggerCommand,
  runSchedulerCommand,
];

const AFTER_HELP = `
The catalog is a folder; it is --catalog, else $DYNAFRAME_CATALOG, else ./.dynaframe.
Results go to standard output, progress and errors to standard error. With --json a result is one document, and
the rows of read and sql are one JSON object a line.

${EXIT_HELP}

Start here:
  $ dynaframe crawl ./data --database shop
  $ dynaframe drift shop.orders
  $ dynaframe sql "select count(*) from shop.orders"`;

/** The whole command line, ready to parse; it throws instead of exiting. */
export function createProgram(run: ActionRunner, terminal: Terminal): Command {
  const program = new Command("dynaframe");
  program
    .description("Crawl files into a data catalog, see where their schemas drift, and turn them into clean tables.")
    .version(VERSION, "-V, --version", "print the version")
    .option("--catalog <address>", "catalog to use (default: $DYNAFRAME_CATALOG, else ./.dynaframe)")
    .option("--engine <name>", "engine that runs the data", "duckdb")
    .option("--memory-limit <size>", "memory the engine may use, such as 512MB")
    .option("--json", "print results as JSON")
    .option("--no-color", "no colours, even on a terminal")
    .option("-q, --quiet", "no progress")
    .option("--debug", "show the stack of an error")
    .addHelpText("after", AFTER_HELP)
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(terminal.columns ?? 100, 120) })
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text).catch(() => undefined); /* main tells it */
      },
      writeErr: (text) => {
        terminal.err(text);
      },
      outputError: () => undefined,
    }) // runCommandLine reports
    .showSuggestionAfterError()
    .exitOverride();
  for (const define of COMMANDS) define(program, run);
  for (const command of program.commands) inheritSettings(command, program);
  addHelp(program);
  return program;
}

function inheritSettings(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(child, command);
  if (command.commands.length > 0) addHelp(command);
}

/**
 * `help [command…]` of a command that has others. Not commander's, which prints the general help for a command that
 * there is not.
 */
function addHelp(parent: Command): void {
  const help = parent
    .command("help")
    .argument("[command...]", "a command, and one of its own")
    .description("help for a command")
    .addHelpText("after", `\nExample:\n  $ ${pathOf(parent)} help ${parent.commands[0]?.name() ?? ""}`)
    .action((names: readonly string[]) => {
      helpOf(parent, names).outputHelp();
    });
  help.copyInheritedSettings(parent);
}

function helpOf(parent: Command, names: readonly string[]): Command {
  return names.reduce((command, name) => {
    const found = command.commands.find((each) => each.name() === name);
    if (found === undefined) throw unknownCommand(name, command);
    return found;
  }, parent);
}
