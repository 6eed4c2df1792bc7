/** Writes rows as text files, one per partition. */
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { orcUnsupported } from "../../formats/orc.js";
import { csvWriteOptions } from "../../formats/csv-options.js";
import { packText } from "../../formats/pack/pack-text.js";
import { packedSuffix } from "../../formats/pack/text-codec.js";
import type { SinkTarget } from "../../plan/ir/relation.js";
import { partitionAt, type Division } from "../../plan/partitions.js";
import { fieldOf, type Field, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { Row } from "../../types/value.js";
import { writeAvro } from "../avro-sink.js";
import type { WrittenFile } from "../index.js";
import { jsonLine } from "../json-line.js";
import { sinkLayout, textCodec } from "../sink-layout.js";
import { textOf } from "./cast-value.js";
import { readField } from "./evaluate-scalar.js";
import { isNull } from "./order.js";
import { csvField, csvLine, requireFlat } from "./write-text.js";

/** Rows are dealt out among the files of the division, per folder; none for no rows. Parquet is UNSUPPORTED. */
export async function writeFiles(
  rows: readonly Row[],
  type: StructType,
  target: SinkTarget,
  division: Division,
): Promise<readonly WrittenFile[]> {
  if (target.format === "orc") throw orcUnsupported();
  if (target.format === "avro") return writeAvro(oneBatch(rows), type, target, division);
  if (target.format === "parquet")
    throw new DynaframeError("UNSUPPORTED", "the reference engine writes no parquet", {
      hint: "use the duckdb engine",
    });
  const { body } = sinkLayout(type, target); // which fields may be keys is not the engine's to say
  const codec = textCodec(target);
  const keys = target.partitionKeys.map((name) => keyField(type, name));
  if (target.format === "csv") requireFlat(body);
  const groups = new Map<string, { folder: string; partition: (string | null)[]; rows: Row[] }>();
  for (const [at, row] of rows.entries()) {
    const partition = keys.map((key) => partitionText(row, key));
    const folder = partition
      .map((text, i) => `${escapeName(target.partitionKeys[i] ?? "")}=${text === null ? HIVE_NULL : escapeName(text)}`)
      .join("/");
    const key = `${partitionAt(division, at)}/${folder}`;
    const group = groups.get(key) ?? { folder, partition, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  await mkdir(target.directory, { recursive: true });
  return Promise.all(
    [...groups.values()].map(async ({ folder, ...group }) => {
      const localFile = join(target.directory, `part-${randomUUID()}.${target.format}${packedSuffix(codec)}`);
      await writeFile(localFile, await buffer(packText(codec, onePiece(fileText(group.rows, body, target)))));
      return { localFile, folder, partition: group.partition, rows: group.rows.length };
    }),
  );
}

async function* onePiece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
async function* oneBatch(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}

const HIVE_NULL = "__HIVE_DEFAULT_PARTITION__";
const escapeName = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f"#%'*/:=?\\{[\]^]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );

function keyField(type: StructType, name: string): Field {
  const field = fieldOf(type, name);
  if (!field)
    throw new DynaframeError("FIELD_NOT_FOUND", `no field ${name} to partition by`, {
      path: name,
      found: type.fields.map((f) => f.name).join(", "),
    });
  return field;
}

function partitionText(row: Row, { name, type }: Field): string | null {
  const value = readField(row, name);
  const text = isNull(value) ? "" : textOf(value, type);
  return text === "" ? null : text;
}

function fileText(rows: readonly Row[], type: StructType, { format, options }: SinkTarget): string {
  if (format === "json") return rows.map((row) => `${jsonLine(row, type)}\n`).join("");
  const csv = csvWriteOptions(options);
  const lines = rows.map((row) => csvLine(row, type.fields, csv));
  if (csv.writeHeader && type.fields.length > 0)
    lines.unshift(type.fields.map(({ name }) => csvField(name, name, csv)).join(csv.separator));
  return lines.map((line) => `${line}\n`).join("");
}
