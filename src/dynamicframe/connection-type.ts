/** Which `connectionType` means files, and what stands in for those of Glue's that have no reader or writer here. */
import { DynaframeError } from "../types/error.js";

export type FileConnectionType = "file" | "s3";

const OWN_CLIENT =
  "Read it with its own client, and give the records to createDynamicFrame.fromRows; write frame.stream() to it.";
const OF_THE_JVM =
  "Connectors of the JVM do not run here: read with a client for Node, and give the records to createDynamicFrame.fromRows.";
const AS_FORMAT = (format: string): string => `Use connectionType: 's3' (or 'file') and format: '${format}'.`;

/**
 * Glue's other connection types, each with what to do instead. A name that ends in a period begins those of connectors.
 */
export const NO_CONNECTION: Readonly<Record<string, string>> = Object.freeze({
  dynamodb:
    "Export the table to files: simplifyDdbJson and unnestDdbJson read DynamoDB JSON. Or give the records of its client to createDynamicFrame.fromRows.",
  mongodb: OWN_CLIENT,
  documentdb: OWN_CLIENT,
  opensearch: OWN_CLIENT,
  oracle: OWN_CLIENT,
  sqlserver: OWN_CLIENT,
  redshift: "UNLOAD to files, and COPY from files: connectionType 's3' reads and writes them.",
  kinesis:
    "Use glue.createDataFrame.fromOptions with connectionType: 'stream', whose stream.read() yields what a client of Kinesis gives.",
  parquet: AS_FORMAT("parquet"),
  orc: AS_FORMAT("orc"),
  "custom.": OF_THE_JVM,
  "marketplace.": OF_THE_JVM,
});

/** @throws UNSUPPORTED_CONNECTION for what is not of files: a misspelt one must not read or write a path */
export function requireFiles(
  call: string,
  connectionType: unknown,
  others: readonly string[],
): asserts connectionType is FileConnectionType {
  if (connectionType === "file" || connectionType === "s3") return;
  const found = String(connectionType);
  const hint = Object.entries(NO_CONNECTION).find(([name]) =>
    name.endsWith(".") ? found.startsWith(name) : found === name,
  )?.[1];
  throw new DynaframeError("UNSUPPORTED_CONNECTION", `${call}: there is no connectionType ${found} here.`, {
    path: "connectionType",
    expected: ["file", "s3", ...others].join(", "),
    found,
    hint: hint ?? "Use connectionType: 'file' with a path.",
  });
}
