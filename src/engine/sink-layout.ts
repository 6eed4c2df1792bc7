/** What of a record goes into files and what into the names of their folders; the same for every engine. */
import { isTextCodec, TEXT_CODECS, type TextCodec } from "../formats/pack/text-codec.js";
import type { SinkTarget } from "../plan/ir/relation.js";
import { partitionFolder } from "../storage/hive-path.js";
import { fieldOf, struct, type DataType, type StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { physicalNames } from "../types/physical.js";
import type { WrittenFile } from "./index.js";

export type SinkLayout = {
  /** The record without its partition keys. */
  readonly body: StructType;
  /** The columns of the body: as the record has them, and as the file shall. */
  readonly columns: readonly { readonly from: string; readonly to: string }[];
  /** Partition keys: the column of the record, and the one for its text. */
  readonly keys: readonly {
    readonly name: string;
    readonly from: string;
    readonly type: DataType;
    readonly column: string;
  }[];
};

/** @throws BAD_OPTION and UNRESOLVED_CHOICE for keys that cannot be ones. */
export function sinkLayout(type: StructType, { partitionKeys }: SinkTarget): SinkLayout {
  const names = physicalNames(type);
  const keys = partitionKeys.map((name, i) => {
    const from = names[type.fields.findIndex((f) => f.name === name)];
    const keyType = fieldOf(type, name)?.type;
    if (from === undefined || keyType === undefined) {
      throw new DynaframeError("BAD_OPTION", `There is no field ${name} to partition by.`, {
        path: name,
        hint: "Name a top-level field of the frame.",
      });
    }
    if (keyType.kind === "choice")
      throw new DynaframeError("UNRESOLVED_CHOICE", `Cannot partition by the choice ${name}.`, {
        path: name,
        hint: "Resolve it first, for example with resolveChoice.",
      });
    return { name, from, type: keyType, column: `~k${i}` };
  });
  const body = struct(type.fields.filter(({ name }) => !partitionKeys.includes(name)));
  if (keys.length > 0 && body.fields.length === 0) {
    throw new DynaframeError("BAD_OPTION", "All fields are partition keys: nothing is left to write.", {
      hint: "Leave at least one field out of partitionKeys.",
    });
  }
  // physical names are given within a struct; those of the record itself hold before the keys are taken out
  const columns = physicalNames(body).map((to, i) => ({
    to,
    from: names[type.fields.findIndex((f) => f.name === body.fields[i]?.name)] ?? to,
  }));
  return { body, columns, keys };
}

/** @throws BAD_OPTION for a compression that the format's files do not have here. */
export function requireCompression(codec: string, known: readonly string[]): void {
  if (!known.includes(codec)) throw unknownCompression(codec, known);
}

const unknownCompression = (codec: string, known: readonly string[]): DynaframeError =>
  new DynaframeError("BAD_OPTION", `Unknown compression ${codec}.`, {
    path: "compression",
    expected: known.join(", "),
    found: codec,
    hint: `Use ${known.slice(0, -1).join(", ")} or ${known.at(-1)}.`,
  });

/** How the files of text of this sink are packed. @throws BAD_OPTION for a codec that text does not have here. */
export function textCodec({ compression = "none" }: SinkTarget): TextCodec {
  if (isTextCodec(compression)) return compression;
  throw unknownCompression(compression, TEXT_CODECS);
}

/**
 * The file by the folders below `directory` that an engine put it into, one `name=value` per key; those below them are
 * the engine's own.
 */
export function writtenFile(file: string, rows: number, directory: string, keys: readonly string[]): WrittenFile {
  const levels = file
    .slice(directory.length + 1)
    .split("/")
    .slice(0, -1)
    .slice(0, keys.length);
  const partition = levels.map((level) => partitionValue(level.slice(level.indexOf("=") + 1)));
  const folder = keys.map((key, i) => partitionFolder(key, partition[i] ?? null)).join("/");
  return { localFile: file, folder, partition, rows };
}

// engines name the folders by their own escapes, which are all those of URLs
const partitionValue = (name: string): string | null =>
  name === "__HIVE_DEFAULT_PARTITION__" ? null : decodeURIComponent(name);
