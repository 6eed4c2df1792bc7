/** Reading an object: the head with the first request, odd places by exact ranges, and ahead of whoever reads on. */
import { DynaframeError } from "../../types/error.js";
import type { FileReader, FileRef } from "../index.js";
import type { S3Address } from "./address.js";
import type { S3Session } from "./client.js";
import { getObject, type GotObject } from "./get-object.js";
import { objectRef, plainEtag } from "./object-ref.js";
import { ReadAheadWindow } from "./read-ahead.js";
import { s3Error, statusOf } from "./s3-error.js";
import { SILENT_TRIES } from "./silence.js";

/** Bytes that come with the first request: small files whole, and all that is needed to tell a format. */
const HEAD_BYTES = 64 << 10;
/** A window grows from the first size to the second while reading goes on. */
const WINDOW_BYTES = { first: 1 << 20, most: 8 << 20 };
/** Windows of one reader that are on their way at once. Measured by `bench/s3.mjs`: more than this gains nothing. */
const WINDOWS = 3;
/** Bytes ahead of all readers of one storage together; each has one window at least. */
const AHEAD_BYTES = 96 << 20;

/** Bytes that readers of one storage have asked for and not read. */
export type AheadBudget = { used: number };

/** Opens an object at its present version. */
export async function openObject(
  session: S3Session,
  address: S3Address,
  path: string,
  budget: AheadBudget,
): Promise<FileReader> {
  const got = await getHead(session, address, path);
  const ref = objectRef(address, got);
  const head = ref.size === 0 ? new Uint8Array(0) : await collect(got, Math.min(HEAD_BYTES, ref.size), path);
  return new ObjectReader(session, address, ref, head, budget);
}

async function getHead(session: S3Session, address: S3Address, path: string): Promise<GotObject> {
  try {
    return await getObject(session, address, { range: [0, HEAD_BYTES - 1] });
  } catch (error) {
    // an empty object has no byte 0
    if (statusOf(error) !== 416) throw s3Error(error, path, "read");
  }
  try {
    return await getObject(session, address, {});
  } catch (error) {
    throw s3Error(error, path, "read");
  }
}

async function collect({ body }: GotObject, length: number, path: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let have = 0;
  try {
    for await (const chunk of body) {
      const part = chunk.subarray(0, length - have);
      if (part.length === 0) break; // more than was asked for: the server ignores ranges
      bytes.set(part, have);
      have += part.length;
    }
  } catch (error) {
    throw s3Error(error, path, "read");
  }
  // what a broken connection left out is asked for again when it is read
  return bytes.subarray(0, have);
}

class ObjectReader implements FileReader {
  /** Made with the first window: small objects have none. */
  private stop: AbortController | undefined;
  private windows: ReadAheadWindow[] = [];
  /** Where the last read ended: a read that begins here goes on. */
  private next = 0;
  private nextWindow = WINDOW_BYTES.first;

  constructor(
    private readonly session: S3Session,
    private readonly address: S3Address,
    readonly ref: FileRef,
    private readonly head: Uint8Array,
    private readonly budget: AheadBudget,
  ) {}

  async read(into: Uint8Array, position: number): Promise<number> {
    const wanted = into.subarray(0, Math.max(0, this.ref.size - position));
    if (wanted.length === 0) return 0;
    try {
      const count = await this.readSome(wanted, position);
      this.next = position + count;
      return count;
    } catch (error) {
      throw this.failure(error);
    }
  }

  async close(): Promise<void> {
    this.stop?.abort(
      new DynaframeError("READ_FAILED", `${this.ref.path} was closed while it was read`, { file: this.ref.path }),
    );
    this.dropWindows();
  }

  private async readSome(into: Uint8Array, position: number): Promise<number> {
    if (position < this.head.length) {
      const part = this.head.subarray(position, position + into.length);
      into.set(part);
      return part.length;
    }
    const current = this.windowAt(position);
    if (current !== undefined) return this.takeFrom(current, into);
    if (position !== this.next) return this.readOnce(into, position);
    this.dropWindows();
    return this.takeFrom(this.addWindow(position), into);
  }

  /** The first window, if reading goes on in it. */
  private windowAt(position: number): ReadAheadWindow | undefined {
    const [first] = this.windows;
    return first?.position === position ? first : undefined;
  }

  private async takeFrom(window: ReadAheadWindow, into: Uint8Array): Promise<number> {
    this.lookAhead();
    const count = await window.take(into);
    if (window.position === window.end) {
      this.windows.shift();
      this.budget.used -= window.end - window.start;
      this.lookAhead();
    }
    return count;
  }

  private lookAhead(): void {
    for (let last = this.windows.at(-1); last !== undefined && last.end < this.ref.size; last = this.windows.at(-1)) {
      if (this.windows.length >= WINDOWS || this.budget.used + this.nextWindow > AHEAD_BYTES) return;
      this.addWindow(last.end);
    }
  }

  private addWindow(start: number): ReadAheadWindow {
    const end = Math.min(this.ref.size, start + this.nextWindow);
    this.nextWindow = Math.min(WINDOW_BYTES.most, this.nextWindow * 2);
    const window = this.window(start, end);
    this.windows.push(window);
    this.budget.used += end - start;
    return window;
  }

  private window(start: number, end: number): ReadAheadWindow {
    const { signal } = (this.stop ??= new AbortController());
    const { maxAttempts, readTimeout } = this.session.settings;
    const control = { signal, maxAttempts, patience: SILENT_TRIES * readTimeout };
    return new ReadAheadWindow(start, end, (from, to, stopped) => this.fetch(from, to, stopped), control);
  }

  private dropWindows(): void {
    for (const { start, end } of this.windows) this.budget.used -= end - start;
    this.windows = [];
  }

  /** Exactly what was asked for, by one request of its own. */
  private async readOnce(into: Uint8Array, position: number): Promise<number> {
    const window = this.window(position, position + into.length);
    for (let have = 0; have < into.length;) have += await window.take(into.subarray(have));
    return into.length;
  }

  private async fetch(from: number, to: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { etag, path } = this.ref;
    const got = await getObject(this.session, this.address, {
      range: [from, to - 1],
      signal,
      ...(etag === "" ? {} : { etag }),
    });
    // not every server heeds If-Match
    if (got.etag !== undefined && plainEtag(got.etag) !== etag) throw changed(path);
    if (!got.ranged && from > 0) {
      throw new DynaframeError("READ_FAILED", `${path} cannot be read in parts: the server ignores ranges`, {
        file: path,
        hint: "Use a server that answers ranged requests.",
      });
    }
    return got.body;
  }

  private failure(error: unknown): unknown {
    const known = s3Error(error, this.ref.path, "read");
    if (!(known instanceof DynaframeError) || known.code !== "PATH_NOT_FOUND") return known;
    return new DynaframeError("SOURCE_VANISHED", `${this.ref.path} was opened but is no longer there`, {
      file: this.ref.path,
      hint: "run again when nothing deletes the file",
      cause: known.cause,
    });
  }
}

const changed = (file: string): DynaframeError =>
  new DynaframeError("SOURCE_CHANGED", `${file} changed while it was read`, {
    file,
    hint: "run again when nothing writes to the file",
  });
