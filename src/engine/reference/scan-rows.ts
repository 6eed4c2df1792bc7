/**
 * Reads the files of a scan, row by row: text without the project's scanners; formats that have one reader, through it.
 */
import type { ScanFile, ScanRelation } from "../../plan/ir/relation.js";
import type { FormatOptions } from "../../formats/index.js";
import { booleanOption } from "../../formats/check-options.js";
import { selectsInside } from "../../formats/json.js";
import { formatOf } from "../../formats/registry.js";
import { schemaOption } from "../../formats/schema-option.js";
import type { Storage } from "../../storage/index.js";
import { STRING, fieldOf, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { batchReader } from "../../types/record-batch.js";
import { setField, type Row, type Value } from "../../types/value.js";
import { castOrUndefined } from "./cast-value.js";
import { csvValue } from "./csv-value.js";
import { columnNames, parseCsv, type Cell, type CsvRow } from "./read-csv.js";
import { parseRecords } from "./read-json.js";
import { recordAs, type OnMisfit } from "./typed-value.js";
import { unpackFile } from "./unpack-file.js";

/**
 * All rows of all files, in their order; values that no arm of the type holds are null and told. Parquet is
 * UNSUPPORTED.
 */
export async function scanRows(relation: ScanRelation, storage: Storage, onMisfit: OnMisfit): Promise<readonly Row[]> {
  const rows: Row[] = [];
  if (!isText(relation)) return readerRows(relation, storage, onMisfit);
  for (const file of relation.files) {
    const text = byteText(await unpackFile(await readBytes(file, storage), file.path), relation.options["encoding"]);
    for (const row of textRows(text, relation, onMisfit)) rows.push(withPartition(row, file, relation));
  }
  return rows;
}

const isText = ({ format, options }: ScanRelation): boolean =>
  format === "csv" || (format === "json" && !selectsInside(options));

function textRows(text: string, relation: ScanRelation, onMisfit: OnMisfit): readonly Row[] {
  const record = ownType(relation);
  if (relation.format === "csv") return csvRows(text, relation.options, record, onMisfit);
  return parseRecords(text, utf8Text, booleanOption(relation.options, "multiLine", false)).flatMap((node) =>
    node.tag === "struct" ? [recordAs(node, record, onMisfit)] : [],
  );
}

const ownType = ({ type, partitionKeys }: ScanRelation): StructType => ({
  ...type,
  fields: type.fields.filter(({ name }) => !partitionKeys.includes(name)),
});

/** The oracle of these readers is in their tests, so that engines are compared on the same records. */
async function readerRows(relation: ScanRelation, storage: Storage, onMisfit: OnMisfit): Promise<readonly Row[]> {
  const format = formatOf(relation.format);
  if (format.batches === undefined)
    throw new DynaframeError("UNSUPPORTED", `the reference engine does not read ${relation.format}`, {
      hint: "use the duckdb engine",
    });
  const rows: Row[] = [];
  const read = batchReader(ownType(relation));
  for (const file of relation.files) {
    for await (const batch of format.batches([file], relation.options, ownType(relation), {
      storage,
      workers: 1,
      onMisfit,
    })) {
      for (const row of read(batch)) rows.push(withPartition(row, file, relation));
    }
  }
  return rows;
}

async function readBytes(file: ScanFile, storage: Storage): Promise<Uint8Array> {
  const reader = await storage.open(file.path);
  try {
    const bytes = new Uint8Array(file.size);
    for (let at = 0; at < bytes.length;) {
      const count = await reader.read(bytes.subarray(at), at);
      if (count === 0)
        throw new DynaframeError("FILE_CHANGED", "the file is shorter than when it was listed", {
          file: file.path,
          offset: at,
        });
      at += count;
    }
    return bytes;
  } finally {
    await reader.close();
  }
}

/** The UTF-8 bytes as Latin-1 text, which keeps them apart, so that one bad line does not spoil its neighbours. */
function byteText(bytes: Uint8Array, encoding: unknown): string {
  const [a, b, c] = bytes;
  const mark =
    a === 0xff && b === 0xfe
      ? "utf-16le"
      : a === 0xfe && b === 0xff
        ? "utf-16be"
        : a === 0xef && b === 0xbb && c === 0xbf
          ? "utf-8"
          : undefined;
  const other = mark ?? (typeof encoding === "string" ? encoding.toLowerCase() : "utf-8");
  if (other !== "utf-8") return Buffer.from(decoded(bytes, other)).toString("latin1");
  return Buffer.from(a === 0xef && b === 0xbb && c === 0xbf ? bytes.subarray(3) : bytes).toString("latin1");
}

/**
 * Of one byte for a character: each by itself. What `TextDecoder` makes of windows-1252 depends on the version of Node.
 */
function decoded(bytes: Uint8Array, encoding: string): string {
  if (encoding === "us-ascii")
    return [...bytes].map((byte) => (byte < 128 ? String.fromCharCode(byte) : "\ufffd")).join("");
  if (encoding === "iso-8859-1") return [...bytes].map((byte) => String.fromCharCode(byte)).join("");
  if (encoding === "windows-1252")
    return [...bytes]
      .map((byte) =>
        byte >= 0x80 && byte < 0xa0
          ? "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ".charAt(byte - 0x80)
          : String.fromCharCode(byte),
      )
      .join("");
  return new TextDecoder(encoding === "utf-16" ? "utf-16be" : encoding).decode(bytes);
}

function utf8Text(latin1: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, "latin1"));
  } catch {
    return undefined;
  }
}

