/** Writing a frame: run aside, publish whole files, register, report. */
import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import type { EngineSession, RunOptions, WrittenFile } from "../../engine/index.js";
import type { FormatOptions } from "../../formats/index.js";
import { isTextCodec, packedSuffix } from "../../formats/pack/text-codec.js";
import type { Relation, SinkTarget } from "../../plan/ir/relation.js";
import type { FileRef, Storage } from "../../storage/index.js";
import { fileRef } from "../../storage/file-ref.js";
import { isDataFile } from "../../storage/data-file.js";
import { createStaging } from "../../storage/staging.js";
import { syncingEarly } from "../../storage/sync-early.js";
import { DynaframeError } from "../../types/error.js";
import type { Environment } from "../environment.js";
import type { FrameNode, FrameSession, Resolved } from "../frame-node.js";
import { startEngine } from "../start-engine.js";
import { nulledKeys } from "./nulled-keys.js";
import { removeReplaced, requireRemovable } from "./replace-files.js";
import { skippedReport, writeReport, type PublishedFile, type WriteReport } from "./write-report.js";

export type { WriteReport } from "./write-report.js";

/**
 * What becomes of files that are there: they stay (`append`), they go once the new ones are whole (`overwrite`), the
 * write fails with TARGET_EXISTS (`error`) or is passed over (`ignore`).
 */
export type WriteMode = "append" | "overwrite" | "error" | "ignore";

export type WriteTarget = {
  readonly path: string;
  readonly format: SinkTarget["format"];
  readonly formatOptions: FormatOptions;
  readonly partitionKeys: readonly string[];
  readonly compression?: string;
  readonly mode: WriteMode;
};

export type FrameWrite = { readonly node: FrameNode; readonly target: WriteTarget };

/**
 * Writes frames, all of them or none: each is written aside and counted before any of their files is published. Reports
 * in their order.
 */
export async function writeFrames(
  environment: Environment,
  writes: readonly FrameWrite[],
  run: RunOptions = {},
): Promise<readonly WriteReport[]> {
  const { session } = environment;
  const { storage } = session;
  const aside: AsideWrite[] = [];
  try {
    for (const { node, target } of writes) aside.push(await writeAside(environment, node, target, run));
    const published =
      session.run() === undefined
        ? await publishAll(
            storage,
            aside.map(({ files }) => files),
          )
        : await Promise.all(aside.map(({ files }) => Promise.all(files.map(inPlaceAtCommit))));
    const reports = aside.map(({ report }, i) => report(published[i] ?? []));
    // last, since what is replaced may be what was read
    if (session.run() === undefined)
      await removeReplaced(
        storage,
        aside.flatMap(({ replaced }) => replaced),
        published.flat(),
      );
    return reports;
  } finally {
    await Promise.all(aside.map(({ close }) => close()));
  }
}

/** A frame in files that nobody sees yet. */
type AsideWrite = {
  readonly files: readonly NamedFile[];
  /** Data files that go when the new ones are there. */
  readonly replaced: readonly FileRef[];
  readonly report: (published: readonly PublishedFile[]) => WriteReport;
  /** Removes what was not published. */
  readonly close: () => Promise<void>;
};

const NOTHING: AsideWrite = { files: [], replaced: [], report: skippedReport, close: async () => undefined };

async function writeAside(
  environment: Environment,
  node: FrameNode,
  target: WriteTarget,
  run: RunOptions,
): Promise<AsideWrite> {
  const { session, resolve } = environment;
  const { storage } = session;
  const existing = await listExisting(storage, target.path);
  if (existing.length > 0 && target.mode === "error") throw exists(target.path, existing.length);
  if (existing.length > 0 && target.mode === "ignore") return NOTHING;
  if (target.mode === "overwrite") await requireRemovable(storage, existing);
  if (!sourceStartsEngine(node)) startEngine(session);
  const resolved = await resolve(node, run, (rows) =>
    Object.freeze({ kind: "sink", input: rows, target: sinkTarget(target, ""), type: rows.type }),
  );
  const engine = await session.engine();
  // of a job's increment without new files not even the fields are known; elsewhere an empty frame is written as a file
  // without rows
  const isNothing =
    session.run() !== undefined
    && resolved.relation.type.fields.length === 0
    && (await engine.count(resolved.relation, run)) === 0;
  if (!isNothing) checkPartitionKeys(resolved.relation, target.partitionKeys);
  const staging = isNothing ? undefined : await stagingOf(session, target);
  try {
    let written: readonly WrittenFile[] = [];
    if (staging !== undefined) {
      const write = (): Promise<readonly WrittenFile[]> =>
        engine.write(resolved.relation, sinkTarget(target, staging.path), run);
      // uploads need no sync; of partitioned data no file is large
      written = await (storage.localPath(target.path) === undefined || target.partitionKeys.length > 0
        ? write()
        : syncingEarly(staging.path, write));
    }
    const nulled = addedUp(
      await nulledCasts(resolved, engine, run),
      await nulledKeys(resolved.relation, target.partitionKeys, written, engine, run),
    );
    const rows = resolved.recordwise ? undefined : (givenRows(written) ?? (await engine.count(resolved.relation, run)));
    return {
      files: named(storage, target, written),
      replaced: target.mode === "overwrite" ? existing : [],
      close: async () => {
        await staging?.remove();
      },
      report: (published) =>
        writeReport(
          resolved,
          published,
          published.reduce((sum, f) => sum + f.rows, 0),
          nulled,
          rows,
        ),
    };
  } catch (error) {
    await staging?.remove();
    throw error;
  }
}

