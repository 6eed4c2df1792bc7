/** What threads scanned, on its way between them: skeletons once for many files, and two arrays of numbers. */
import { DynaframeError } from "../types/error.js";
import { flatShapesOf, treeOf, withNumbers } from "./flat-ledger.js";
import type { Numbers, Skeleton } from "./flat-tree.js";
import type { PartLedger } from "./scanner.js";
import type { Skeletons } from "./skeletons.js";
import type { SentError } from "./worker-tasks.js";

/** The scan of one task, or why it failed: the others of its batch count. */
export type PartOrError = { readonly part: PartLedger } | { readonly failed: unknown };

type SentPart =
  | {
      readonly kind: "tree";
      readonly rest: Omit<PartLedger, "root" | "shapes">;
      readonly file: string;
      readonly skeleton: number;
      readonly from: number;
      readonly rows: readonly [from: number, to: number];
    }
  | { readonly kind: "failed"; readonly error: SentError };
export type SentParts = {
  readonly parts: readonly SentPart[];
  readonly skeletons: readonly Skeleton[];
  readonly numbers: Numbers;
  readonly rows: Float64Array;
};

export function sendParts(parts: readonly PartOrError[]): SentParts {
  const skeletons = new Map<Skeleton, number>();
  const numbers = roomFor(parts);
  let number = 0;
  const rows = new Float64Array(
    parts.reduce(
      (length, result) => length + ("failed" in result ? 0 : (flatShapesOf(result.part)?.rows.length ?? 0)),
      0,
    ),
  );
  let row = 0;
  const sent = parts.map((result): SentPart => {
    if ("failed" in result) return { kind: "failed", error: sentError(result.failed) };
    const tree = treeOf(result.part);
    const shapes = flatShapesOf(result.part);
    if (tree === undefined || shapes === undefined) throw new Error("unreachable: a scanner gives numbers");
    const { bytes, records, malformed, malformedRecords, hazards, otherShapes } = result.part;
    const skeleton = skeletons.get(tree.skeleton) ?? skeletons.size;
    skeletons.set(tree.skeleton, skeleton);
    const from = number;
    numbers.set(tree.numbers, from);
    number += tree.numbers.length;
    const first = row;
    rows.set(shapes.rows, first);
    row += shapes.rows.length;
    return {
      kind: "tree",
      rest: { bytes, records, malformed, malformedRecords, hazards, otherShapes },
      file: tree.file,
      skeleton,
      from,
      rows: [first, row],
    };
  });
  return { parts: sent, skeletons: [...skeletons.keys()], numbers, rows };
}

/** An array for the numbers of all trees, of the widest kind among theirs. */
function roomFor(parts: readonly PartOrError[]): Numbers {
  const trees = parts.flatMap((result) => ("failed" in result ? [] : (treeOf(result.part) ?? [])));
  const length = trees.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const width = Math.max(...trees.map(({ numbers }) => numbers.BYTES_PER_ELEMENT));
  return width === 8 ? new Float64Array(length) : width === 4 ? new Uint32Array(length) : new Uint16Array(length);
}

/** The ledgers share the arrays that came. */
export function receiveParts({ parts, skeletons, numbers, rows }: SentParts, known: Skeletons): readonly PartOrError[] {
  const own = skeletons.map((skeleton) => known.adopt(skeleton));
  return parts.map((part) => {
    if (part.kind === "failed")
      return { failed: new DynaframeError(part.error.code, part.error.message, part.error.details) };
    const skeleton = own[part.skeleton];
    if (skeleton === undefined) throw new Error("unreachable: a part names a skeleton that came with it");
    const tree = { file: part.file, skeleton, numbers: numbers.subarray(part.from, part.from + skeleton.kinds.length) };
    return { part: withNumbers(part.rest, tree, { file: part.file, rows: rows.subarray(...part.rows) }) };
  });
}

/** An error as it goes between threads, which keep no class. */
export function sentError(error: unknown): SentError {
  if (error instanceof DynaframeError) {
    const { name, code, message, path, expected, found, file, offset, hint } = error;
    const details = Object.fromEntries(
      Object.entries({ name, path, expected, found, file, offset, hint }).filter(([, v]) => v !== undefined),
    );
    return { code, message, details };
  }
  return {
    code: "WORKER_FAILED",
    message: String(error),
    details: { hint: "run again with one worker to see the error at its source" },
  };
}
