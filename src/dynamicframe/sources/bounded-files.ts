import type { FileRef } from "../../storage/index.js";

/** How much of a backlog is taken at once (Glue's boundedFiles and boundedSize). */
export type FileBound = { readonly kind: "files" | "bytes"; readonly most: number };

/**
 * The oldest files first, by modification time, until the bound is reached; at least one, so that a backlog always
 * shrinks.
 */
export function boundedFiles<F extends Pick<FileRef, "path" | "size" | "modified">>(
  files: readonly F[],
  bound: FileBound | undefined,
): readonly F[] {
  if (!bound) return files;
  const oldest = [...files].sort((a, b) => a.modified - b.modified || (a.path < b.path ? -1 : 1));
  const taken = new Set<string>();
  let size = 0;
  for (const file of oldest) {
    if (taken.size > 0 && (bound.kind === "files" ? taken.size : size + file.size - 1) >= bound.most) break;
    taken.add(file.path);
    size += file.size;
  }
  return files.filter(({ path }) => taken.has(path));
}
