/** Rows into Avro files, one per partition; the same for every engine, since the encoding is ours. */
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { avroVersion } from "../formats/avro/avro-version.js";
import type { AvroCodec, AvroWriter } from "../formats/avro/avro-writer.js";
import type { SinkTarget } from "../plan/ir/relation.js";
import { partitionAt, type Division } from "../plan/partitions.js";
import { partitionFolder } from "../storage/hive-path.js";
import { castValue } from "../types/cast.js";
import { fieldOf, STRING, struct, type StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { getField, type Row } from "../types/value.js";
import type { WrittenFile } from "./index.js";

/**
 * Rows are dealt out among the files of the division, per folder. No file for no rows. When anything fails, what was
 * written is gone.
 */
export async function writeAvro(
  rows: AsyncIterable<readonly Row[]>,
  type: StructType,
  target: SinkTarget,
  division: Division,
): Promise<readonly WrittenFile[]> {
  const [{ avroRecord }, { AvroWriter: Writer, blockPacker }] = await Promise.all([
    import("../formats/avro/write-schema.js"),
    import("../formats/avro/avro-writer.js"),
  ]);
  const codec = (target.compression ?? "none") as AvroCodec;
  const body = struct(type.fields.filter(({ name }) => !target.partitionKeys.includes(name)));
  const record = avroRecord(body, avroVersion(target.options) === "1.8");
  const pack = await blockPacker(codec);
  const partitionOf = partitionReader(type, target.partitionKeys);
  const directory = join(target.directory, `write-${randomUUID()}`);
  const parts = new Map<
    string,
    { readonly writer: AvroWriter; readonly folder: string; readonly partition: readonly (string | null)[] }
  >();
  try {
    let turn = 0;
    await mkdir(directory, { recursive: true });
    for await (const batch of rows) {
      for (const row of batch) {
        const partition = partitionOf(row);
        const folder = target.partitionKeys.map((key, i) => partitionFolder(key, partition[i] ?? null)).join("/");
        const key = `${partitionAt(division, turn++)}/${folder}`;
        const part = parts.get(key) ?? {
          folder,
          writer: new Writer(join(directory, `part-${randomUUID()}.avro`), record, codec, pack),
          partition,
        };
        parts.set(key, part);
        part.writer.add(row);
      }
    }
    for (const { writer } of parts.values()) writer.flush();
  } catch (error) {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(error, target.directory);
  }
  return [...parts.values()].map(({ writer, folder, partition }) => ({
    localFile: writer.path,
    folder,
    partition,
    rows: writer.rows,
  }));
}

function partitionReader(type: StructType, keys: readonly string[]): (row: Row) => readonly (string | null)[] {
  const fields = keys.map((key) => {
    const field = fieldOf(type, key);
    if (field === undefined)
      throw new DynaframeError("BAD_OPTION", `There is no field ${key} to partition by.`, {
        path: key,
        hint: "Name a top-level field of the frame.",
      });
    if (field.type.kind === "choice") {
      throw new DynaframeError("UNRESOLVED_CHOICE", `Cannot partition by the choice ${key}.`, {
        path: key,
        hint: "Resolve it first, for example with resolveChoice.",
      });
    }
    return field;
  });
  return (row) =>
    fields.map((field) => {
      const cast = castValue(getField(row, field.name), field.type, STRING);
      return cast.ok && typeof cast.value === "string" && cast.value !== "" ? cast.value : null;
    });
}

function writeFailure(error: unknown, directory: string): unknown {
  const { code, syscall, message, path = directory } = error as NodeJS.ErrnoException;
  if (typeof syscall !== "string") return error;
  return new DynaframeError(
    code === "ENOSPC" ? "NO_SPACE" : "WRITE_FAILED",
    `The Avro file cannot be written: ${message}`,
    { file: path, cause: error, hint: "Nothing was written. Check the target folder and the free space." },
  );
}
