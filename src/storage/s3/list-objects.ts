import { DynaframeError } from "../../types/error.js";
import type { FileRef, ListOptions } from "../index.js";
import type { S3Address } from "./address.js";
import type { S3Session } from "./client.js";
import { compareUtf8, inCodeUnitOrder } from "./code-unit-order.js";
import { keyPages, type KeyQuery, type ListedKey } from "./key-pages.js";
import { objectRef } from "./object-ref.js";
import { listKeys } from "./parallel-pages.js";
import { s3Error, statusOf } from "./s3-error.js";

/**
 * The object itself, and those whose keys begin with `key/`. Empty objects that end in `/` stand for folders and are
 * left out. The address must be there in one of these forms, or it is PATH_NOT_FOUND; a bucket may be empty.
 */
export async function* listObjects(
  session: S3Session,
  address: S3Address,
  path: string,
  options: ListOptions,
): AsyncGenerator<FileRef> {
  options.signal?.throwIfAborted();
  const query = queryOf(address, options);
  const keys = allKeys(session, query, path, options);
  // asked for together: which of the two a folder is, is not known before
  const [own, first] = await Promise.all([outcome(ownObject(session, address, path)), outcome(keys.next())]);
  if (own.value === undefined && first.failure !== undefined) throw first.failure.cause;
  const nothing = own.value === undefined && first.value?.done === true;
  if (nothing && own.failure !== undefined) throw own.failure.cause;
  if (nothing && address.key !== "" && !(await isFolder(session, query, path, options))) throw missing(path);
  if (own.value !== undefined) yield own.value;
  if (first.value === undefined || first.value.done === true) return;
  yield refOf(first.value.value, address);
  for await (const key of keys) yield refOf(key, address);
}

/** One object as it is now; undefined when there is none. */
export async function statObject(
  { sdk, client, payer }: S3Session,
  address: S3Address,
  path: string,
): Promise<FileRef | undefined> {
  if (address.key === "") return undefined;
  try {
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket: address.bucket, Key: address.key, ...payer }));
    return objectRef(address, {
      size: head.ContentLength,
      etag: head.ETag,
      modified: head.LastModified,
      storageClass: head.StorageClass,
    });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw s3Error(error, path, "read");
  }
}

/** True when keys lie below, or an object marks the folder. */
export async function isObjectFolder(session: S3Session, address: S3Address, path: string): Promise<boolean> {
  return isFolder(session, queryOf(address, {}), path, {});
}

const queryOf = ({ bucket, key }: S3Address, { signal }: ListOptions): KeyQuery => ({
  bucket,
  prefix: key === "" ? "" : `${key}/`,
  ...(signal === undefined ? {} : { signal }),
});

async function ownObject(session: S3Session, address: S3Address, path: string): Promise<FileRef | undefined> {
  const ref = await statObject(session, address, path);
  return ref !== undefined && isMarker({ key: address.key, size: ref.size }) ? undefined : ref;
}

async function isFolder(session: S3Session, query: KeyQuery, path: string, { signal }: ListOptions): Promise<boolean> {
  try {
    const page = await keyPages(session, { ...query, maxKeys: 1 }).next();
    return page.done !== true && page.value.keys.length > 0;
  } catch (error) {
    throw s3Error(error, path, "list", signal);
  }
}

async function* allKeys(
  session: S3Session,
  query: KeyQuery,
  path: string,
  { recurse, signal }: ListOptions,
): AsyncGenerator<ListedKey> {
  const pages = recurse === false ? oneLevel(session, query) : listKeys(session, query);
  try {
    yield* inCodeUnitOrder(flat(pages), ({ key }) => key);
  } catch (error) {
    throw s3Error(error, path, "list", signal);
  }
}

async function* oneLevel(session: S3Session, query: KeyQuery): AsyncGenerator<readonly ListedKey[]> {
  const all: ListedKey[] = [];
  for await (const { keys } of keyPages(session, { ...query, delimiter: "/" })) all.push(...keys);
  yield all.sort((a, b) => compareUtf8(a.key, b.key));
}

async function* flat(pages: AsyncIterable<readonly ListedKey[]>): AsyncGenerator<ListedKey> {
  for await (const page of pages) for (const key of page) if (!isMarker(key)) yield key;
}

/** The consoles and tools make such objects to show a folder that is empty. */
const isMarker = ({ key, size }: { readonly key: string; readonly size: number }): boolean =>
  size === 0 && key.endsWith("/");

const refOf = (listed: ListedKey, address: S3Address): FileRef => objectRef({ ...address, key: listed.key }, listed);

const missing = (file: string): DynaframeError =>
  new DynaframeError("PATH_NOT_FOUND", `${file} does not exist: no key is it or lies below it`, {
    file,
    hint: "Check the spelling; keys distinguish upper and lower case.",
  });

type Outcome<T> = { readonly value?: T; readonly failure?: { readonly cause: unknown } };
const outcome = <T>(work: Promise<T>): Promise<Outcome<T>> =>
  work.then(
    (value) => ({ value }),
    (cause: unknown) => ({ failure: { cause } }),
  );
