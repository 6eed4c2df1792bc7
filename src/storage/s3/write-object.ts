/** Writing objects: they appear whole, when the last byte is sent, or not at all. */
import { createReadStream } from "node:fs";
import { rm, stat as statLocal } from "node:fs/promises";
import { PassThrough } from "node:stream";
import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { DynaframeError } from "../../types/error.js";
import { loadOptional } from "../../types/load-optional.js";
import { fileError } from "../file-error.js";
import type { FileRef, FileWriter } from "../index.js";
import type { S3Address } from "./address.js";
import type { S3Session } from "./client.js";
import { statObject } from "./list-objects.js";
import { objectRef } from "./object-ref.js";
import { s3Error, statusOf } from "./s3-error.js";

type PublishOptions = { readonly ifAbsent?: boolean };

/** Parts of a multipart upload; what is not larger goes in one request. */
const PART_BYTES = 16 << 20;
const MAX_PARTS = 10_000;
/** Parts on their way at once, each held in memory. */
const PARTS_AT_ONCE = 3;
/** Tries against other writers of the same key, which S3 answers with a conflict. */
const CONFLICT_TRIES = 3;

/** Uploads a finished local file and removes it. */
export async function publishObject(
  session: S3Session,
  localFile: string,
  address: S3Address,
  path: string,
  { ifAbsent = false }: PublishOptions,
): Promise<FileRef> {
  requireKey(address, path);
  const { size } = await statLocal(localFile).catch((error: unknown) => {
    throw fileError(error, localFile);
  });
  if (ifAbsent) await requireAbsent(session, address, path);
  const send = (condition: Condition): Promise<Sent> =>
    upload(
      session,
      { ...target(session, address), ...condition, Body: createReadStream(localFile, { highWaterMark: 1 << 20 }) },
      Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS)),
    ).done;
  const sent = await conditionally(send, ifAbsent, path);
  const ref = await refAfter(session, address, path, sent, size);
  await rm(localFile, { force: true });
  return ref;
}

/**
 * Uploads while it is written. At most 160 GB: parts are of one size, which must be chosen before the length is known.
 */
export async function createObject(session: S3Session, address: S3Address, path: string): Promise<FileWriter> {
  requireKey(address, path);
  const body = new PassThrough({ highWaterMark: PART_BYTES });
  // the SDK reads the condition when it sends the last request, so that `commit` may still decide it
  const params: PutObjectCommandInput = { ...target(session, address), Body: body };
  const { done, abort } = upload(session, params, PART_BYTES);
  let size = 0;
  const failed = done.then(
    () => undefined,
    (cause: unknown) => {
      body.destroy();
      return { cause };
    },
  );
  return {
    async write(bytes) {
      size += bytes.length;
      // the caller may use its array again
      const room = body.write(Uint8Array.prototype.slice.call(bytes));
      const failure = room
        ? undefined
        : await Promise.race([
            failed,
            new Promise<undefined>((resolve) => body.once("drain", () => resolve(undefined))),
          ]);
      if (failure !== undefined) throw s3Error(failure.cause, path, "write");
    },
    async commit({ ifAbsent = false } = {}) {
      try {
        if (ifAbsent) await requireAbsent(session, address, path);
        if (ifAbsent) params.IfNoneMatch = "*";
        body.end();
        return await refAfter(session, address, path, await done, size);
      } catch (error) {
        await abort();
        throw s3Error(error, path, "write");
      }
    },
    abort,
  };
}

export async function removeObject({ sdk, client, payer }: S3Session, address: S3Address, path: string): Promise<void> {
  requireKey(address, path);
  try {
    await client.send(new sdk.DeleteObjectCommand({ Bucket: address.bucket, Key: address.key, ...payer }));
  } catch (error) {
    if (statusOf(error) !== 404) throw s3Error(error, path, "write");
  }
}

type Sent = { readonly ETag?: string | undefined };
type Condition = { readonly IfNoneMatch?: "*" };
type Uploading = { readonly done: Promise<Sent>; readonly abort: () => Promise<void> };

const target = (
  { payer }: S3Session,
  { bucket, key }: S3Address,
): Pick<PutObjectCommandInput, "Bucket" | "Key" | "RequestPayer"> => ({ Bucket: bucket, Key: key, ...payer });

/** A failed or aborted upload takes its parts back. */
function upload({ client }: S3Session, params: PutObjectCommandInput, partSize: number): Uploading {
  const stop = new AbortController();
  const done = loadOptional("@aws-sdk/lib-storage", () => import("@aws-sdk/lib-storage"), "Writing to s3://").then(
    async ({ Upload }) => {
      const uploading = new Upload({ client, params, partSize, queueSize: PARTS_AT_ONCE, abortController: stop });
      return uploading.done();
    },
  );
  done.catch(() => undefined); // heard by whoever waits for it
  return {
    done,
    abort: async () => {
      // by a broken body, not by the signal: that ends `done` before the server was told to drop the parts
      if (params.Body instanceof PassThrough)
        params.Body.on("error", () => undefined).destroy(new Error("the upload was given up"));
      else stop.abort();
      await done.catch(() => undefined);
    },
  };
}

/**
 * Tries again when another writer of the key is under way. A server that does not know the condition writes without it:
 * the name was free just before.
 */
async function conditionally(
  send: (condition: Condition) => Promise<Sent>,
  ifAbsent: boolean,
  path: string,
): Promise<Sent> {
  for (let left = CONFLICT_TRIES; ; left--) {
    try {
      return await send(ifAbsent ? { IfNoneMatch: "*" } : {});
    } catch (error) {
      if (ifAbsent && statusOf(error) === 501)
        return send({}).catch((again: unknown) => {
          throw s3Error(again, path, "write");
        });
      if (left <= 1 || statusOf(error) !== 409) throw s3Error(error, path, "write");
    }
  }
}

async function requireAbsent(session: S3Session, address: S3Address, path: string): Promise<void> {
  // not every server heeds If-None-Match; those who may write but not read leave it to the condition
  const there = await statObject(session, address, path).catch((error: unknown) => {
    if (error instanceof DynaframeError && error.code === "ACCESS_DENIED") return undefined;
    throw error;
  });
  if (there !== undefined)
    throw new DynaframeError("TARGET_EXISTS", `${path} exists already`, {
      file: path,
      hint: "Choose another name, or a mode that may replace it.",
    });
}

async function refAfter(
  session: S3Session,
  address: S3Address,
  path: string,
  sent: Sent,
  size: number,
): Promise<FileRef> {
  const written = await statObject(session, address, path).catch(() => undefined);
  return written ?? objectRef(address, { size, etag: sent.ETag, modified: new Date() });
}

function requireKey({ key }: S3Address, path: string): void {
  if (key === "")
    throw new DynaframeError("IS_A_FOLDER", `${path} is a bucket, a file was expected`, {
      file: path,
      hint: "Name a key in it.",
    });
}
