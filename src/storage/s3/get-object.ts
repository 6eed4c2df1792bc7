/** One GET of an object, or of a part of it. */
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import type { S3Address } from "./address.js";
import type { S3Session } from "./client.js";

export type GotObject = {
  /** As the header has it. */
  readonly etag: string | undefined;
  /** Of the whole object. */
  readonly size: number;
  readonly modified: Date | undefined;
  readonly storageClass: string | undefined;
  /** The server heeded the range. */
  readonly ranged: boolean;
  readonly body: AsyncIterable<Uint8Array>;
};

export type GetOptions = {
  /** Bytes from, and to, the last one included. */
  readonly range?: readonly [from: number, to: number];
  /** Only this version: another is HTTP 412. */
  readonly etag?: string;
  readonly signal?: AbortSignal;
};

/** @throws what the SDK throws */
export async function getObject(
  session: S3Session,
  { bucket, key }: S3Address,
  { range, etag, signal }: GetOptions,
): Promise<GotObject> {
  const rangeText = range === undefined ? undefined : `bytes=${range[0]}-${range[1]}`;
  const match = etag === undefined ? undefined : `"${etag}"`;
  const signed = await session.gets.sign(bucket, key, {
    ...(rangeText === undefined ? {} : { range: rangeText }),
    ...(match === undefined ? {} : { "if-match": match }),
  });
  const plain = signed && (await session.gets.send(signed, signal));
  if (plain !== undefined) return fromHeaders(plain);
  const { sdk, client, payer } = session;
  return fromOutput(
    await client.send(
      new sdk.GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...payer,
        ...(rangeText === undefined ? {} : { Range: rangeText }),
        ...(match === undefined ? {} : { IfMatch: match }),
      }),
      signal === undefined ? {} : { abortSignal: signal },
    ),
  );
}

type Plain = AsyncIterable<Uint8Array> & {
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
};

function fromHeaders(body: Plain): GotObject {
  const header = (name: string): string | undefined => {
    const value = body.headers[name];
    return typeof value === "string" ? value : undefined;
  };
  const modified = header("last-modified");
  const contentRange = header("content-range");
  return {
    etag: header("etag"),
    size: wholeSize(contentRange, Number(header("content-length") ?? 0)),
    modified: modified === undefined ? undefined : new Date(modified),
    storageClass: header("x-amz-storage-class"),
    ranged: contentRange !== undefined,
    body,
  };
}

const NOTHING: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

const fromOutput = ({
  ETag: etag,
  ContentRange,
  ContentLength = 0,
  LastModified: modified,
  StorageClass: storageClass,
  Body,
}: GetObjectCommandOutput): GotObject => ({
  etag,
  size: wholeSize(ContentRange, ContentLength),
  modified,
  storageClass,
  ranged: ContentRange !== undefined,
  // in Node the body is a readable stream
  body: (Body as AsyncIterable<Uint8Array> | undefined) ?? NOTHING,
});

const wholeSize = (contentRange: string | undefined, length: number): number =>
  Number(/\/(\d+)$/.exec(contentRange ?? "")?.[1] ?? length);
