import { DynaframeError } from "../types/error.js";
import { nearestName } from "../types/nearest-name.js";
import { TEXT_CODECS } from "./pack/text-codec.js";

const READ: readonly string[] = ["gzip", "bzip2", "zstd", "snappy", "none"];
const WRITTEN = {
  text: TEXT_CODECS,
  parquet: ["snappy", "gzip", "zstd", "none"],
  avro: ["none", "deflate", "snappy", "zstd", "bzip2"],
  orc: ["snappy", "zlib", "zstd", "none"],
} as const;
/** Other spellings of the same. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["uncompressed", "none"],
  ["null", "none"],
  ["gz", "gzip"],
  ["bz2", "bzip2"],
  ["zstandard", "zstd"],
]);

/**
 * Checks the reader's `compressionType`. It decides nothing: compression is told by each file's content, so that a
 * folder may hold several.
 * @throws BAD_OPTION with the names that are read.
 */
export function checkCompressionType(value: unknown): void {
  compressionName("compressionType", value, READ);
}

/**
 * The codec of a sink's `compression`, in our spelling.
 * @throws BAD_OPTION with the codecs that can be written in that format.
 */
export function writtenCompression(format: "json" | "csv" | "parquet" | "avro" | "orc", value: unknown): string {
  return compressionName("compression", value, WRITTEN[format === "json" || format === "csv" ? "text" : format]);
}

function compressionName(option: string, value: unknown, known: readonly string[]): string {
  const given = typeof value === "string" ? value.trim().toLowerCase() : undefined;
  const name = given === undefined ? undefined : (ALIASES.get(given) ?? given);
  if (name !== undefined && known.includes(name)) return name;
  const near = given === undefined ? undefined : nearestName(given, known);
  const hint =
    name !== undefined && READ.includes(name)
      ? `${name} can be read, but is not written here.`
      : near === undefined
        ? `Use one of ${known.join(", ")}.`
        : `Did you mean ${near}?`;
  throw new DynaframeError(
    "BAD_OPTION",
    `option ${option} takes ${known.join(", ")}, not ${JSON.stringify(value) ?? String(value)}`,
    { path: option, expected: known.join(", "), found: String(value), hint },
  );
}
