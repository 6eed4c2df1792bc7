/** Which files a Delta table holds, from the commits of its log (Delta transaction log protocol, github.com/delta-io/delta, PROTOCOL.md). */
import type { FileRef, Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { type Checkpoint, newestCheckpoint, type ParquetRows, readCheckpoint } from "./read-checkpoint.js";

export type DeltaSnapshot = {
  readonly version: number;
  /** Full addresses with the values of the partition columns, by name; null for a null. */
  readonly files: ReadonlyMap<string, { readonly [column: string]: string | null }>;
  readonly partitionColumns: readonly string[];
};

export const DELTA_LOG = "_delta_log";
const COMMIT = /\/_delta_log\/(\d{20})\.json$/;
const MAX_COMMIT_BYTES = 256_000_000;

/**
 * The table as of its last commit. `parquetRows` reads the checkpoint of a log whose first commits were cleaned up.
 * @throws DELTA_UNSUPPORTED where the files alone do not say what the table holds: deletion vectors, column mapping, or a log whose first
 * commits were cleaned up and whose checkpoint is not whole or not of version 1; DELTA_INVALID for a log with a gap or an action that cannot be read.
 */
export async function readDeltaSnapshot(storage: Storage, root: string, parquetRows?: ParquetRows): Promise<DeltaSnapshot> {
  const commits: { readonly ref: FileRef; readonly version: number }[] = [];
  const others: FileRef[] = [];
  for await (const ref of storage.list(`${root}/${DELTA_LOG}`, { recurse: false })) {
    const version = COMMIT.exec(ref.path)?.[1];
    if (version === undefined) others.push(ref);
    else commits.push({ ref, version: Number(version) });
  }
  commits.sort((a, b) => a.version - b.version);
  const state: State = { root, files: new Map(), partitionColumns: [], described: false };
  let version = commits[0]?.version === 0 ? -1 : await fromCheckpoint(newestCheckpoint(others), state, parquetRows);
  for (const { ref, version: own } of commits.filter((commit) => commit.version > version)) {
    if (own !== version + 1) throw invalid(ref.path, `commit ${version + 1} is missing`);
    for (const line of (await text(storage, ref)).split("\n")) if (line.trim() !== "") apply(parse(line, ref.path), ref.path, state);
    version = own;
  }
  return { version, files: state.files, partitionColumns: state.partitionColumns };
}

/** The version of the checkpoint, whose actions are then in the state. */
async function fromCheckpoint(checkpoint: Checkpoint | undefined, state: State, parquetRows: ParquetRows | undefined): Promise<number> {
  if (checkpoint === undefined) throw unsupported(state.root, "the first commits of its log were cleaned up, and no checkpoint of version 1 is whole");
  if (parquetRows === undefined) throw unsupported(state.root, "the first commits of its log were cleaned up, and nothing here reads checkpoints");
  for await (const action of readCheckpoint(checkpoint, parquetRows)) apply(action, checkpoint.parts[0]?.path ?? state.root, state);
  if (!state.described) throw invalid(checkpoint.parts[0]?.path ?? state.root, "the checkpoint has no metadata");
  return checkpoint.version;
}

type State = { readonly root: string; readonly files: Map<string, { readonly [column: string]: string | null }>; partitionColumns: readonly string[]; described: boolean };
type Action = { readonly [key: string]: unknown };

function apply({ add, remove, metaData, protocol }: Action, file: string, state: State): void {
  if (isObject(add)) {
    if (isObject(add["deletionVector"])) throw unsupported(state.root, "it has deletion vectors");
    state.files.set(addressOf(add, state.root, file), isObject(add["partitionValues"]) ? (add["partitionValues"] as { readonly [column: string]: string | null }) : {});
  }
  if (isObject(remove)) state.files.delete(addressOf(remove, state.root, file));
  if (isObject(metaData)) {
    const mode = isObject(metaData["configuration"]) ? metaData["configuration"]["delta.columnMapping.mode"] : undefined;
    if (mode !== undefined && mode !== "none") throw unsupported(state.root, `it maps columns by ${String(mode)}`);
    state.described = true;
    state.partitionColumns = Array.isArray(metaData["partitionColumns"]) ? metaData["partitionColumns"].map(String) : [];
  }
  if (isObject(protocol) && Number(protocol["minReaderVersion"]) > 3) throw unsupported(state.root, `its protocol asks for reader version ${String(protocol["minReaderVersion"])}`);
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

function parse(line: string, file: string): Action {
  try {
    const action: unknown = JSON.parse(line);
    if (isObject(action)) return action;
  } catch (cause) {
    throw invalid(file, "a line is not JSON", cause);
  }
  throw invalid(file, "a line is no object");
}

const isObject = (value: unknown): value is Action => typeof value === "object" && value !== null && !Array.isArray(value);

async function text(storage: Storage, ref: FileRef): Promise<string> {
  if (ref.size > MAX_COMMIT_BYTES) throw unsupported(ref.path, `a commit has ${ref.size} bytes`);
  const reader = await storage.open(ref.path);
  try {
    const bytes = new Uint8Array(reader.ref.size);
    let at = 0;
    for (let read = -1; at < bytes.length && read !== 0; at += read) read = await reader.read(bytes.subarray(at), at);
    return new TextDecoder().decode(bytes.subarray(0, at));
  } finally {
    await reader.close();
  }
}

const unsupported = (root: string, what: string): DynaframeError =>
  new DynaframeError("DELTA_UNSUPPORTED", `the Delta table ${root} cannot be read: ${what}`, { file: root, hint: "Write a plain copy of it, or a new table without that feature." });

const invalid = (file: string, what: string, cause?: unknown): DynaframeError =>
  new DynaframeError("DELTA_INVALID", `the Delta log is damaged: ${what}`, { file, ...(cause === undefined ? {} : { cause }) });
