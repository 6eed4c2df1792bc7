/** Fills a catalog from the lines of an export. */
import { DynaframeError } from "../../types/error.js";
import { alreadyExists } from "../catalog-errors.js";
import type { Catalog, TableChange } from "../index.js";
import type { PartitionError } from "../model.js";
import { tableInputOf } from "../table-input.js";
import { inputCheck } from "../validate-input.js";
import {
  counted,
  invalidExport,
  NOTHING,
  readTransferLine,
  TRANSFER_FORMAT,
  type TransferCount,
  type TransferLine,
} from "./transfer-line.js";

/**
 * Reads the export twice, by `open`: first all of it is checked, and that the catalog has nothing of the same names;
 * then it is written, line by line. Versions are numbered anew from 0; times of creation are those of the import;
 * connections come without their secrets.
 * @throws EXPORT_INVALID, InvalidInputException and AlreadyExistsException before anything is written; as the catalog
 * does while it is.
 */
export async function importCatalog(catalog: Catalog, open: () => AsyncIterable<string>): Promise<TransferCount> {
  await checkExport(catalog, open());
  let count = NOTHING;
  for await (const line of linesOf(open())) {
    await write(catalog, line);
    count = counted(count, line);
  }
  return count;
}

async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<TransferLine> {
  let number = 0;
  for await (const text of texts) {
    number += 1;
    if (text !== "") yield readTransferLine(text, number);
  }
}

/**
 * Reads all of an export, and that `catalog` has nothing of the same names; without one, that the export is whole.
 * @throws as `importCatalog` before it writes
 */
export async function checkExport(catalog: Catalog | undefined, texts: AsyncIterable<string>): Promise<void> {
  const check = inputCheck();
  let lines = 0;
  let last: TransferLine | undefined;
  for await (const line of linesOf(texts)) {
    if (lines === 0 && (line.kind !== "catalog" || line.format !== TRANSFER_FORMAT))
      throw invalidExport(
        line.kind === "catalog"
          ? `its format is ${line.format}, and ${TRANSFER_FORMAT} is known`
          : "its first line is not an export's",
      );
    if (last?.kind === "end") throw invalidExport("something follows its end");
    last = line;
    if (line.kind !== "end") lines += 1;
    await checkLine(catalog, check, line);
  }
  if (last?.kind !== "end" || last.lines !== lines) throw invalidExport("it is cut off, or lines are missing");
}

async function checkLine(
  catalog: Catalog | undefined,
  check: ReturnType<typeof inputCheck>,
  line: TransferLine,
): Promise<void> {
  switch (line.kind) {
    case "database":
      await check("database", line.input);
      return refuseExisting(`Database ${line.input.Name}`, catalog?.getDatabase.bind(catalog, line.input.Name));
    case "table":
      for (const { input } of line.versions) await check("table", input);
      return line.versions.length > 0
        ? undefined
        : Promise.reject(invalidExport(`a table of ${line.database} has no version`));
    case "partitions":
      for (const input of line.inputs) await check("partition", input);
      return undefined;
    case "connection":
      await check("connection", line.input);
      return refuseExisting(
        `Connection ${line.input.Name}`,
        catalog?.getConnection.bind(catalog, line.input.Name, { hidePassword: true }),
      );
    case "entities":
      if (catalog === undefined || line.group.database !== undefined) return undefined;
      for (const { name, scope } of line.entities) {
        if ((await catalog.getEntity({ ...line.group, scope, name })) !== undefined)
          throw existing(`${line.group.kind} ${name}`);
      }
      return undefined;
    case "catalog":
    case "index":
    case "ledgers":
    case "end":
      return undefined;
  }
}

async function refuseExisting(what: string, get: (() => Promise<unknown>) | undefined): Promise<void> {
  if (get === undefined) return;
  try {
    await get();
  } catch (error) {
    if (error instanceof DynaframeError && error.code === "ENTITY_NOT_FOUND") return;
    throw error;
  }
  throw existing(what);
}

const existing = (what: string): DynaframeError =>
  alreadyExists(`${what} is in the catalog already; nothing was imported`, {
    path: what,
    hint: "import into an empty catalog, or delete it first",
  });

async function write(catalog: Catalog, line: TransferLine): Promise<void> {
  switch (line.kind) {
    case "database":
      return catalog.createDatabase(line.input);
    case "table":
      return writeTable(catalog, line);
    case "partitions":
      return refuseErrors(await catalog.batchCreatePartition(line.database, line.table, line.inputs));
    case "index":
      return catalog.createPartitionIndex(line.database, line.table, line.index);
    case "ledgers": {
      const table = tableInputOf(await catalog.getTable(line.database, line.table));
      return catalog.applyTableChanges([{ database: line.database, table, putLedgers: line.ledgers }]);
    }
    case "connection":
      return catalog.createConnection(line.input);
    case "entities":
      return catalog.changeEntities(
        line.entities.map(({ name, scope, doc }) => ({ ref: { ...line.group, scope, name }, doc, ifVersion: 0 })),
      );
    case "catalog":
    case "end":
      return undefined;
  }
}

/** Each version in its turn, and with it the exact types that belong to it or to versions before it that are gone. */
async function writeTable(
  catalog: Catalog,
  { database, versions, schemas }: Extract<TransferLine, { readonly kind: "table" }>,
): Promise<void> {
  let done = 0;
  for (const [i, { version, input }] of versions.entries()) {
    const isLast = i === versions.length - 1;
    const end = isLast
      ? schemas.length
      : schemas.findIndex((entry, at) => at >= done && Number(entry.version) > Number(version));
    const here = schemas.slice(done, end === -1 ? schemas.length : end);
    done += here.length;
    if (here.length === 0 && i === 0) await catalog.createTable(database, input);
    else if (here.length === 0) await catalog.updateTable(database, input);
    else await catalog.applyTableChanges(here.map(({ schema }): TableChange => ({ database, table: input, schema })));
  }
}

function refuseErrors(errors: readonly PartitionError[]): void {
  const [first] = errors;
  if (first !== undefined) {
    throw new DynaframeError("INVALID_INPUT", `A partition cannot be imported: ${first.ErrorDetail.ErrorMessage}`, {
      name: first.ErrorDetail.ErrorCode,
      path: first.PartitionValues.join("/"),
    });
  }
}
