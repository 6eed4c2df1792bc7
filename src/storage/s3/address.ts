/**
 * Addresses of objects: `s3://bucket/key`, or `s3://connection@bucket/key` for a bucket reached by a connection of the
 * catalog (decision 0020).
 */
import { DynaframeError } from "../../types/error.js";

export type S3Address = {
  /** Name of the connection whose endpoint and keys are used; undefined for the settings of the context. */
  readonly connection: string | undefined;
  readonly bucket: string;
  /** As it is, never encoded: `//`, spaces, `+` and `%` stand for themselves. Empty for the bucket. */
  readonly key: string;
};

const S3_ADDRESS = /^s3[an]?:\/\/(?:([^/@]*)@)?([^/@]*)(?:\/([^]*))?$/i;

/** `s3a:` and `s3n:`, Hadoop's names, mean the same. */
export const isS3Address = (address: string): boolean => /^s3[an]?:\/\//i.test(address);

/** @throws BAD_ADDRESS without a bucket, or with a connection name that cannot be decoded. */
export function parseS3Address(address: string): S3Address {
  const [, connection, bucket, key = ""] = S3_ADDRESS.exec(address) ?? [];
  // a colon would be a password: it is not repeated in the message
  if (connection?.includes(":")) {
    throw new DynaframeError("BAD_ADDRESS", "an S3 address cannot carry keys", {
      hint: "Put them into a connection of the catalog, and write s3://connection@bucket/key.",
    });
  }
  if (bucket === undefined || bucket === "" || connection === "") {
    throw new DynaframeError("BAD_ADDRESS", `${address} names no bucket`, {
      found: address,
      expected: "s3://bucket/key",
      hint: "Write s3://bucket/key, or s3://connection@bucket/key.",
    });
  }
  return { connection: connection === undefined ? undefined : decoded(connection, address), bucket, key };
}

export function formatS3Address({ connection, bucket, key }: S3Address): string {
  const at = connection === undefined ? "" : `${encodeURIComponent(connection)}@`;
  return `s3://${at}${bucket}${key === "" ? "" : `/${key}`}`;
}

/**
 * The address as reached by a connection of the catalog; unchanged without one. An address that names a connection
 * itself keeps it.
 * @throws BAD_ARGUMENT for the address of another storage: it would be read as if there were no connection.
 */
export function throughConnection(address: string, connection: string | undefined): string {
  if (connection === undefined) return address;
  if (!isS3Address(address)) {
    throw new DynaframeError("BAD_ARGUMENT", `connection ${connection} cannot reach ${address}`, {
      path: "connectionName",
      found: address,
      expected: "an s3:// address",
      hint: "Leave connectionName out for local files.",
    });
  }
  const parsed = parseS3Address(address);
  return formatS3Address({ ...parsed, connection: parsed.connection ?? connection });
}

function decoded(text: string, address: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new DynaframeError("BAD_ADDRESS", `${address} names a connection that cannot be decoded`, {
      found: address,
      hint: "Percent-encode the connection's name as in a URL.",
      cause,
    });
  }
}
