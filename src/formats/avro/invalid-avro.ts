/** What is wrong with a file or a block; never leaves the reader, which makes a malformed record of it. */
export class InvalidAvro extends Error {
  constructor(
    readonly code: "INVALID_AVRO" | "RECURSIVE_SCHEMA" | "TOO_DEEP" | "CORRUPT" | "UNSUPPORTED_COMPRESSION",
    reason: string,
  ) {
    super(reason);
  }
}
