/** What threads scanned, on its way between them: skeletons once for many files, and one array of numbers. */
import { DynaframeError } from "../types/error.js";
import { type Numbers, pack, type Skeleton, treeOf, withTree } from "./flat-tree.js";
import type { PartLedger } from "./scanner.js";
import type { Skeletons } from "./skeletons.js";
import type { SentError } from "./worker-tasks.js";

/** The scan of one task, or why it failed: the others of its batch count. */
export type PartOrError = { readonly part: PartLedger } | { readonly failed: unknown };

type SentPart =
  | { readonly kind: "tree"; readonly rest: Omit<PartLedger, "root">; readonly file: string; readonly skeleton: number; readonly from: number }
  | { readonly kind: "failed"; readonly error: SentError };
export type SentParts = { readonly parts: readonly SentPart[]; readonly skeletons: readonly Skeleton[]; readonly numbers: Numbers };

export function sendParts(parts: readonly PartOrError[]): SentParts {
  const skeletons = new Map<Skeleton, number>();
  const numbers: number[] = [];
  const sent = parts.map((result): SentPart => {
    if ("failed" in result) return { kind: "failed", error: sentError(result.failed) };
    const tree = treeOf(result.part);
    if (tree === undefined) throw new Error("unreachable: a scanner gives trees");
    const { bytes, records, malformed, malformedRecords, hazards, shapes, otherShapes } = result.part;
    const skeleton = skeletons.get(tree.skeleton) ?? skeletons.size;
    skeletons.set(tree.skeleton, skeleton);
    const from = numbers.length;
    for (let i = 0; i < tree.numbers.length; i++) numbers.push(tree.numbers[i] ?? 0);
    return { kind: "tree", rest: { bytes, records, malformed, malformedRecords, hazards, shapes, otherShapes }, file: tree.file, skeleton, from };
  });
  return { parts: sent, skeletons: [...skeletons.keys()], numbers: pack(numbers) };
}

/** The ledgers share the array that came. */
export function receiveParts({ parts, skeletons, numbers }: SentParts, known: Skeletons): readonly PartOrError[] {
  const own = skeletons.map((skeleton) => known.adopt(skeleton));
  return parts.map((part) => {
    if (part.kind === "failed") return { failed: new DynaframeError(part.error.code, part.error.message, part.error.details) };
    const skeleton = own[part.skeleton];
    if (skeleton === undefined) throw new Error("unreachable: a part names a skeleton that came with it");
    return { part: withTree(part.rest, { file: part.file, skeleton, numbers: numbers.subarray(part.from, part.from + skeleton.kinds.length) }) };
  });
}

/** An error as it goes between threads, which keep no class. */
export function sentError(error: unknown): SentError {
  if (error instanceof DynaframeError) {
    const { name, code, message, path, expected, found, file, offset, hint } = error;
    const details = Object.fromEntries(Object.entries({ name, path, expected, found, file, offset, hint }).filter(([, v]) => v !== undefined));
    return { code, message, details };
  }
  return { code: "WORKER_FAILED", message: String(error), details: { hint: "run again with one worker to see the error at its source" } };
}
