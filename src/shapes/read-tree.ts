/** The tree and the hazards of a file out of the scanner's memory (wasm/tree-dump.ts). */
import { type FlatTree, type Skeleton, smallest } from "./flat-tree.js";
import { address } from "./instantiate-wasm.js";
import { TEXT_HAZARDS } from "./ledger.js";
import type { Hazard, HazardStats } from "./ledger.js";
import { elementPath, fieldPath } from "./path-text.js";
import type { ScanExports } from "./scanner.js";
import { renamed, type Skeletons } from "./skeletons.js";

export type TreeReader = {
  /** Of what was scanned since the file began. */
  tree(file: string): FlatTree;
  hazards(file: string): { readonly [H in Hazard]?: HazardStats };
};

type Met = { readonly codes: Buffer; readonly skeleton: Skeleton };

/**
 * Codes that were met before are compared as bytes and not walked again: of many files only the numbers are read, by
 * copying. A loop over them in JavaScript, some thousand turns a file, was compiled anew in each thread, which cost
 * more than the loop.
 */
export function createTreeReader(wasm: ScanExports, skeletons: Skeletons): TreeReader {
  const met = new Map<number, Met[]>();
  const nameOf = (node: number): string =>
    Buffer.from(wasm.memory.buffer, address(wasm.nodeName(node)), wasm.nodeNameLength(node)).toString("utf8");
  const pathOf = (node: number): string => {
    const parent = wasm.nodeParent(node);
    if (parent === 0) return "";
    return wasm.nodeIsElement(node) ? elementPath(pathOf(parent)) : fieldPath(pathOf(parent), nameOf(node));
  };
  const skeletonOf = (): Skeleton => {
    const codes = Buffer.from(wasm.memory.buffer, address(wasm.treeCodes()), wasm.treeCodesLength() * 4);
    const hash = wasm.treeCodesHash();
    const alike = met.get(hash) ?? [];
    const known = alike.find((one) => one.codes.equals(codes));
    if (known !== undefined) return known.skeleton;
    const skeleton = skeletons.intern(
      renamed(new Int32Array(codes.buffer, codes.byteOffset, codes.length / 4), (node) =>
        skeletons.nameId(nameOf(node)),
      ),
    );
    met.set(hash, [...alike, { codes: Buffer.from(codes), skeleton }]);
    return skeleton;
  };
  return {
    tree(file) {
      wasm.dumpTree();
      const values = new Float64Array(wasm.memory.buffer, address(wasm.treeNumbers()), wasm.treeNumbersLength());
      return { file, skeleton: skeletonOf(), numbers: smallest(values, wasm.treeGreatest()) };
    },
    hazards(file) {
      const hazards: { [H in Hazard]?: HazardStats } = {};
      for (const [h, hazard] of TEXT_HAZARDS.entries()) {
        const count = wasm.hazardCount(h);
        const node = wasm.hazardNode(h);
        if (count === 0) continue;
        const first = Object.freeze({ file, record: wasm.hazardRecord(h), offset: wasm.hazardOffset(h) });
        hazards[hazard] = Object.freeze({ count, first, ...(node !== 0 && { path: pathOf(node) }) });
      }
      return Object.freeze(hazards);
    },
  };
}
