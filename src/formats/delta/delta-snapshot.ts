/**
 * Which files a Delta table holds, from the commits of its log (Delta transaction log protocol,
 * github.com/delta-io/delta, PROTOCOL.md).
 */
import type { FileRef, Storage } from "../../storage/index.js";
import { isObject } from "../table-metadata.js";
import { type Action, invalidLog as invalid, logActions, unsupportedTable as unsupported } from "./log-actions.js";
import { type Checkpoint, newestCheckpoint, type ParquetRows, readCheckpoint } from "./read-checkpoint.js";

export type DeltaSnapshot = {
  readonly version: number;
  /** Full addresses with the values of the partition columns, by name; null for a null. */
  readonly files: ReadonlyMap<string, { readonly [column: string]: string | null }>;
  readonly partitionColumns: readonly string[];
};

export const DELTA_LOG = "_delta_log";
const COMMIT = /\/_delta_log\/(\d{20})\.json$/;

/**
 * The table as of its last commit. `parquetRows` reads the checkpoint of a log whose first commits were cleaned up.
 * @throws DELTA_UNSUPPORTED where the files alone do not say what the table holds: deletion vectors, column mapping,
 * features that are not known, or a log whose first commits were cleaned up and whose checkpoint is not whole;
 * DELTA_INVALID for a log with a gap or an action that cannot be read.
 */
export async function readDeltaSnapshot(
  storage: Storage,
  root: string,
  parquetRows?: ParquetRows,
): Promise<DeltaSnapshot> {
  const commits: { readonly ref: FileRef; readonly version: number }[] = [];
  const others: FileRef[] = [];
  for await (const ref of storage.list(`${root}/${DELTA_LOG}`, { recurse: false })) {
    const version = COMMIT.exec(ref.path)?.[1];
    if (version === undefined) others.push(ref);
    else commits.push({ ref, version: Number(version) });
  }
  commits.sort((a, b) => a.version - b.version);
  const state: State = { root, files: new Map(), partitionColumns: [], described: false };
  let version =
    commits[0]?.version === 0 ? -1 : await fromCheckpoint(newestCheckpoint(others), state, storage, parquetRows);
  for (const { ref, version: own } of commits.filter((commit) => commit.version > version)) {
    if (own !== version + 1) throw invalid(ref.path, `commit ${version + 1} is missing`);
    for (const action of await logActions(storage, ref)) apply(action, ref.path, state);
    version = own;
  }
  return { version, files: state.files, partitionColumns: state.partitionColumns };
}

/** The version of the checkpoint, whose actions are then in the state. */
async function fromCheckpoint(
  checkpoint: Checkpoint | undefined,
  state: State,
  storage: Storage,
  parquetRows: ParquetRows | undefined,
): Promise<number> {
  if (checkpoint === undefined)
    throw unsupported(state.root, "the first commits of its log were cleaned up, and no checkpoint is whole");
  if (parquetRows === undefined)
    throw unsupported(state.root, "the first commits of its log were cleaned up, and nothing here reads checkpoints");
  for await (const action of readCheckpoint(checkpoint, storage, parquetRows))
    apply(action, checkpoint.parts[0]?.path ?? state.root, state);
  if (!state.described) throw invalid(checkpoint.parts[0]?.path ?? state.root, "the checkpoint has no metadata");
  return checkpoint.version;
}

type State = {
  readonly root: string;
  readonly files: Map<string, { readonly [column: string]: string | null }>;
  partitionColumns: readonly string[];
  described: boolean;
};

/**
 * Of the features that a protocol may ask of readers, those that change nothing here, or that show where they are used.
 */
const READER_FEATURES: readonly string[] = Object.freeze([
  "v2Checkpoint",
  "deletionVectors",
  "columnMapping",
  "timestampNtz",
  "vacuumProtocolCheck",
  "appendOnly",
  "invariants",
  "checkConstraints",
]);

function apply({ add, remove, metaData, protocol }: Action, file: string, state: State): void {
  if (isObject(add)) {
    if (isObject(add["deletionVector"])) throw unsupported(state.root, "it has deletion vectors");
    state.files.set(
      addressOf(add, state.root, file),
      isObject(add["partitionValues"]) ? (add["partitionValues"] as { readonly [column: string]: string | null }) : {},
    );
  }
  if (isObject(remove)) state.files.delete(addressOf(remove, state.root, file));
  if (isObject(metaData)) {
    const mode = isObject(metaData["configuration"])
      ? metaData["configuration"]["delta.columnMapping.mode"]
      : undefined;
    if (mode !== undefined && mode !== "none") throw unsupported(state.root, `it maps columns by ${String(mode)}`);
    state.described = true;
    state.partitionColumns = Array.isArray(metaData["partitionColumns"])
      ? metaData["partitionColumns"].map(String)
      : [];
  }
  if (isObject(protocol)) checkProtocol(protocol, state.root);
}

function checkProtocol({ minReaderVersion, readerFeatures }: Action, root: string): void {
  if (Number(minReaderVersion) > 3)
    throw unsupported(root, `its protocol asks for reader version ${String(minReaderVersion)}`);
  const unknown = Array.isArray(readerFeatures)
    ? readerFeatures.map(String).filter((feature) => !READER_FEATURES.includes(feature))
    : [];
  if (unknown.length > 0) throw unsupported(root, `its protocol asks readers for ${unknown.join(", ")}`);
}

/** Paths are percent-encoded, relative to the table or absolute. */
function addressOf({ path }: Action, root: string, file: string): string {
  if (typeof path !== "string") throw invalid(file, "an action names no path");
  const decoded = decode(path, file);
  return /^([a-z][a-z0-9+.-]*:|\/)/i.test(decoded) ? decoded.replace(/^file:\/*(?=\/)/, "") : `${root}/${decoded}`;
}

function decode(path: string, file: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw invalid(file, `the path ${path} is not encoded as it must be`, cause);
  }
}
