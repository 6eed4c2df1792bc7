import { open, rename, rm } from "node:fs/promises";
import type { GlueContext } from "../../index.js";
import type { TransferCount } from "../../catalog/transfer/transfer-line.js";
import { fileError } from "../../storage/file-error.js";
import { DynaframeError } from "../../types/error.js";
import type { CommandDefinition, Invocation } from "../command.js";
import { withContext, withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { counted } from "../print/number.js";
import { printable } from "../print/text.js";

const EXAMPLES = `
One file of JSON lines holds databases, tables with their versions, exact types and ledgers, partitions, indexes, connections and all definitions.
Secrets are never in it: enter those of the connections again after an import. Bookmarks of jobs are not in it either.

Examples:
  $ dynaframe catalog export lake.jsonl
  $ dynaframe --catalog ./copy catalog import lake.jsonl
  $ dynaframe --catalog aws:eu-west-1 catalog export glue.jsonl`;

export const catalogCommand: CommandDefinition = (program, run) => {
  const catalog = program
    .command("catalog")
    .description("move a whole catalog, as one file")
    .addHelpText("after", EXAMPLES);
  catalog
    .command("export")
    .argument("<file>", "file to write; one that is there is replaced")
    .description("write everything that the catalog holds, but secrets, into a file")
    .action(
      run((invocation, file: string) =>
        withExisting(invocation, async (glue) => {
          const { exportCatalog } = await import("../../catalog/transfer/export-catalog.js");
          const { counted: withLine, NOTHING } = await import("../../catalog/transfer/transfer-line.js");
          let count = NOTHING;
          await writeWhole(file, async (write) => {
            for await (const line of exportCatalog(glue.catalog)) {
              await write(`${JSON.stringify(line)}\n`);
              count = withLine(count, line);
            }
          });
          return report(invocation, "exported", count, file);
        }),
      ),
    );
  catalog
    .command("import")
    .argument("<file>", "an export")
    .description("fill the catalog from a file; nothing of the same names may be there")
    .action(
      run(async (invocation, file: string) => {
        const { checkExport, importCatalog } = await import("../../catalog/transfer/import-catalog.js");
        const fill = async (glue: GlueContext): Promise<TransferCount> =>
          importCatalog(glue.catalog, () => linesIn(file));
        const count = await withExisting(invocation, fill).catch(async (error: unknown) => {
          if (!(error instanceof DynaframeError) || error.code !== "CATALOG_NOT_FOUND") throw error;
          await checkExport(undefined, linesIn(file)); // before there is a catalog: a bad file makes none
          return withContext(invocation, fill);
        });
        return report(invocation, "imported", count, file);
      }),
    );
};

/** Writes a file that has its name once it is whole; only its owner can read it. */
async function writeWhole(
  file: string,
  fill: (write: (text: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, "wx", 0o600).catch((error: unknown) => {
    throw fileError(error, file);
  });
  try {
    await fill((text) => handle.write(text));
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw fileError(error, file);
  }
}

async function* linesIn(file: string): AsyncGenerator<string> {
  const handle = await open(file).catch((error: unknown) => {
    throw fileError(error, file);
  });
  try {
    yield* handle.readLines();
  } catch (error) {
    throw fileError(error, file);
  } finally {
    await handle.close().catch(() => undefined); // the reader may have closed it
  }
}

function report({ terminal, global }: Invocation, what: string, count: TransferCount, file: string): Promise<void> {
  if (global.json) return terminal.out(jsonDocument({ ...count, file }));
  const parts = Object.entries(count)
    .filter(([, n]) => n > 0)
    .map(([names, n]) => counted(n, names.replace(/s$/, "")));
  return terminal.out(
    `${what} ${parts.length === 0 ? "nothing" : parts.join(", ")}: ${printable(file)}\n${count.connections > 0 ? "The secrets of the connections are not in the file.\n" : ""}`,
  );
}
