/**
 * Text files of scans as local Parquet files with arms, made by their formats' own readers: the way every engine reads
 * files that drift.
 */
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { StageResult, WrittenResult } from "../formats/index.js";
import type { ScanFile, ScanRelation } from "../plan/ir/relation.js";
import { holdsType } from "../plan/needed-fields.js";
import type { TaskCluster } from "../shapes/task-cluster.js";
import { struct, type StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { typeToJson } from "../types/json.js";
import type { EngineEnvironment, RunOptions } from "./index.js";
import { interrupted } from "./interrupted.js";
import { scanBytes, type ScanCounts } from "./stages.js";

/** The staged files of one partition. */
export type StagedPart = { readonly result: StageResult; readonly partition: ScanFile["partition"] };

export type Staging = { readonly type: StructType; readonly layout: "nested" | "tables"; readonly key: string };

export class FileStaging {
  private readonly stages = new Map<string, Promise<readonly StagedPart[]>>();
  /** Folders by the scan that was staged in them. */
  private readonly folders = new Map<string, string[]>();
  /** Record types that scans were staged as, by the key of the whole. */
  private readonly chosen = new Map<string, StructType[]>();
  private readonly typeKeys = new WeakMap<StructType, string>();
  /** By the type as JSON. */
  private readonly keysOfTexts = new Map<string, string>();
  /** Scans whose files are gone, whatever was staged beside them. */
  private readonly released = new Set<string>();
  /** Scans whose written result has been taken. */
  private readonly taken = new Set<string>();
  /** Scans by the files they name, which all copies that rewrites make of a scan share. */
  private readonly held = new WeakMap<readonly ScanFile[], Set<string>>();
  private stagings = 0;

  /** `hold` is told once of each scan that is staged, with what lives as long as plans have it. */
  constructor(
    private readonly environment: EngineEnvironment,
    private readonly counts: ScanCounts,
    private readonly cluster?: TaskCluster,
    private readonly hold: (scan: ScanRelation["files"], id: string) => void = () => undefined,
  ) {}

  /** What one reading of a scan is kept by: equal for scans of the same files, domain and types. */
  scanKey({ id, type, domain }: ScanRelation): string {
    return `scan:${id}:${domain?.name ?? ""}:${this.typeKey(type)}:${domain ? this.typeKey(domain.recordType) : ""}`;
  }

  /**
   * Equal types have equal keys in this session. Written out once per type: those of wide records are long, and they
   * are asked for at every step.
   */
  private typeKey(type: StructType): string {
    const known = this.typeKeys.get(type);
    if (known !== undefined) return known;
    const text = JSON.stringify(typeToJson(type));
    const key = this.keysOfTexts.get(text) ?? `t${this.keysOfTexts.size}`;
    this.keysOfTexts.set(text, key);
    this.typeKeys.set(type, key);
    return key;
  }

  /**
   * What a scan is staged as: nested records, or one flat table per list. Of records at first what a plan needs; the
   * plan that needs more has all of it staged, for itself and those that follow: a source is read twice at most
   * (docs/decisions/0126).
   */
  stagingOf(node: ScanRelation, needed: StructType | undefined = undefined): Staging {
    const type = node.domain?.recordType ?? withoutPartitions(node);
    const layout = node.domain === undefined ? "nested" : "tables";
    const staging = (of: StructType): Staging => ({
      type: of,
      layout,
      key: `${node.id}:${layout}:${this.typeKey(of)}`,
    });
    const whole = staging(type);
    if (needed === undefined || layout === "tables" || node.exact !== true) return whole;
    const wanted = withoutPartitions({ ...node, type: needed });
    const chosen = [...(this.chosen.get(whole.key) ?? [])];
    const aside = this.stagedByScan(node);
    if (chosen.length === 0 && aside !== undefined) chosen.push(aside.type);
    const known = chosen.find((of) => holdsType(of, wanted));
    if (known !== undefined) {
      this.chosen.set(whole.key, chosen);
      return staging(known);
    }
    const added = chosen.length === 0 ? staging(wanted) : whole;
    this.chosen.set(whole.key, [...chosen, added.type]);
    return added;
  }

  /**
   * How the files of a scan are read: text is staged, once per type and layout; Parquet is read where it lies, by every
   * use.
   */
  reading(node: ScanRelation): { readonly key: string; readonly label: string } | undefined {
    if (node.format === "parquet") return undefined;
    const { key, layout } = this.stagingOf(node);
    return { key, label: layout === "tables" ? "staged as one Parquet table per list" : "staged as Parquet" };
  }

  /**
   * The format rewrites the files as Parquet, once per type and layout; files of different partitions go into folders
   * of their own.
   */
  staged(
    node: ScanRelation,
    options: RunOptions,
    { type, layout, key } = this.stagingOf(node),
  ): Promise<readonly StagedPart[]> {
    const ids = this.held.get(node.files) ?? new Set<string>();
    if (!ids.has(node.id)) {
      this.held.set(node.files, ids.add(node.id));
      this.hold(node.files, node.id);
    }
    return once(this.stages, key, options, async () => {
      const parts: StagedPart[] = [];
      this.counts.add(node.id, 1, scanBytes(node));
      const aside = this.stagedByScan(node);
      if (layout === "nested" && type === aside?.type) return [{ result: aside.result, partition: undefined }];
      for (const files of groupBy(node.files, (file) => JSON.stringify(file.partition ?? [])).values()) {
        parts.push({ result: await this.stage(files, node, type, layout, options), partition: files[0]?.partition });
      }
      return parts;
    });
  }

  /** Removes the staged files of a scan. */
  async release(node: ScanRelation): Promise<void> {
    const aside = this.stagedByScan(node);
    this.released.add(node.id);
    for (const file of aside?.result.tables.flatMap(({ files }) => files) ?? []) await rm(file, { force: true });
    if (aside?.written !== undefined) await rm(aside.written.file.path, { force: true });
    await this.forget(node.id);
  }

  /** Removes what was staged of the scan of this id here; what the scan itself put aside stays. */
  async forget(id: string): Promise<void> {
    for (const key of [...this.stages.keys()]) {
      if (!key.startsWith(`${id}:`)) continue;
      await this.stages.get(key)?.catch(() => undefined);
      this.stages.delete(key);
    }
    for (const key of [...this.chosen.keys()]) if (key.startsWith(`${id}:`)) this.chosen.delete(key);
    const folders = this.folders.get(id) ?? [];
    this.folders.delete(id);
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }

  /**
   * Values of the scan that no arm of its type held, by path, and what tells the staging; none where the type was found
   * in the files. Stages what is not staged yet.
   */
  async misfits(
    node: ScanRelation,
    options: RunOptions,
  ): Promise<{ readonly key: string; readonly byPath: readonly (readonly [string, number])[] }> {
    const parts = node.format === "parquet" || node.exact === true ? [] : await this.staged(node, options);
    return { key: this.stagingOf(node).key, byPath: parts.flatMap(({ result }) => [...(result.misfits ?? [])]) };
  }

  /** The result that the scan wrote, if it is the one; given out once. */
  takeWritten(node: ScanRelation, isAsked: (written: WrittenResult) => boolean): WrittenResult["file"] | undefined {
    const written = this.stagedByScan(node)?.written;
    if (written === undefined || this.taken.has(node.id) || !isAsked(written)) return undefined;
    this.taken.add(node.id);
    return written.file;
  }

  private stagedByScan({ id, staged }: ScanRelation): ScanRelation["staged"] {
    return this.released.has(id) ? undefined : staged;
  }

  private async stage(
    files: readonly ScanFile[],
    node: ScanRelation,
    type: StructType,
    layout: "nested" | "tables",
    options: RunOptions,
  ): Promise<StageResult> {
    const { environment } = this;
    const { formatOf } = await import("../formats/registry.js");
    const directory = join(environment.stagingDirectory, `scan-${++this.stagings}`);
    await mkdir(directory, { recursive: true });
    this.folders.set(node.id, [...(this.folders.get(node.id) ?? []), directory]);
    const result = await formatOf(node.format).stage(files, node.options, type, layout, {
      storage: environment.storage,
      workers: environment.threads ?? Math.min(8, availableParallelism()),
      directory,
      ...(this.cluster === undefined ? {} : { cluster: this.cluster }),
      sound: node.sound === true,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    environment.onBytesRead?.(
      "stage",
      files.reduce((sum, { size }) => sum + size, 0),
    );
    return result;
  }
}

/**
 * Concurrent callers share the work; one that is interrupted does not take the others down, and what failed may be
 * tried again.
 */
export async function once<T>(
  made: Map<string, Promise<T>>,
  key: string,
  options: RunOptions,
  make: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const known = made.get(key);
    const work =
      known
      ?? make().catch((error: unknown) => {
        throw options.signal?.aborted ? interrupted(error) : error;
      });
    if (!known) made.set(key, work);
    try {
      return await work;
    } catch (error) {
      if (made.get(key) === work) made.delete(key);
      const others =
        known !== undefined
        && error instanceof DynaframeError
        && error.code === "INTERRUPTED"
        && !options.signal?.aborted;
      if (!others) throw error;
    }
  }
}

/** @throws PATH_NOT_FOUND or FILE_CHANGED when the file is not what was listed. */
export async function requireUnchanged(file: ScanFile, { storage }: EngineEnvironment): Promise<void> {
  const now = await storage.stat(file.path);
  if (now?.etag === file.etag) return;
  throw now === undefined
    ? new DynaframeError("PATH_NOT_FOUND", `The file is gone: ${file.path}`, {
        file: file.path,
        hint: "Crawl or list again.",
      })
    : new DynaframeError("FILE_CHANGED", `The file changed after it was listed: ${file.path}`, {
        file: file.path,
        hint: "Crawl or list again.",
      });
}

/**
 * The exact type of a Parquet file; undefined for one without columns, or that its ledger counts as one malformed
 * record: it has no rows.
 */
export async function parquetTypeOf(file: ScanFile, { storage }: EngineEnvironment): Promise<StructType | undefined> {
  const { parquetFileType } = await import("../formats/parquet/scan-footers.js");
  return parquetFileType(file, storage).catch((error: unknown) => {
    if (error instanceof DynaframeError && DAMAGED.includes(error.code)) return undefined;
    throw error;
  });
}

const DAMAGED: readonly string[] = ["TRUNCATED_PARQUET", "INVALID_PARQUET", "TOO_DEEP"];

export const withoutPartitions = ({ type, partitionKeys }: ScanRelation): StructType =>
  struct(type.fields.filter(({ name }) => !partitionKeys.includes(name)));

export const describeFiles = (files: readonly ScanFile[]): string =>
  `${files.length} files, ${files.reduce((sum, { size }) => sum + size, 0)} bytes,`;

/** What a leaf is before it is made, for explain(). */
export function plannedNote(node: {
  readonly kind: string;
  readonly format?: string;
  readonly files?: readonly ScanFile[];
}): string {
  if (node.kind === "scan") return `${node.format}: ${describeFiles(node.files ?? [])} not read yet`;
  return node.kind === "materialize" ? "not computed yet" : "rows in memory";
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item)) ?? [];
    group.push(item);
    groups.set(key(item), group);
  }
  return groups;
}
