/** Writing a frame: run aside, publish whole files, register, report. */
import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunOptions, WrittenFile } from "../../engine/index.js";
import type { FormatOptions } from "../../formats/index.js";
import type { Relation, SinkTarget } from "../../plan/ir/relation.js";
import type { FileRef, Storage } from "../../storage/index.js";
import { fileRef } from "../../storage/file-ref.js";
import { isDataFile } from "../../storage/data-file.js";
import { createStaging } from "../../storage/staging.js";
import { DynaframeError } from "../../types/error.js";
import type { Environment } from "../environment.js";
import { errorTotal, type FrameNode, type FrameSession, type Resolved } from "../frame-node.js";

export type WriteMode = "append" | "overwrite" | "error" | "ignore";

export type WriteTarget = {
  readonly path: string;
  readonly format: SinkTarget["format"];
  readonly formatOptions: FormatOptions;
  readonly partitionKeys: readonly string[];
  readonly compression?: string;
  readonly mode: WriteMode;
};

/** What a write did. `read = written + errors + filtered` when records map one to one to rows; `balanced` says whether it holds. */
export type WriteReport = {
  /** Records of the sources, malformed ones included. For tables that are not one to one with records: the rows of the plan. */
  readonly read: number;
  readonly written: number;
  /** Malformed records and failed functions. */
  readonly errors: number;
  /** Records left out on purpose. */
  readonly filtered: number;
  /** Values that a cast turned to null, by path. */
  readonly nulled: Readonly<Record<string, number>>;
  readonly files: readonly PublishedFile[];
  readonly balanced: boolean;
  /** True when mode "ignore" found an existing target and wrote nothing. */
  readonly skipped: boolean;
};
export type PublishedFile = FileRef & { readonly rows: number; readonly partition: readonly (string | null)[]; readonly folder: string;
  /** In a job: where the file waits for the commit, until which `path` does not exist. */
  readonly staged?: string;
};

export async function writeFrame(environment: Environment, node: FrameNode, target: WriteTarget, run: RunOptions = {}): Promise<WriteReport> {
  const { session, resolve } = environment;
  const { storage } = session;
  const existing = await listExisting(storage, target.path);
  if (existing.length > 0 && target.mode === "error") throw exists(target.path, existing.length);
  if (existing.length > 0 && target.mode === "ignore") {
    return { read: 0, written: 0, errors: 0, filtered: 0, nulled: {}, files: [], balanced: true, skipped: true };
  }
  const resolved = await resolve(node, run);
  const engine = await session.engine();
  checkPartitionKeys(resolved.relation, target.partitionKeys);
  const files = await runAside(session, target, (directory) => engine.write(resolved.relation, sinkTarget(target, directory), run));
  if (target.mode === "overwrite" && !session.run()) await removeReplaced(storage, existing, files);
  const nulled = Object.fromEntries(await engine.nulledCasts(resolved.relation, run));
  return report(resolved, files, nulled, resolved.recordwise ? undefined : await engine.count(resolved.relation, run));
}

const sinkTarget = ({ format, formatOptions, partitionKeys, compression }: WriteTarget, directory: string): SinkTarget =>
  ({ format, options: formatOptions, directory, partitionKeys, ...(compression === undefined ? {} : { compression }) });

/**
 * Files are written in a folder beside the target and then published one by one under unique names, each of them whole. In a job they stay
 * in the run's folder until the commit; `staged` says where.
 */
async function runAside(session: FrameSession, target: WriteTarget, write: (directory: string) => Promise<readonly WrittenFile[]>): Promise<readonly PublishedFile[]> {
  const { storage } = session;
  const scope = session.run();
  if (scope) {
    const directory = await scope.stagingFolder(storage.stagingBeside(target.path));
    return Promise.all(named(storage, target, await write(directory)).map(inPlaceAtCommit));
  }
  const staging = await createStaging(storage.stagingBeside(target.path) ?? join(tmpdir(), "dynaframe-staging"));
  const published: PublishedFile[] = [];
  try {
    for (const { localFile, final, ...file } of named(storage, target, await write(staging.path))) {
      published.push({ ...(await storage.publish(localFile, final, { ifAbsent: true })), ...file });
    }
    return published;
  } catch (error) {
    // a write that fails half-way leaves nothing behind; what cannot be removed now must not hide why it failed
    for (const { path } of published) await storage.remove(path).catch(() => undefined);
    throw error;
  } finally {
    await staging.remove();
  }
}

