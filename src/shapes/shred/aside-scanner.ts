/**
 * Scans tasks and shreds their records in the same pass, into the columns of a type that was guessed before
 * (docs/decisions/0172). The ledgers are those of a plain scan, whatever becomes of the columns: what cannot be
 * written, or does not fit, ends the shredding alone.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { scanShredWasm } from "../generated/scan-shred-wasm.js";
import { instantiateWasm } from "../instantiate-wasm.js";
import { createTaskScanner, runScanTask, type TaskScanner } from "../scan-task.js";
import { type ScanExports, type Scanner, scannerOver } from "../scanner.js";
import type { ShredPlan } from "./plan.js";
import type { ResultPlan } from "./result-columns.js";
import { ResultPartWriter, type PackExports, type ResultPart } from "./result-file.js";
import { StagedTables, type StagedFile } from "./staged-tables.js";
import { applyFixes, misfitsByPath, shredderOver, type WasmShredder } from "./wasm-shredder.js";

/** What is to be shredded beside a scan; plain data, so that it can be sent to a worker. */
export type Aside = {
  readonly plan: ShredPlan;
  readonly directory: string;
  /** The columns of a file that is kept as it is, written besides. */
  readonly result?: ResultPlan | undefined;
};

/** What came of it: the staged files, and the parts of the result. */
export type AsideFiles = { readonly staged: readonly StagedFile[]; readonly parts: readonly ResultPart[] };

/** A task scanner of records that are JSON. */
export type AsideScanner = TaskScanner & {
  /**
   * Completes the files with the records of all tasks so far; undefined, with none left, where the guess or a write has
   * failed.
   */
  finish(): AsideFiles | undefined;
};

/** What wasm/scan-shred.ts exports. */
type AsideExports = ScanExports & PackExports & { shredAside(on: number): void };

type Instance = {
  readonly shredder: WasmShredder<AsideExports>;
  readonly tables: StagedTables;
  readonly part: ResultPartWriter | undefined;
  readonly scanner: Scanner;
};

/**
 * An instance this large has met a file of odd shape, beside at most 48 MB of columns; the next file gets a new one.
 */
const MAX_KEPT_MEMORY = 128 << 20;
/** Files of one thread are numbered: its instances, one after the other. */
const MAX_INSTANCES = 1 << 16;

/** `thread` tells the files of threads that share the folder. */
export function createAsideScanner({ plan, directory, result }: Aside, thread: number): AsideScanner {
  const staged: StagedFile[] = [];
  const parts: ResultPart[] = [];
  const paths: string[] = [];
  let instance: Instance | undefined;
  let failed = false;
  let made = 0;
  /** Scans on without shredding. */
  const plain = createTaskScanner();

  const fail = (): void => {
    failed = true;
    instance?.tables.abandon();
    instance?.part?.abandon();
    instance = undefined;
    for (const path of paths) rmSync(path, { force: true });
  };
  const start = (): Instance => {
    const shredder = shredderOver(instantiate(), plan);
    const number = thread * MAX_INSTANCES + made++;
    const part = result && new ResultPartWriter(join(directory, `result-${number}.parquet`), shredder, result);
    if (part !== undefined) paths.push(part.path);
    const tables = new StagedTables(shredder, directory, number, (rows) => part?.writeGroup(rows));
    paths.push(...tables.paths);
    return {
      shredder,
      tables,
      part,
      scanner: shreddingScanner(shredder, tables, () => {
        failed = true;
      }),
    };
  };
  const complete = ({ tables, part }: Instance): void => {
    staged.push(...tables.finish());
    if (part !== undefined) parts.push(part.finish());
    instance = undefined;
  };
  /** Writing may fail for want of room, which is told where rows are asked for: not by a scan. */
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch {
      fail();
    }
  };
  return {
    expect: (tasks) => {
      plain.expect(tasks);
    },
    close: () => {
      plain.close();
    },
    async scan(task, hooks) {
      if (!failed && instance === undefined)
        guarded(() => {
          instance = start();
        });
      const own = failed ? undefined : instance;
      if (own === undefined || task.reader.kind !== "json") return plain.scan(task, hooks);
      try {
        const part = await runScanTask(own.scanner, task, hooks);
        // a value that the guessed type does not hold: the files' own type is another one
        if (failed || misfitsByPath(own.shredder).size > 0) fail();
        else if (own.scanner.memoryUsed() > MAX_KEPT_MEMORY)
          guarded(() => {
            complete(own);
          });
        return part;
      } catch (error) {
        fail();
        throw error;
      }
    },
    finish() {
      guarded(() => {
        if (instance !== undefined) complete(instance);
      });
      return failed ? undefined : { staged, parts };
    },
  };
}

const instantiate = (): AsideExports => instantiateWasm<AsideExports>(scanShredWasm);

/** A scanner of JSON that shreds nothing, of the same code: what V8 compiles for one it has for all. */
export const createSampler = (): Scanner => scannerOver(instantiate());

/** The scanner of the instance, whose columns are written between blocks. */
function shreddingScanner(shredder: WasmShredder<AsideExports>, tables: StagedTables, onFailure: () => void): Scanner {
  const { wasm } = shredder;
  const scanner = scannerOver(wasm);
  let shreds = false;
  return {
    ...scanner,
    begin(file, layout) {
      scanner.begin(file, layout);
      if (!shreds) wasm.shredAside(1);
      shreds = true;
    },
    scan(offset, length, last) {
      const consumed = scanner.scan(offset, length, last);
      if (!shreds) return consumed;
      try {
        applyFixes(shredder);
        tables.flushFull();
      } catch {
        onFailure();
        shreds = false;
        wasm.shredAside(0);
      }
      return consumed;
    },
  };
}
