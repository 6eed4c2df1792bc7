import type { StructType } from "../../types/data-type.js";

/** A file as grouping sees it. */
export type GroupFile = {
  /** Full address. */
  readonly path: string;
  /** Files with different keys never share a table. */
  readonly compatibility: string;
  readonly schema: StructType;
  /** Column names were made up. */
  readonly generatedNames?: boolean;
};

/** A folder below an include path. */
export type Folder = {
  /** Full address. */
  readonly path: string;
  readonly name: string;
  readonly folders: readonly Folder[];
  readonly files: readonly GroupFile[];
};

type Growing = {
  readonly path: string;
  readonly name: string;
  readonly folders: Map<string, Growing>;
  readonly files: GroupFile[];
};

/** The tree of the files below `root`, children in code unit order whatever the order of the listing. */
export function folderTree(root: string, files: readonly GroupFile[]): Folder {
  const top: Growing = grow(root, lastName(root));
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const names = file.path.slice(root.length).split("/").slice(1, -1);
    let at = top;
    for (const name of names) {
      const next = at.folders.get(name) ?? grow(`${at.path}/${name}`, name);
      at.folders.set(name, next);
      at = next;
    }
    at.files.push(file);
  }
  return freeze(top);
}

/** The last folder or file; of a bucket reached by a connection (`s3://connection@bucket`) the bucket. */
export function lastName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /^s3:\/\/[^/]*$/.test(path) ? name.slice(name.indexOf("@") + 1) : name;
}

const grow = (path: string, name: string): Growing => ({ path, name, folders: new Map(), files: [] });

function freeze(folder: Growing): Folder {
  const folders = [...folder.folders.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(freeze);
  return { path: folder.path, name: folder.name, folders, files: folder.files };
}
