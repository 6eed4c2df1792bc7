import type { FileRef } from "../index.js";
import { formatS3Address, type S3Address } from "./address.js";

/** The etag without its quotes; unquoted where a server leaves them out. */
export const plainEtag = (etag: string | undefined): string => (etag ?? "").replace(/^W\//, "").replace(/^"|"$/g, "");

/** A file of S3. The time is cut to seconds: listings are more precise than what a single object says of itself. */
export function objectRef(
  address: S3Address,
  facts: {
    readonly size: number | undefined;
    readonly etag: string | undefined;
    readonly modified: Date | undefined;
    readonly storageClass?: string | undefined;
  },
): FileRef {
  return Object.freeze({
    path: formatS3Address(address),
    size: facts.size ?? 0,
    etag: plainEtag(facts.etag),
    modified: Math.floor((facts.modified?.getTime() ?? 0) / 1000) * 1000,
    // an object by itself does not say so when it is of the standard class, a listing does
    storageClass: facts.storageClass ?? "STANDARD",
  });
}
