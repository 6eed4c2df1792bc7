import type { JobArguments } from "../../../job/effective-arguments.js";
import { UsageError } from "../../usage-error.js";

/**
 * `day=2024-03-01` → `--day 2024-03-01`; the dashes may be there already. A value of `$NAME` is that environment
 * variable's, so that a secret need not stand in the command line.
 */
export function namedArguments(
  option: string,
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): JobArguments {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name = "", value = ""] = /^(?:--)?([^=\s]+)=(.*)$/s.exec(text) ?? [];
      if (name === "") throw new UsageError(`${option} takes NAME=VALUE, such as day=2024-03-01, found "${text}"`);
      return [`--${name}`, fromEnvironment(option, value, env)];
    }),
  );
}

function fromEnvironment(option: string, value: string, env: Readonly<Record<string, string | undefined>>): string {
  const [, variable] = /^\$([A-Z_][A-Z0-9_]*)$/i.exec(value) ?? [];
  if (variable === undefined) return value;
  const found = env[variable];
  if (found === undefined) throw new UsageError(`${option}: the environment has no ${variable}`);
  return found;
}
