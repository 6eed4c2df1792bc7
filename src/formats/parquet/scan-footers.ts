/** What the footers of Parquet files say: types and counts. */
import type { FileLedger } from "../../shapes/ledger.js";
import type { FileRef, Storage } from "../../storage/index.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeFromJson } from "../../types/json.js";
import { inOrder } from "../in-order.js";
import type { ScanContext } from "../index.js";
import { type Footer, readFooter } from "./footer.js";
import { carries, parquetLedger } from "./parquet-ledger.js";
import { structOfColumns } from "./parquet-type.js";
import { type SchemaNode, schemaTree } from "./schema-tree.js";

/** The footer key under which dynaframe keeps the exact type, choices and all. */
export const SCHEMA_KEY = "dynaframe.schema";

/** Footers read at once; each is one small read. */
const AT_ONCE = 8;

/**
 * The exact type of a file: from the footer key if dynaframe wrote it, else mapped from the columns. Undefined for a
 * file without columns: no engine reads it.
 */
export async function parquetFileType(ref: FileRef, storage: Storage): Promise<StructType | undefined> {
  const footer = await readFooter(storage, ref);
  const columns = columnsOf(footer, ref);
  return columns.length === 0 ? undefined : exactType(footer, columns);
}

/** Rows without columns are no rows that could be read. */
function columnsOf(footer: Footer, { path, size }: FileRef): readonly SchemaNode[] {
  const columns = schemaTree(footer.elements, path);
  if (columns.length === 0 && footer.rows > 0) {
    throw new DynaframeError(
      "INVALID_PARQUET",
      `${path} is not a readable Parquet file: it has ${footer.rows} rows and no columns`,
      { file: path, offset: size - 8, hint: "Write the file again." },
    );
  }
  return columns;
}

/** Schema and counts of each file, from its footer; a damaged one is one malformed record. */
export async function* scanFooters(files: readonly FileRef[], context: ScanContext): AsyncIterable<FileLedger> {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  let [filesDone, bytesDone] = [0, 0];
  for await (const ledger of inOrder(files, AT_ONCE, (file) => scanFooter(file, context))) {
    filesDone += 1;
    bytesDone += ledger.size;
    context.onProgress?.({ phase: "scan", filesDone, files: files.length, bytesDone, bytes });
    yield ledger;
  }
}

async function scanFooter(ref: FileRef, context: ScanContext): Promise<FileLedger> {
  context.signal?.throwIfAborted();
  try {
    const footer = await readFooter(context.storage, ref);
    context.onBytesScanned?.(footer.bytesRead);
    const columns = columnsOf(footer, ref);
    return parquetLedger(ref, footer, columns, exactType(footer, columns));
  } catch (error) {
    if (error instanceof DynaframeError && DAMAGE.includes(error.code)) return damagedLedger(ref, error);
    throw error;
  }
}

const DAMAGE: readonly string[] = ["TRUNCATED_PARQUET", "INVALID_PARQUET", "TOO_DEEP"];

/** Damage is data: the file counts as one malformed record from its first byte to its last. */
const damagedLedger = (ref: FileRef, error: DynaframeError): FileLedger => ({
  file: ref.path,
  etag: ref.etag,
  size: ref.size,
  modified: ref.modified,
  format: "parquet",
  bytes: ref.size,
  records: 0,
  malformed: 1,
  root: { tags: {}, fields: [] },
  hazards: {},
  shapes: [],
  otherShapes: 0,
  malformedRecords: [
    {
      file: ref.path,
      offset: 0,
      end: ref.size,
      code: error.code,
      reason: error.message,
      at: error.offset ?? 0,
      text: "",
    },
  ],
});

function exactType(footer: Footer, columns: readonly SchemaNode[]): StructType {
  const stored = footer.metadata.get(SCHEMA_KEY);
  const type = stored === undefined ? undefined : parseStored(stored);
  return type !== undefined && carries(type, columns) ? type : structOfColumns(columns);
}

// A foreign key of that name, or one that no longer fits the columns, is not worth failing for: the columns are the
// truth.
function parseStored(json: string): StructType | undefined {
  try {
    const type = typeFromJson(JSON.parse(json));
    return type.kind === "struct" ? type : undefined;
  } catch {
    return undefined;
  }
}