/** Beside the target where it has one; in a job the run's own, whose files stay until the commit. */
async function stagingOf(
  session: FrameSession,
  target: WriteTarget,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const beside = session.storage.stagingBeside(target.path);
  const scope = session.run();
  if (scope !== undefined) return { path: await scope.stagingFolder(beside), remove: async () => undefined };
  return createStaging(beside ?? (await session.stagingFolder("write")));
}

/** Where the plan is told to its only source (`aboveInput` of the resolver). */
function sourceStartsEngine({ lower, inputs: [input, ...others], startsEngine }: FrameNode): boolean {
  return input === undefined
    ? startsEngine === true
    : lower !== undefined && others.length === 0 && sourceStartsEngine(input);
}

/** Rows of the plan by the engine's account of the write; undefined where it keeps none. */
function givenRows(written: readonly WrittenFile[]): number | undefined {
  const given = written.flatMap((file) => file.given ?? []);
  return given.length > 0 && given.length === written.length ? given.reduce((sum, rows) => sum + rows, 0) : undefined;
}

/** By path, over the plan that was written and those behind its functions, each once. */
async function nulledCasts(
  resolved: Resolved,
  engine: EngineSession,
  run: RunOptions,
): Promise<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const relation of new Set([resolved.relation, ...(resolved.behind ?? [])])) {
    for (const [path, count] of await engine.nulledCasts(relation, run)) totals[path] = (totals[path] ?? 0) + count;
  }
  return totals;
}

const addedUp = (
  some: Readonly<Record<string, number>>,
  others: Readonly<Record<string, number>>,
): Record<string, number> => ({
  ...some,
  ...Object.fromEntries(Object.entries(others).map(([path, count]) => [path, (some[path] ?? 0) + count])),
});

const sinkTarget = (
  { format, formatOptions, partitionKeys, compression }: WriteTarget,
  directory: string,
): SinkTarget => ({
  format,
  options: formatOptions,
  directory,
  partitionKeys,
  ...(compression === undefined ? {} : { compression }),
});

/** Files published at once; uploads wait for the network most of the time. */
const PUBLISHED_AT_ONCE = 4;

/** Under unique names, each file whole. When one cannot be published, those that were are taken back. */
async function publishAll(
  storage: Storage,
  frames: readonly (readonly NamedFile[])[],
): Promise<readonly (readonly PublishedFile[])[]> {
  const published: { readonly frame: number; readonly file: PublishedFile }[] = [];
  const waiting = frames.flatMap((files, frame) => files.map((file) => ({ frame, file })));
  try {
    for (let from = 0; from < waiting.length; from += PUBLISHED_AT_ONCE) {
      const outcomes = await Promise.allSettled(
        waiting
          .slice(from, from + PUBLISHED_AT_ONCE)
          .map(async ({ frame, file: { localFile, final, ...file } }) => ({
            frame,
            file: { ...(await storage.publish(localFile, final, { ifAbsent: true })), ...file },
          })),
      );
      published.push(...outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])));
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    }
  } catch (error) {
    await Promise.allSettled(published.map(({ file }) => storage.remove(file.path)));
    throw error;
  }
  return frames.map((_, i) => published.flatMap(({ frame, file }) => (frame === i ? [file] : [])));
}

type NamedFile = WrittenFile & { readonly final: string };

function named(storage: Storage, target: WriteTarget, written: readonly WrittenFile[]): readonly NamedFile[] {
  const base = storage.resolve(target.path);
  const id = randomUUID();
  return written.map(({ localFile, folder, partition, rows }, index) => ({
    localFile,
    folder,
    partition,
    rows,
    final: [base, folder, `part-${String(index).padStart(5, "0")}-${id}${extension(target)}`].filter(Boolean).join("/"),
  }));
}

/**
 * A rename keeps what identifies a file's bytes; where the commit copies, the file is scanned again by its first
 * reader.
 */
async function inPlaceAtCommit({ localFile, final, rows, partition, folder }: NamedFile): Promise<PublishedFile> {
  const ref = fileRef(final, await stat(localFile, { bigint: true }));
  return { ...ref, rows, partition, folder, staged: localFile };
}

function extension({ format, compression = "" }: WriteTarget): string {
  if (format === "parquet")
    return compression !== "" && compression !== "snappy"
      ? `.${compression === "none" ? "" : `${compression}.`}parquet`
      : ".snappy.parquet";
  if (format === "avro" || format === "orc") return `.${format}`; // packed inside
  return `.${format}${isTextCodec(compression) ? packedSuffix(compression) : ""}`;
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

function checkPartitionKeys(relation: Relation, keys: readonly string[]): void {
  const names = relation.type.fields.map((f) => f.name);
  const unknown = keys.find((key) => !names.includes(key));
  if (unknown !== undefined) {
    throw new DynaframeError("BAD_PARTITION_KEY", `partitionKeys: ${unknown} is not a field of the frame.`, {
      path: unknown,
      expected: names.join(", "),
      hint: "Partition keys are top-level fields.",
    });
  }
  if (keys.length > 0 && keys.length === names.length) {
    throw new DynaframeError(
      "BAD_PARTITION_KEY",
      "Every field is a partition key; nothing would be left for the files.",
      { hint: "Leave at least one field out of partitionKeys." },
    );
  }
}

const exists = (path: string, count: number): DynaframeError =>
  new DynaframeError("TARGET_EXISTS", `${path} already holds ${count} data files.`, {
    file: path,
    hint: "Use mode append, overwrite or ignore, or another path.",
  });
