import type { RunOptions } from "../../engine/index.js";
import { orcUnsupported } from "../../formats/orc.js";
import { conformRelation } from "../../plan/conform.js";
import { cast, field, inputOf, literal, project, union } from "../../plan/ir/build.js";
import type { Relation, ScanFile } from "../../plan/ir/relation.js";
import { STRING, struct, type DataType, type Field, type StructType } from "../../types/data-type.js";
import { mergeDataTypes } from "../../types/merge.js";
import type { FrameSession, Resolved } from "../frame-node.js";

export type EngineFilesInput = {
  readonly name: string;
  readonly format: "orc";
  readonly files: readonly ScanFile[];
  readonly partitionKeys: readonly string[];
  /** Default: texts. */ readonly partitionTypes?: readonly DataType[];
  readonly notes: readonly string[];
  readonly step: string;
  readonly session: FrameSession;
  readonly run: RunOptions;
};

/**
 * Files that our scanner does not read, by the engine's own reader, with the engine's types: no ledger, no malformed
 * records.
 * @throws UNSUPPORTED_FORMAT where the engine has none
 */
export async function engineFilesSource({
  name,
  format,
  files,
  partitionKeys,
  partitionTypes,
  notes,
  step,
  session,
  run,
}: EngineFilesInput): Promise<Resolved> {
  const engine = await session.engine();
  if (engine.engineFiles === undefined) throw orcUnsupported();
  const parts: Relation[] = [];
  const keys = partitionKeys.map((key, i) => ({ name: key, type: partitionTypes?.[i] ?? STRING }));
  for (const group of byPartition(files).values())
    parts.push(withPartition(await engine.engineFiles(format, group, run), keys, group[0]?.partition ?? []));
  const type = parts.map((part) => part.type).reduce((a, b) => mergeDataTypes(a, b) as StructType, struct());
  const relation = union(parts.map((part) => conformRelation(part, type)));
  return {
    relation,
    errors: [],
    dropped: [],
    recordwise: true,
    sources: [
      {
        id: session.nextId(),
        name,
        step,
        files: files.length,
        records: await engine.count(relation, run),
        malformed: 0,
        bytesScanned: 0,
        notes: [...notes, `${format}: read by the engine, with its types`],
      },
    ],
  };
}

function byPartition(files: readonly ScanFile[]): ReadonlyMap<string, readonly ScanFile[]> {
  const groups = new Map<string, ScanFile[]>();
  for (const file of files) {
    const key = JSON.stringify(file.partition ?? []);
    const group = groups.get(key) ?? [];
    group.push(file);
    groups.set(key, group);
  }
  return groups;
}

/** Partition columns come last, in the place of a field of that name. */
function withPartition(relation: Relation, keys: readonly Field[], values: readonly (string | null)[]): Relation {
  if (keys.length === 0) return relation;
  const record = inputOf(relation);
  return project(relation, [
    ...relation.type.fields
      .filter(({ name }) => !keys.some((key) => key.name === name))
      .map(({ name }) => ({ name, value: field(record, name) })),
    ...keys.map(({ name, type }, i) => ({
      name,
      value:
        type.kind === "string"
          ? literal(values[i] ?? null, STRING)
          : cast(literal(values[i] ?? null, STRING), type, name),
    })),
  ]);
}
