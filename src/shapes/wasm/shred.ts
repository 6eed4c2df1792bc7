/**
 * The shredder: JSON records into columns, one pass, for WebAssembly (AssemblyScript). Values go to the column of their
 * arm; keys that the type lacks are checked and skipped; a malformed record leaves no trace but its count.
 */
import { lineEnd, notAnObject, setRecordReader } from "./frames";
import { alloc, byteAt, skipValue } from "./lex";
import { duplicateKey, forgetDuplicate, readObject, setLastWins } from "./shred-read";
import { begin, countMalformed, keep, root, undo } from "./shred-records";

export { alloc };
export { beginValues, isLost, readLines, readValues, resetLost } from "./frames";
export { faultAt, setNewlineIsSpace, skipValue } from "./lex";
export { newColumn, newDomain, startColumns } from "./shred-columns";
export { domainBytes, emptyDomain, settleColumn, validRows } from "./shred-flush";
export { giveChunk, takeChunk } from "./shred-memory";
export { addColumn, beginCsv, headerLength, headerNames, readHeader, scanCsv } from "./shred-csv";
export { nearestDouble, powersOfFive } from "./shred-double";
export {
  columnBits, columnLength, columnStart, domainEntries, domainNext, domainRows, misfitsOf, setBase, setChain, setElements, setLevels, setLimits, setNumbering, setStruct,
} from "./shred-host";
export { encodeLevels, expandDomain, levelsStart } from "./shred-levels";
export { newField, newNode, setSlot } from "./shred-nodes";
export { setSound } from "./shred-read";
export { fixCount, fixTable, resetFixes } from "./shred-values";
export { malformedCount, recordCount, setRoot } from "./shred-records";

/**
 * Shreds the record at `p` and returns the address after it; 0 when it is malformed, with everything as before. With
 * `wholeLine` it must end its line, and the newline is what is returned.
 */
function shredRecord(p: usize, wholeLine: bool): usize {
  if (byteAt(p) != 123) return notAnObject(p, wholeLine);
  begin();
  forgetDuplicate();
  let end = readObject(root, p, 1);
  if (end && wholeLine) end = lineEnd(end);
  if (!end) undo();
  if (duplicateKey) {
    end = skipValue(p, 0);
    if (end && wholeLine) end = lineEnd(end);
    if (end) {
      begin();
      setLastWins(true);
      readObject(root, p, 1);
      setLastWins(false);
    }
  }
  if (end) keep();
  return end;
}

setRecordReader(shredRecord, (_start: usize, _end: usize) => countMalformed());
