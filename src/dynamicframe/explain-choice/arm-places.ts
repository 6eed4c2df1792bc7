/** Where the types at a path came from, as the ledgers of the files tell it. */
import type { FileLedger, LedgerNode, Place, Tag } from "../../shapes/ledger.js";
import { comparePlaces } from "../../shapes/first-place.js";
import type { TypeName } from "../../types/data-type.js";
import type { PathStep } from "../../types/path.js";

/** Where one type of a choice occurs. */
export type ArmPlaces = {
  /** Files in which the type occurs. */
  readonly fileCount: number;
  /** The first of them, with how often. */
  readonly files: readonly { readonly file: string; readonly count: number }[];
  readonly first: Place;
  /** True when counts are upper bounds (Parquet without statistics). */
  readonly inexact?: true;
};

/** Files named; more are counted. */
const MOST_FILES = 20;

/** Undefined where no ledger knows the type at the path. */
export function placesOf(
  kind: TypeName,
  ledgers: readonly FileLedger[],
  path: readonly PathStep[],
): ArmPlaces | undefined {
  const tags: readonly Tag[] = kind === "decimal" ? ["bigint", "decimal"] : [kind as Tag];
  const found = ledgers.flatMap(({ file, root }) => {
    const node = nodeAt(root, path);
    const stats = tags.flatMap((tag) => node?.tags[tag] ?? []);
    return stats.length === 0
      ? []
      : [
          {
            file,
            count: stats.reduce((sum, s) => sum + s.count, 0),
            firsts: stats.map((s) => s.first),
            inexact: node?.inexact,
          },
        ];
  });
  const [first] = found.flatMap((f) => f.firsts).sort(comparePlaces);
  if (!first) return undefined;
  const files = found.map(({ file, count }) => ({ file, count })).sort((a, b) => (a.file < b.file ? -1 : 1));
  return {
    fileCount: files.length,
    files: files.slice(0, MOST_FILES),
    first,
    ...(found.some((f) => f.inexact) ? { inexact: true as const } : {}),
  };
}

function nodeAt(root: LedgerNode, path: readonly PathStep[]): LedgerNode | undefined {
  let node: LedgerNode | undefined = root;
  for (const step of path)
    node = step.kind === "elements" ? node?.element : node?.fields.find((f) => f.name === step.name)?.node;
  return node;
}
