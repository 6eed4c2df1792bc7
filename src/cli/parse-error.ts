import type { Command, CommanderError } from "commander";
import { nearestName } from "../types/nearest-name.js";
import { UsageError } from "./usage-error.js";

/**
 * What commander says of a command line that it cannot parse, in our words: the reason in one line, and a hint.
 * `command` is the one that it parsed for.
 */
export function parseError(error: CommanderError, command: Command): UsageError {
  const [operand] = command.args;
  // commander counts the arguments of a command that also acts without one of its own commands
  const isSurplus = error.code === "commander.unknownCommand" || error.code === "commander.excessArguments";
  if (operand !== undefined && command.commands.length > 0 && isSurplus) return unknownCommand(operand, command);
  if (error.code === "commander.help")
    return new UsageError(
      `a command is missing behind ${pathOf(command)}`,
      `${pathOf(command)} --help shows what there is`,
    );
  const [reason = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  return new UsageError(reason.replace(/\.$/, ""), suggestion?.replace(/^\((.*)\)$/, "$1"));
}

/** A word where the name of one of the `parent`'s commands belongs. */
export function unknownCommand(name: string, parent: Command): UsageError {
  const near = nearestName(
    name,
    parent.commands.map((command) => command.name()),
  );
  const guess = near === undefined ? "" : `; did you mean ${near}?`;
  return new UsageError(`unknown command ${name}${guess}`, `${pathOf(parent)} --help shows what there is`);
}

/** `dynaframe job start` */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
