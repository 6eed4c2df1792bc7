import type { Catalog, Table } from "../../catalog/index.js";
import type { ScanFile } from "../../plan/ir/relation.js";
import { DynaframeError } from "../../types/error.js";

type Selected = {
  readonly files: readonly ScanFile[];
  readonly roots: readonly string[];
  readonly notes: readonly string[];
};

/**
 * Of the selected files those that the table had at that version, as it had them; nothing is left to be looked for
 * beside them.
 * @throws SOURCE_VANISHED when some were deleted or rewritten since, unless `allowMissing`.
 */
export async function filesAsOf(
  table: Table,
  { files: present, roots, notes }: Selected,
  allowMissing: boolean,
  catalog: Catalog,
): Promise<Selected & { readonly whole: false }> {
  const then = new Map(
    (await catalog.getLedgerKeysAt(table.DatabaseName, table.Name, table.VersionId)).map((key) => [key.file, key]),
  );
  const files = present.filter((file) => {
    const key = then.get(file.path);
    return key !== undefined && !key.gone && key.etag === file.etag && key.size === file.size;
  });
  const kept = new Set(files.map(({ path }) => path));
  const lost = [...then.keys()].filter(
    (file) => !kept.has(file) && roots.some((root) => file.startsWith(`${root}/`) || file === root),
  );
  if (lost.length > 0 && !allowMissing) throw lostSince(table, lost);
  return {
    files,
    roots: [],
    whole: false,
    notes: [...notes, `as of version ${table.VersionId}: ${files.length} of the ${then.size} files it had then`],
  };
}

function lostSince(table: Table, lost: readonly string[]): DynaframeError {
  const path = `${table.DatabaseName}.${table.Name}`;
  return new DynaframeError(
    "SOURCE_VANISHED",
    `${lost.length} of the files that ${path} had at version ${table.VersionId} were deleted or rewritten since.`,
    {
      path,
      ...(lost[0] === undefined ? {} : { file: lost[0] }),
      hint: "Read what is left of it with allowMissingFiles: true.",
    },
  );
}