type NamedFile = WrittenFile & { readonly final: string };

function named(storage: Storage, target: WriteTarget, written: readonly WrittenFile[]): readonly NamedFile[] {
  const base = storage.resolve(target.path), id = randomUUID();
  return written.map((file, index) => ({
    ...file, final: [base, file.folder, `part-${String(index).padStart(5, "0")}-${id}${extension(target)}`].filter(Boolean).join("/"),
  }));
}

/** A rename keeps what identifies a file's bytes; where the commit copies, the file is scanned again by its first reader. */
async function inPlaceAtCommit({ localFile, final, rows, partition, folder }: NamedFile): Promise<PublishedFile> {
  const ref = fileRef(final, await stat(localFile, { bigint: true }));
  return { ...ref, rows, partition, folder, staged: localFile };
}

function extension({ format, compression }: WriteTarget): string {
  if (format === "parquet") return compression && compression !== "snappy" ? `.${compression === "none" ? "" : `${compression}.`}parquet` : ".snappy.parquet";
  const suffix = compression === "gzip" ? ".gz" : compression === "zstd" ? ".zst" : "";
  return `.${format}${suffix}`;
}

export async function listExisting(storage: Storage, path: string): Promise<readonly FileRef[]> {
  const files: FileRef[] = [];
  try {
    for await (const file of storage.list(path)) if (isDataFile(file, storage.resolve(path))) files.push(file);
  } catch (error) {
    if (error instanceof DynaframeError && error.code === "PATH_NOT_FOUND") return [];
    throw error;
  }
  return files;
}

async function removeReplaced(storage: Storage, existing: readonly FileRef[], written: readonly PublishedFile[]): Promise<void> {
  const kept = new Set(written.map((f) => f.path));
  for (const file of existing) if (!kept.has(file.path)) await storage.remove(file.path);
}

function checkPartitionKeys(relation: Relation, keys: readonly string[]): void {
  const names = relation.type.fields.map((f) => f.name);
  const unknown = keys.find((key) => !names.includes(key));
  if (unknown !== undefined) {
    throw new DynaframeError("BAD_PARTITION_KEY", `partitionKeys: ${unknown} is not a field of the frame.`, { path: unknown, expected: names.join(", "), hint: "Partition keys are top-level fields." });
  }
  if (keys.length > 0 && keys.length === names.length) {
    throw new DynaframeError("BAD_PARTITION_KEY", "Every field is a partition key; nothing would be left for the files.", { hint: "Leave at least one field out of partitionKeys." });
  }
}

const exists = (path: string, count: number): DynaframeError =>
  new DynaframeError("TARGET_EXISTS", `${path} already holds ${count} data files.`, { file: path, hint: "Use mode append, overwrite or ignore, or another path." });

function report(resolved: Resolved, files: readonly PublishedFile[], nulled: Readonly<Record<string, number>>, planRows: number | undefined): WriteReport {
  const written = files.reduce((sum, f) => sum + f.rows, 0);
  if (planRows !== undefined) return { read: planRows, written, errors: 0, filtered: 0, nulled, files, balanced: planRows === written, skipped: false };
  const read = resolved.sources.reduce((sum, s) => sum + s.records, 0);
  const errors = errorTotal(resolved);
  const filtered = resolved.dropped.reduce((sum, d) => sum + d.count, 0);
  return { read, written, errors, filtered, nulled, files, balanced: read === written + errors + filtered, skipped: false };
}
