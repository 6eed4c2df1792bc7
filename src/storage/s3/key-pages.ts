/** Pages of keys below a prefix, as the server gives them: in the order of their UTF-8 bytes. */
import type { ListObjectsV2CommandOutput, _Object as S3Object } from "@aws-sdk/client-s3";
import { DynaframeError } from "../../types/error.js";
import type { S3Session } from "./client.js";

export type ListedKey = {
  readonly key: string;
  readonly size: number;
  readonly etag: string | undefined;
  readonly modified: Date | undefined;
  readonly storageClass: string | undefined;
};
export type KeyPage = {
  readonly keys: readonly ListedKey[];
  /** With a delimiter: the beginnings that more keys share. */
  readonly prefixes: readonly string[];
  /** Whether keys follow. */
  readonly more: boolean;
};

export type KeyQuery = {
  readonly bucket: string;
  readonly prefix: string;
  /** Only keys after this one. */
  readonly after?: string;
  /** `/` to stay on one level. */
  readonly delimiter?: "/";
  readonly maxKeys?: number;
  readonly signal?: AbortSignal;
};

/** All pages of a query, one request after the other. */
export async function* keyPages(
  { sdk, client, payer }: S3Session,
  { bucket, prefix, after, delimiter, maxKeys, signal }: KeyQuery,
): AsyncGenerator<KeyPage, void, undefined> {
  let token: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await client.send(
      new sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        EncodingType: "url",
        ...payer,
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
        ...(maxKeys === undefined ? {} : { MaxKeys: maxKeys }),
        ...(token === undefined ? (after === undefined ? {} : { StartAfter: after }) : { ContinuationToken: token }),
      }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    const text = page.EncodingType === "url" ? decodeKey : (key: string): string => key;
    token = nextToken(page, token, `s3://${bucket}/${prefix}`);
    yield {
      keys: (page.Contents ?? []).map((object) => listedKey(object, text)),
      prefixes: (page.CommonPrefixes ?? []).map((common) => text(common.Prefix ?? "")),
      more: token !== undefined,
    };
  } while (token !== undefined);
}

/**
 * @throws READ_FAILED for what is no listing, such as the page of a proxy, and one that does not say where the next
 * keys are: both would pass for a folder without them.
 */
function nextToken(page: ListObjectsV2CommandOutput, before: string | undefined, file: string): string | undefined {
  const { IsTruncated: more, NextContinuationToken: token, Name, KeyCount, Contents, CommonPrefixes } = page;
  if (more === true && token !== undefined && token !== "" && token !== before) return token;
  const isListing = [more, Name, KeyCount, Contents, CommonPrefixes].some((member) => member !== undefined);
  if (isListing && more !== true) return undefined;
  throw new DynaframeError(
    "READ_FAILED",
    `${file} cannot be listed: the server's answer ${isListing ? "is cut and does not say where it goes on" : "is no listing"}`,
    {
      file,
      expected: "a page of ListObjectsV2",
      hint: "Check that the endpoint is that of an S3 server, and that no proxy answers in its place.",
    },
  );
}

const listedKey = (object: S3Object, text: (key: string) => string): ListedKey => ({
  key: text(object.Key ?? ""),
  size: object.Size ?? 0,
  etag: object.ETag,
  modified: object.LastModified,
  storageClass: object.StorageClass,
});

/** Keys come URL-encoded, since XML cannot hold every character; `+` is a space there, a plus `%2B`. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
