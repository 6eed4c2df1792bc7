/**
 * The scanner that shreds as it scans: the ledger and the columns of a type guessed before, from one reading of the
 * bytes, for WebAssembly (AssemblyScript). Every value is counted as by `scan.ts` alone, and then put where `shred.ts`
 * would put it, by the same code.
 */
import { byteAt } from "./lex";
import { setAside } from "./scan-aside";
import { markValid } from "./shred-columns";
import { lookUp, Node } from "./shred-nodes";
import { forgetDuplicate, putText, readValue, setLastWins } from "./shred-read";
import { begin, keep, root, undo } from "./shred-records";
import { has, markChoice } from "./shred-values";
import { setRootSink } from "./tree-state";

export * from "./scan";
export {
  greatestValue, leastValue, packColumn, packedDictionary, packedDictionaryLength, packedEntries, packedPage, packedPageLength, unpackedDictionaryLength, unpackedPageLength,
} from "./pack-values";
export { newColumn, newDomain, startColumns } from "./shred-columns";
export { domainBytes, emptyDomain, settleColumn, validRows } from "./shred-flush";
export { giveChunk, takeChunk } from "./shred-memory";
export { nearestDouble, powersOfFive } from "./shred-double";
export {
  columnBits, columnLength, columnStart, domainEntries, domainNext, domainRows, misfitsOf, setBase, setChain, setElements, setLevels, setLimits, setNumbering, setStruct,
} from "./shred-host";
export { encodeLevels, expandDomain, levelsStart } from "./shred-levels";
export { newField, newNode, setSlot } from "./shred-nodes";
export { setSound } from "./shred-read";
export { fixCount, fixTable, resetFixes } from "./shred-values";
export { setRoot } from "./shred-records";

/** From here on values go to the columns of the root last set, or to none. */
export function shredAside(on: bool): void {
  setRootSink(on ? changetype<usize>(root) : 0);
}

setAside(
  (sink: usize, name: usize, length: u32) => changetype<usize>(lookUp(changetype<Node>(sink), name, length)),
  (sink: usize, p: usize) => {
    const node = changetype<Node>(sink);
    if (byteAt(p) == 123 && node.isStruct) {
      if (has(node.struct)) markValid(node.struct);
      markChoice(node);
    } else readValue(node, p, 0);
  },
  (sink: usize, from: usize, end: usize) => {
    putText(changetype<Node>(sink), from, end, false);
  },
  (again: bool) => {
    forgetDuplicate();
    setLastWins(again);
    begin();
  },
  (kept: bool) => {
    if (kept) keep();
    else undo();
  },
);