function csvRows(text: string, options: FormatOptions, type: StructType, onMisfit: OnMisfit): readonly Row[] {
  const { withHeader, skipFirst, multiLine, inferTypes } = options;
  const schema = schemaOption(options);
  const columns = options["columns"] ?? (isOn(withHeader) ? undefined : schema?.fields.map(({ name }) => name));
  const character = (name: string, otherwise: string | undefined): string | undefined => {
    const value = options[name];
    return value === -1 || value === "-1" || value === null ? undefined : typeof value === "string" ? value : otherwise;
  };
  const rows = parseCsv(text, {
    separator: character("separator", ",") ?? ",",
    quoteChar: character("quoteChar", '"'),
    escaper: character("escaper", undefined),
    multiLine: isOn(multiLine),
  }).map(decodedRow);
  const [header] = rows;
  const data = rows.slice((isOn(withHeader) ? 1 : 0) + (isOn(skipFirst) ? 1 : 0));
  const names = Array.isArray(columns)
    ? columns.map(String)
    : isOn(withHeader)
      ? columnNames((header?.cells ?? []).map((cell) => cell.text))
      : undefined;
  return data
    .filter(({ cells, whole }) => whole && (names === undefined || cells.length <= names.length))
    .map(({ cells }) => csvRow(cells, (i) => names?.[i] ?? `col${i}`, type, isOn(inferTypes), onMisfit));
}

/** The marks are ASCII, so cells are decoded one by one: bytes that are not UTF-8 spoil their row only. */
function decodedRow({ cells, whole }: CsvRow): CsvRow {
  const texts = cells.map((cell) => ({ ...cell, text: utf8Text(cell.text) }));
  return {
    cells: texts.map((cell) => ({ ...cell, text: cell.text ?? "" })),
    whole: whole && texts.every((cell) => cell.text !== undefined),
  };
}

const isOn = (option: unknown): boolean => option === true || option === "true";

function csvRow(
  cells: readonly Cell[],
  nameOf: (index: number) => string,
  type: StructType,
  inferTypes: boolean,
  onMisfit: OnMisfit,
): Row {
  const row = {};
  for (const [i, cell] of cells.entries()) {
    const field = fieldOf(type, nameOf(i));
    if (!field) continue;
    const value = csvValue(cell, field.type, inferTypes);
    if (value === null && cell.text !== "") onMisfit(field.name);
    setField(row, field.name, value);
  }
  return row;
}

function withPartition(row: Row, file: ScanFile, { partitionKeys, type }: ScanRelation): Row {
  const copy = row as Record<string, Value>;
  for (const [i, key] of partitionKeys.entries()) {
    const text = file.partition?.[i] ?? null;
    const field = fieldOf(type, key);
    if (field) setField(copy, key, text === null ? null : (castOrUndefined(text, STRING, field.type) ?? null));
  }
  return copy;
}
