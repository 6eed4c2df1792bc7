import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../catalog/index.js";
import { GlueContext, type OpenOptions } from "../open.js";

/** A context of a test's own, with its catalog and its folder. */
export type TemporaryContext = AsyncDisposable & {
  readonly glue: GlueContext;
  readonly catalog: Catalog;
  /** An empty folder of this context's own; the catalog lies in its subfolder `catalog`. */
  readonly directory: string;
  /** Closes the context and removes the folder; safe to call twice. */
  close(): Promise<void>;
};

/** A context on a fresh catalog in a fresh folder: `await using context = await temporaryContext();` */
export async function temporaryContext(options: Omit<OpenOptions, "catalog"> = {}): Promise<TemporaryContext> {
  const directory = await mkdtemp(join(tmpdir(), "dynaframe-test-"));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const glue = await GlueContext.open({ ...options, catalog: join(directory, "catalog") });
    const close = async (): Promise<void> => {
      try {
        await glue.close();
      } finally {
        await remove();
      }
    };
    return { glue, catalog: glue.catalog, directory, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await remove();
    throw error;
  }
}
