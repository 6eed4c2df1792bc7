import { DynaframeError } from "../../types/error.js";
import { UsageError } from "../usage-error.js";
import { grouped } from "./number.js";
import type { Style } from "./style.js";
import { printable } from "./text.js";

/**
 * `error CODE: message`, then where (file, byte offset, path), what was expected and found, and what to do next.
 * The stack only with `debug`.
 */
export function printError(error: unknown, style: Style, debug: boolean): string {
  const message = (error instanceof Error ? error.message : String(error)).split("\n").map(printable).join("\n  ");
  const lines = [`${style.bad(`error ${errorCode(error)}:`)} ${message}`];
  if (error instanceof DynaframeError) {
    const { file, offset, path, expected, found, hint } = error;
    if (file !== undefined)
      lines.push(`  at ${printable(file)}${offset === undefined ? "" : `, byte ${grouped(offset)}`}`);
    if (path !== undefined && !error.message.includes(path)) lines.push(`  path: ${printable(path)}`);
    if (expected !== undefined) lines.push(`  expected: ${printable(expected)}`);
    if (found !== undefined) lines.push(`  found: ${printable(found)}`);
    if (hint !== undefined) lines.push(`  ${style.good("hint:")} ${printable(hint)}`);
  }
  if (error instanceof UsageError && error.hint !== undefined)
    lines.push(`  ${style.good("hint:")} ${printable(error.hint)}`);
  if (debug && error instanceof Error && error.stack !== undefined) {
    lines.push(error.stack);
    if (error.cause !== undefined)
      lines.push(
        `caused by ${error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause)}`,
      );
  }
  return `${lines.join("\n")}\n`;
}

/** The same as data, for `--json`. */
export function errorJson(error: unknown): Record<string, unknown> {
  if (error instanceof DynaframeError) return error.toJSON();
  const hint = error instanceof UsageError && error.hint !== undefined ? { hint: error.hint } : {};
  return { code: errorCode(error), message: error instanceof Error ? error.message : String(error), ...hint };
}

function errorCode(error: unknown): string {
  if (error instanceof DynaframeError) return error.code;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : "INTERNAL";
}
