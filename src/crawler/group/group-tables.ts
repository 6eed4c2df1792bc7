/**
 * Folders to tables and partitions (developer guide, "How does a crawler determine when to create partitions?"; the
 * rules and what is ours in them: docs/decisions/0006). Pure, and independent of the order of the listing.
 */
import { mergeAll } from "../../types/merge.js";
import { struct, type StructType } from "../../types/data-type.js";
import { type Clustering, clusterSchemas, type Sibling } from "./cluster-schemas.js";
import { type Folder, folderTree, type GroupFile, lastName } from "./folder-tree.js";
import { partitionColumns } from "./partition-columns.js";
import { separateReason, type Reason, togetherReason } from "./reason.js";

export type GroupOptions = {
  /** Similarity is not asked for. */
  readonly combineCompatible?: boolean;
  /** Tables are the folders of this absolute level, everything below them partitions. */
  readonly tableLevel?: number;
  /** The absolute level of the include path; default 1, as a bucket. */
  readonly rootLevel?: number;
  /**
   * Locations of tables that an earlier crawl made with the same settings: what was one table stays one, what was apart
   * stays apart.
   */
  readonly pinned?: ReadonlySet<string>;
};

export type TablePartition = {
  readonly values: readonly string[];
  readonly folder: string;
  readonly files: readonly GroupFile[];
};

export type TableGroup = {
  /** The folder, or the file of a table of one file. */
  readonly location: string;
  /** From which the table's name is made. */
  readonly name: string;
  readonly files: readonly GroupFile[];
  readonly partitionKeys: readonly string[];
  /** Empty without partition keys. */
  readonly partitions: readonly TablePartition[];
  /** The include path it was found under; exclude patterns are relative to it. */
  readonly include?: string;
  /** A Delta or Iceberg table, whose metadata say which files count: what its catalog table says of that. */
  readonly logged?: { readonly tableType: string; readonly parameters: { readonly [name: string]: string } };
  /** Why it is one table, and why its parent is not. */
  readonly reasons: readonly Reason[];
};

/** A folder that can be a table or a part of one. */
type Unit = {
  readonly kind: "unit";
  readonly folder: Folder;
  readonly depth: number;
  readonly leaves: readonly Folder[];
  readonly schema: StructType;
  readonly compatibility: string;
  readonly reasons: readonly Reason[];
};
/** A folder whose contents are tables of their own. */
type Split = { readonly kind: "split"; readonly tables: readonly TableGroup[] };

/** The tables of one include path. An include path that is a file is a table of one file. */
export function groupTables(
  root: string,
  files: readonly GroupFile[],
  options: GroupOptions = {},
): readonly TableGroup[] {
  const only = files[0];
  if (only === undefined) return [];
  if (only.path === root) return [fileTable(only, [])];
  const result = visit(folderTree(root, files), options.rootLevel ?? 1, options);
  return result.kind === "unit" ? [tableOf(result, [])] : result.tables;
}

function visit(folder: Folder, level: number, options: GroupOptions): Unit | Split {
  const children = folder.folders.map((child) => visit(child, level + 1, options));
  if (options.tableLevel !== undefined && level < options.tableLevel && folder.folders.length > 0) {
    return split(folder, children, {
      code: "ABOVE_TABLE_LEVEL",
      message: `${folder.path} lies above table level ${options.tableLevel}`,
    });
  }
  if (folder.folders.length === 0) return leaf(folder, level, options);
  const units = children.filter((child) => child.kind === "unit");
  const obstacle = obstacleTo(folder, children, units) ?? pinnedBelow(folder, units, options);
  if (obstacle !== undefined) return split(folder, children, obstacle);
  const siblings = units.map(({ folder: { path }, schema }) => ({ path, schema }));
  return (
    together(folder, level, siblings, units, options)
    ?? split(folder, children, separateReason(folder.path, cluster(siblings, folder), "folders"))
  );
}

/** What keeps the folders below from being partitions, whatever their schemas. */
function obstacleTo(folder: Folder, children: readonly (Unit | Split)[], units: readonly Unit[]): Reason | undefined {
  if (folder.files.length > 0) {
    return {
      code: "FILES_BESIDE_FOLDERS",
      message: `${folder.path} holds files beside folders, so that its folders cannot be partitions`,
      evidence: { files: folder.files.slice(0, 5).map(({ path }) => lastName(path)) },
    };
  }
  if (units.length < children.length)
    return { code: "FOLDER_WITHOUT_ONE_SCHEMA", message: `a folder of ${folder.path} holds several tables` };
  if (new Set(units.map(({ compatibility }) => compatibility)).size > 1)
    return incompatible(
      folder,
      units.map(({ compatibility }) => compatibility),
    );
  const depths = new Set(units.map(({ depth }) => depth));
  if (depths.size > 1)
    return {
      code: "DIFFERENT_DEPTHS",
      message: `the folders of ${folder.path} hold files at different depths`,
      evidence: { depths: [...depths].sort() },
    };
  return undefined;
}

/** Folders that are tables already are not swallowed by a table above them, unless that one is there too. */
function pinnedBelow(folder: Folder, units: readonly Unit[], { pinned }: GroupOptions): Reason | undefined {
  if (pinned === undefined || pinned.has(folder.path)) return undefined;
  const tables = units.filter((unit) => pinned.has(unit.folder.path)).map((unit) => unit.folder.name);
  return tables.length === 0
    ? undefined
    : {
        code: "PINNED_APART",
        message: `folders of ${folder.path} are tables since an earlier crawl: ${tables.slice(0, 5).join(", ")}`,
      };
}

