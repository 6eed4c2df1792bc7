import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GlueContext, OpenOptions } from "../index.js";
import { DynaframeError } from "../types/error.js";
import type { Invocation } from "./command.js";
import { printable } from "./print/text.js";

/**
 * Opens the context the global options ask for, runs `use`, and closes it whatever happens. The library is loaded here
 * and nowhere earlier, so that `--help` stays quick.
 */
export async function withContext<T>(
  { global, terminal, errorStyle }: Invocation,
  use: (glue: GlueContext) => Promise<T>,
  more: Pick<OpenOptions, "createCatalog"> = {},
): Promise<T> {
  const { GlueContext } = await import("../index.js");
  const glue = await GlueContext.open({
    ...more,
    engine: global.engine,
    ...(global.catalog === undefined ? {} : { catalog: global.catalog }),
    onWarning: (code, message) => {
      terminal.err(`${errorStyle.warning(`warning ${code}:`)} ${printable(message)}\n`);
    },
    ...(global.memoryLimit === undefined ? {} : { memoryLimit: global.memoryLimit }),
  });
  try {
    return await use(glue);
  } finally {
    await glue.close();
  }
}

/**
 * The same for what changes nothing: where there is no catalog, on an empty one in a folder that is gone afterwards.
 */
export async function withoutTrace<T>(invocation: Invocation, use: (glue: GlueContext) => Promise<T>): Promise<T> {
  try {
    return await withExisting(invocation, use);
  } catch (error) {
    if (!(error instanceof DynaframeError) || error.code !== "CATALOG_NOT_FOUND") throw error;
  }
  const catalog = await mkdtemp(join(tmpdir(), "dynaframe-dry-run-"));
  try {
    return await withContext({ ...invocation, global: { ...invocation.global, catalog } }, use);
  } finally {
    await rm(catalog, { recursive: true, force: true });
  }
}

/** The same for commands that only read: where there is no catalog they say so, by CATALOG_NOT_FOUND, and make none. */
export const withExisting = <T>(invocation: Invocation, use: (glue: GlueContext) => Promise<T>): Promise<T> =>
  withContext(invocation, use, { createCatalog: false });
