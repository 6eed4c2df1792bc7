/**
 * The storage port: list, ranged read, put-if-absent, etag. One implementation per scheme in a file of its own
 * (`file.ts`; `s3.ts` later). Paths are addresses: `/abs/or/rel/path` and `file:///…` for files, `s3://bucket/key` for
 * S3.
 */
import type { DynaframeError } from "../types/error.js";

/** A file as listed: what identifies its bytes. Two reads with equal (path, etag, size) see the same bytes. */
export type FileRef = {
  /** Full address in the storage's own spelling, `/` between levels, never percent-encoded. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Opaque; files: `<mtime ns>-<size>-<inode>`. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  /** Storage class of the object (S3: `STANDARD`, `GLACIER`, …), where the storage has classes. */
  readonly storageClass?: string;
};

export type ListOptions = {
  /** Descend into folders; default true. */
  readonly recurse?: boolean;
  readonly signal?: AbortSignal;
  /**
   * Called for each folder or file below the address that may not be looked at; the rest is listed. Absent: it is an
   * error.
   */
  readonly onUnreadable?: (path: string, error: DynaframeError) => void;
};

/** An open file at one version. */
export interface FileReader {
  readonly ref: FileRef;
  /** Fills `into` from byte `position`; returns the bytes read, 0 only at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** A file being written aside; invisible under its final name until `commit`. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Publishes the file; with `ifAbsent` an existing file is an error with code TARGET_EXISTS. */
  commit(options?: { readonly ifAbsent?: boolean }): Promise<FileRef>;
  abort(): Promise<void>;
}

/** How an engine with an S3 reader of its own reaches an object. */
export type EngineAccess = {
  /** `s3://bucket/key`. */
  readonly url: string;
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly pathStyle: boolean;
  /** Undefined: requests are not signed. */
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly requesterPays: boolean;
};

/**
 * A GET for the bytes of one version of a file that any thread can make, without the storage; plain data, good for some
 * minutes.
 */
export type PlainRequest = {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number | undefined;
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
};

export interface Storage {
  readonly scheme: string;
  /** True if this storage serves the address. */
  accepts(address: string): boolean;
  /** The address in canonical spelling (absolute, no trailing slash). */
  resolve(address: string): string;
  /**
   * Files below a folder, or the one file itself; sorted by path, code unit order. A missing address is PATH_NOT_FOUND.
   */
  list(address: string, options?: ListOptions): AsyncIterable<FileRef>;
  /** The file now, or undefined when there is none. */
  stat(path: string): Promise<FileRef | undefined>;
  /** Opens for reading; PATH_NOT_FOUND, ACCESS_DENIED. */
  open(path: string): Promise<FileReader>;
  create(path: string): Promise<FileWriter>;
  /** Publishes a finished local temporary file under `path`, by rename or upload; parent folders are made. */
  publish(localFile: string, path: string, options?: { readonly ifAbsent?: boolean }): Promise<FileRef>;
  /** Removes one file; a missing one is no error. */
  remove(path: string): Promise<void>;
  /**
   * The path an engine or worker may open directly, its etags being those of `fileRef`; undefined when the bytes must
   * go through `open`.
   */
  localPath(path: string): string | undefined;
  /**
   * A local copy of that version of a file that is not local, made if there is room for it; undefined when there is
   * none, or it could not be made: then the bytes must go through `open`. Copies last as long as the storage does.
   */
  copy?(ref: FileRef, signal?: AbortSignal): Promise<string | undefined>;
  /** Such a copy, if it is there. */
  copyOf?(ref: FileRef): string | undefined;
  /**
   * How a thread gets the bytes of that version by itself; undefined when they must go through `open`. Whatever goes
   * wrong then, `open` tells.
   */
  request?(ref: FileRef): Promise<PlainRequest | undefined>;
  /** For engines that read S3 themselves; undefined when the bytes must go through `open`, as with keys that expire. */
  engineAccess?(path: string): Promise<EngineAccess | undefined>;
  /**
   * A folder next to `address` for temporary files that `publish` can rename from, or undefined (then the system's).
   */
  stagingBeside(address: string): string | undefined;
}
