import type { GlueContext, OpenOptions } from "../index.js";
import type { Invocation } from "./command.js";
import { printable } from "./print/text.js";

/**
 * Opens the context the global options ask for, runs `use`, and closes it whatever happens. The library is loaded here and
 * nowhere earlier, so that `--help` stays quick.
 */
export async function withContext<T>({ global, terminal, errorStyle }: Invocation, use: (glue: GlueContext) => Promise<T>, more: Pick<OpenOptions, "createCatalog"> = {}): Promise<T> {
  const { GlueContext } = await import("../index.js");
  const glue = await GlueContext.open({
    ...more, engine: global.engine,
    ...(global.catalog === undefined ? {} : { catalog: global.catalog }),
    onWarning: (code, message) => { terminal.err(`${errorStyle.warning(`warning ${code}:`)} ${printable(message)}\n`); },
    ...(global.memoryLimit === undefined ? {} : { memoryLimit: global.memoryLimit }),
  });
  try {
    return await use(glue);
  } finally {
    await glue.close();
  }
}

/** The same for commands that only read: where there is no catalog they say so, by CATALOG_NOT_FOUND, and make none. */
export const withExisting = <T>(invocation: Invocation, use: (glue: GlueContext) => Promise<T>): Promise<T> => withContext(invocation, use, { createCatalog: false });
