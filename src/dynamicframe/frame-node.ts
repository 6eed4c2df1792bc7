/**
 * A frame is a plan: a tree of these nodes, lazy until an action resolves it. Resolving gives a typed relation and the
 * account of what happened on the way; it runs at most once per node and context.
 */
import type { TempViews } from "./context/temp-views.js";
import type { TransformOptions } from "./verbs/verb.js";
import type { Catalog } from "../catalog/index.js";
import type { SecretResolver } from "../catalog/secret-resolver.js";
import type { EngineSession, RunOptions } from "../engine/index.js";
import type { ScanContext } from "../formats/index.js";
import type { Relation } from "../plan/ir/relation.js";
import type { FileLedger, Ledger, MalformedRecord } from "../shapes/ledger.js";
import type { Storage } from "../storage/index.js";
import type { RunScope } from "./run-scope.js";
import type { ContinuousSource } from "./stream/batch-source.js";
import type { StructType } from "../types/data-type.js";
import type { Row, Value } from "../types/value.js";

/** What a node needs of its context to resolve. */
export type FrameSession = {
  readonly catalog: Catalog | undefined;
  /** What SECRET_ID of a connection stands for. */
  readonly secrets: SecretResolver;
  readonly storage: Storage;
  readonly engine: () => Promise<EngineSession>;
  /** Loads the engine's code, which takes part of the time that opening it takes. */
  readonly loadEngine: () => Promise<void>;
  readonly scanContext: (run: RunOptions) => ScanContext;
  /** A fresh folder in this context's staging. */
  readonly stagingFolder: (purpose: string) => Promise<string>;
  /** A fresh id, unique in the session. */
  readonly nextId: () => string;
  /** Whether paths that a schema does not have are errors, where a call does not say. */
  readonly strictPaths: boolean;
  readonly warn: (code: string, message: string) => void;
  /** The running job, if this context is in one. */
  readonly run: () => RunScope | undefined;
  /** The job's arguments, as far as they were given to the context. */
  readonly resolvedOptions: () => ResolvedOptions;
  /** Frames that the context's SQL knows by name. */
  readonly views: TempViews;
};

/** What `getResolvedOptions` gives. */
export type ResolvedOptions = { readonly [name: string]: unknown };

/** One record that could not be read or processed. */
export type ErrorRecord = {
  /** Step that failed, and the caller's `info`. */
  readonly site: string;
  readonly info: string;
  readonly message: string;
  readonly stackTrace: string;
  /** Text as read, for a malformed record. */
  readonly input: string | null;
  /** Bytes of it. */
  readonly bytesread: number | null;
  /** File and byte range. */
  readonly source: string | null;
  /** What the record held, as far as known. */
  readonly record: { readonly [field: string]: Value } | null;
};

/** The errors of one step of the lineage. */
export type ErrorStage = {
  readonly step: string;
  /** Exact. */
  readonly count: number;
  /** May keep fewer than `count`: the first ones. */
  readonly records: readonly ErrorRecord[];
};

/** Where records came from; equal `id`s are one source read once. */
export type SourceAccount = {
  readonly id: string;
  readonly name: string;
  /** The step that read it: its transformationCtx, else the call. */
  readonly step?: string;
  readonly files: number;
  /** Good and malformed ones. */
  readonly records: number;
  readonly malformed: number;
  readonly ledger?: Ledger;
  /** Valid data that hurts, in a source without a ledger. */
  readonly hazards?: Ledger["hazards"];
  /** Those of its files, one by one. */
  readonly ledgers?: () => Promise<readonly FileLedger[]>;
  /** Bytes read to infer the type; 0 when the catalog knew every file. */
  readonly bytesScanned: number;
  readonly notes: readonly string[];
};

/** Records left out on purpose, by reason ("filter", "limit"). */
export type Dropped = { readonly reason: string; readonly count: number };

export type Resolved = {
  readonly relation: Relation;
  readonly sources: readonly SourceAccount[];
  /** Of the whole lineage, in order. */
  readonly errors: readonly ErrorStage[];
  readonly dropped: readonly Dropped[];
  /** False once rows are no longer one to one with records of the sources (children of relationalize, joins). */
  readonly recordwise: boolean;
  /**
   * Plans whose rows went through a function and were loaded again: what their casts nulled is not in `relation`, and
   * counts.
   */
  readonly behind?: readonly Relation[];
};

export type FrameNode = {
  /** The verb or source, as the user called it. */
  readonly kind: string;
  /** Its arguments, for `explain()` and messages. */
  readonly args: unknown;
  readonly inputs: readonly FrameNode[];
  readonly options: TransformOptions;
  /** A source that can be read batch by batch. */
  readonly continuous?: ContinuousSource;
  /**
   * Rows for an action that only reads them, without the work that makes them last; undefined when what `resolve` gives
   * is to be read. Absent where that is always so.
   */
  readonly firstRows?: (
    resolveInputs: () => Promise<readonly Resolved[]>,
    session: FrameSession,
    run: RunOptions,
  ) => Promise<FirstRows | undefined>;
  /**
   * What `resolve` does to the plans of the inputs, without their accounts and without work; absent where there is more
   * to it.
   */
  readonly lower?: (inputs: readonly Relation[]) => Relation;
  /**
   * Where `above` is given, `resolve` begins to open the engine as soon as it knows that the plan needs it; else who
   * asks does.
   */
  readonly startsEngine?: true;
  /** `above`: what the action that asks will run over this node's rows, where that can be told beforehand. */
  readonly resolve: (
    inputs: readonly Resolved[],
    session: FrameSession,
    run: RunOptions,
    above?: PlanAbove,
  ) => Promise<Resolved>;
};

/** The plan of an action over a guess at the rows of a node; may throw where the guess lacks what the plan asks for. */
export type PlanAbove = (rows: Relation) => Relation;

/** In arms form; read once. */
export type FirstRows = { readonly type: StructType; readonly rows: AsyncIterable<readonly Row[]> };

export const errorTotal = (resolved: Resolved): number => resolved.errors.reduce((sum, stage) => sum + stage.count, 0);
/** Errors of the last step only: those that its inputs do not have. */
export const stageErrors = (resolved: Resolved, inputs: readonly Resolved[]): number =>
  Math.max(0, errorTotal(resolved) - inputs.reduce((sum, input) => sum + errorTotal(input), 0));
export const stepName = (node: FrameNode): string => node.options.transformationCtx || node.kind;

/** What a node that reads the rows of its input leaves behind. */
export const behind = (input: Resolved): readonly Relation[] => [...(input.behind ?? []), input.relation];

export const malformedError = (record: MalformedRecord, site: string, info: string): ErrorRecord => ({
  site,
  info,
  message: record.reason,
  stackTrace: "",
  input: record.text,
  bytesread: record.end - record.offset,
  source: `${record.file}:${record.offset}-${record.end}`,
  record: null,
});
