/** Which files an Iceberg table on files holds, by its newest metadata (Iceberg table spec, versions 1 and 2). */
import type { SourceValue } from "../../shapes/records/record-reader.js";
import { readEvents } from "../../shapes/records/run-reader.js";
import type { FileRef, Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { avroReader } from "../avro/read-avro.js";
import { isObject, type Json, type MetadataErrors, parseObject, wholeText } from "../table-metadata.js";

export type IcebergSnapshot = {
  /** The number of the metadata file. */
  readonly version: number;
  readonly metadataLocation: string;
  /** Full addresses of the data files. */
  readonly files: ReadonlySet<string>;
};

/** Metadata as `v3.metadata.json` or `00003-<uuid>.metadata.json`; the folder above `metadata` is the table. */
export const ICEBERG_METADATA = /^(.*)\/metadata\/v?(\d+)(?:-[^/]*)?\.metadata\.json$/;

/**
 * The table as of the current snapshot of its newest metadata, or of the metadata that a catalog names.
 * @throws ICEBERG_UNSUPPORTED where the data files and their column names alone do not say what the table holds: delete
 * files, renamed columns, other formats than Parquet, several newest metadata files; ICEBERG_INVALID for metadata that
 * cannot be read.
 */
export async function readIcebergSnapshot(storage: Storage, root: string, named?: string): Promise<IcebergSnapshot> {
  const newest = named === undefined ? await newestMetadata(storage, root) : await namedMetadata(storage, named);
  const metadata = await readJson(storage, newest.ref);
  checkNames(metadata, root);
  const local = relocation(metadata, root);
  const current = metadata["current-snapshot-id"];
  const files = new Set<string>();
  const head = { version: newest.version, metadataLocation: newest.ref.path, files };
  if (current === undefined || current === null || current === -1) return head;
  const snapshot = objects(metadata["snapshots"]).find((one) => one["snapshot-id"] === current);
  const list = snapshot?.["manifest-list"];
  if (typeof list !== "string")
    throw snapshot === undefined
      ? invalid(newest.ref.path, "the current snapshot is not among its snapshots")
      : unsupported(root, "its snapshot has no manifest list");
  for (const manifest of await avroRows(storage, local(list))) {
    if (Number(manifest["content"] ?? 0) !== 0) throw unsupported(root, "it has delete files");
    for (const entry of await avroRows(storage, local(textOf(manifest["manifest_path"], list))))
      addFile(entry, files, root, local);
  }
  return head;
}

/** Entries with status 2 are of files that this snapshot deleted. */
function addFile(
  { status, data_file: file }: Json,
  files: Set<string>,
  root: string,
  local: (address: string) => string,
): void {
  if (!isObject(file)) throw invalid(root, "a manifest entry names no file");
  if (Number(status) === 2) return;
  if (Number(file["content"] ?? 0) !== 0) throw unsupported(root, "it has delete files");
  if (String(file["file_format"]).toUpperCase() !== "PARQUET")
    throw unsupported(root, `it has files of format ${String(file["file_format"])}`);
  files.add(local(textOf(file["file_path"], root)));
}

/** Columns are known by id; where one had another name in an earlier schema, old files have it still. */
function checkNames(metadata: Json, root: string): void {
  const names = new Map<unknown, unknown>();
  for (const schema of [...objects(metadata["schemas"]), ...objects([metadata["schema"]])]) {
    for (const { id, name } of objects(schema["fields"])) {
      if (names.has(id) && names.get(id) !== name)
        throw unsupported(root, `its column ${String(names.get(id))} was renamed to ${String(name)}`);
      names.set(id, name);
    }
  }
}

/**
 * Addresses below the location that the metadata names lie below the folder where the table was found, which may be a
 * copy.
 */
function relocation(metadata: Json, root: string): (address: string) => string {
  const location = plain(textOf(metadata["location"], root)).replace(/\/+$/, "");
  return (address) => {
    const path = plain(address);
    return path.startsWith(`${location}/`) ? `${root}${path.slice(location.length)}` : path;
  };
}

const plain = (address: string): string => address.replace(/^file:\/*(?=\/)/, "").replace(/^s3[an]:/, "s3:");

async function namedMetadata(
  storage: Storage,
  address: string,
): Promise<{ readonly ref: FileRef; readonly version: number }> {
  const ref = await storage.stat(storage.resolve(address));
  if (ref === undefined) throw invalid(address, "it is named by the catalog and not there");
  return { ref, version: Number(ICEBERG_METADATA.exec(ref.path)?.[2] ?? 0) };
}

async function newestMetadata(
  storage: Storage,
  root: string,
): Promise<{ readonly ref: FileRef; readonly version: number }> {
  let newest: { readonly refs: FileRef[]; readonly version: number } | undefined;
  for await (const ref of storage.list(`${root}/metadata`, { recurse: false })) {
    const version = Number(ICEBERG_METADATA.exec(ref.path)?.[2] ?? NaN);
    if (Number.isNaN(version) || version < (newest?.version ?? -1)) continue;
    if (version === newest?.version) newest.refs.push(ref);
    else newest = { refs: [ref], version };
  }
  const [ref, other] = newest?.refs ?? [];
  if (newest === undefined || ref === undefined) throw invalid(root, "there is no metadata file");
  if (other !== undefined)
    throw unsupported(
      root,
      `${newest.refs.length} metadata files have the number ${newest.version}, and only its catalog knows which one counts`,
    );
  return { ref, version: newest.version };
}

/** Records of an Avro file; a damaged one is an error, since of metadata nothing may be missing. */
async function avroRows(storage: Storage, path: string): Promise<readonly Json[]> {
  const ref = await storage.stat(path);
  if (ref === undefined) throw invalid(path, "it is named by the metadata and not there");
  const rows: Json[] = [];
  for await (const events of readEvents(ref, avroReader(false), { storage }, () => undefined)) {
    for (const event of events) {
      if (event.kind === "malformed") throw invalid(path, event.reason);
      if (event.kind === "record") rows.push(valueOf(event.value) as Json);
    }
  }
  return rows;
}

function valueOf(value: SourceValue): unknown {
  if (value.tag === "struct")
    return Object.fromEntries([...value.fields].map(([name, field]) => [name, valueOf(field)]));
  if (value.tag === "array") return value.elements.map(valueOf);
  if (value.tag === "map") return Object.fromEntries([...value.entries].map(([key, entry]) => [key, valueOf(entry)]));
  return value.value;
}

/** Snapshot ids pass 2^53: they are compared as texts. */
const readJson = async (storage: Storage, ref: FileRef): Promise<Json> =>
  parseObject(
    (await wholeText(storage, ref, ERRORS)).replaceAll(/("(?:current-)?snapshot-id"\s*:\s*)(\d+)/g, '$1"$2"'),
    ref.path,
    "it",
    ERRORS,
  );

const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

function textOf(value: unknown, file: string): string {
  if (typeof value === "string") return value;
  throw invalid(file, "it lacks the address of a file");
}

const unsupported = (root: string, what: string): DynaframeError =>
  new DynaframeError("ICEBERG_UNSUPPORTED", `the Iceberg table ${root} cannot be read: ${what}`, {
    file: root,
    hint: "Rewrite its data files, or write a plain copy of it.",
  });

const invalid = (file: string, what: string, cause?: unknown): DynaframeError =>
  new DynaframeError("ICEBERG_INVALID", `the metadata of an Iceberg table is damaged: ${file}: ${what}`, {
    file,
    ...(cause === undefined ? {} : { cause }),
  });

const ERRORS: MetadataErrors = { unsupported, invalid };