const incompatible = (folder: Folder, keys: readonly string[]): Reason => ({
  code: "DIFFERENT_FORMATS",
  message: `${folder.path} holds data of different formats, compressions or delimiters`,
  evidence: { formats: [...new Set(keys)].sort() },
});

function together(
  folder: Folder,
  level: number,
  siblings: readonly Sibling[],
  units: readonly Unit[],
  options: GroupOptions,
): Unit | undefined {
  const reason = agreement(folder, level, siblings, options, "folders");
  const first = units[0];
  if (reason === undefined || first === undefined) return undefined;
  return {
    kind: "unit",
    folder,
    depth: first.depth + 1,
    leaves: units.flatMap(({ leaves }) => leaves),
    schema: merged(units.map(({ schema }) => schema)),
    compatibility: first.compatibility,
    reasons: [reason, ...distinctReasons(units)],
  };
}

function leaf(folder: Folder, level: number, options: GroupOptions): Unit | Split {
  const keys = folder.files.map(({ compatibility }) => compatibility);
  if (new Set(keys).size > 1) return split(folder, [], incompatible(folder, keys));
  const reason = folder.files.some(({ path }) => options.pinned?.has(path))
    ? undefined
    : agreement(folder, level, folder.files, options, "files");
  if (reason === undefined)
    return split(folder, [], separateReason(folder.path, cluster(folder.files, folder), "files"));
  return {
    kind: "unit",
    folder,
    depth: 0,
    leaves: [folder],
    schema: merged(folder.files.map(({ schema }) => schema)),
    compatibility: keys[0] ?? "",
    reasons: [reason],
  };
}

/** Why siblings are one table, or undefined when they are not. */
function agreement(
  folder: Folder,
  level: number,
  siblings: readonly Sibling[],
  options: GroupOptions,
  what: "files" | "folders",
): Reason | undefined {
  if (options.combineCompatible === true)
    return { code: "COMBINED", message: `CombineCompatibleSchemas joins the ${what} of ${folder.path}` };
  if (options.tableLevel !== undefined && level >= options.tableLevel)
    return { code: "TABLE_LEVEL", message: `table level ${options.tableLevel} joins the ${what} of ${folder.path}` };
  const clustering = cluster(siblings, folder);
  if (clustering.together) return togetherReason(folder.path, clustering, what);
  if (!isPinned(folder.path, options)) return undefined;
  const apart = separateReason(folder.path, clustering, what);
  return {
    code: "PINNED",
    message: `${folder.path} is one table since an earlier crawl and stays one, though ${apart.message}`,
    ...(apart.evidence === undefined ? {} : { evidence: apart.evidence }),
  };
}

/** A folder of a pinned table, or one within it. */
const isPinned = (path: string, { pinned }: GroupOptions): boolean =>
  pinned !== undefined && path.split("/").some((_, i, names) => pinned.has(names.slice(0, i + 1).join("/")));

function cluster(siblings: readonly Sibling[], folder: Folder): Clustering {
  return clusterSchemas(siblings, { generatedNames: hasGeneratedNames(folder) });
}

const hasGeneratedNames = (folder: Folder): boolean =>
  folder.files.some((file) => file.generatedNames === true) || folder.folders.some(hasGeneratedNames);

function merged(schemas: readonly StructType[]): StructType {
  const type = mergeAll(schemas);
  return type.kind === "struct" ? type : struct();
}

/** Each folder that is one table becomes it; the files of this folder become a table each. */
function split(folder: Folder, children: readonly (Unit | Split)[], reason: Reason): Split {
  const below = children.flatMap((child) => (child.kind === "split" ? child.tables : [tableOf(child, [reason])]));
  return { kind: "split", tables: [...below, ...folder.files.map((file) => fileTable(file, [reason]))] };
}

const fileTable = (file: GroupFile, reasons: readonly Reason[]): TableGroup => ({
  location: file.path,
  name: lastName(file.path),
  files: [file],
  partitionKeys: [],
  partitions: [],
  reasons,
});

function tableOf(unit: Unit, above: readonly Reason[]): TableGroup {
  const { folder, leaves } = unit;
  const names = leaves.map(({ path }) => path.slice(folder.path.length).split("/").slice(1));
  const { keys, values } = partitionColumns(names);
  const partitions =
    keys.length === 0
      ? []
      : leaves.map((place, i) => ({ values: values[i] ?? [], folder: place.path, files: place.files }));
  return {
    location: folder.path,
    name: folder.name,
    files: leaves.flatMap(({ files }) => files),
    partitionKeys: keys,
    partitions,
    reasons: [...above, ...unit.reasons],
  };
}

/** Of reasons that many folders share, one of each kind is enough. */
function distinctReasons(units: readonly Unit[]): readonly Reason[] {
  const seen = new Map<string, Reason>();
  for (const reason of units.flatMap(({ reasons }) => reasons))
    if (!seen.has(reason.code)) seen.set(reason.code, reason);
  return [...seen.values()].filter(({ code }) => code !== "ONE_FILE" && code !== "ONE_FOLDER");
}
