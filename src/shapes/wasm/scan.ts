/**
 * The exact scanner of JSON: every record is walked once, counted into the tree of paths, and taken back exactly when
 * it proves malformed. `scanLines` reads one record per line; `scanValues` arrays of records, pretty-printed and
 * concatenated JSON.
 *
 * What was measured, what paid and what did not: docs/decisions/0202-the-loop-of-the-scanner.md.
 */
import { lineEnd, notAnObject, setRecordReader } from "./frames";
import { byteAt, fail, Fault, faultAt, faultCode, resetLoneSurrogates, skipValue } from "./lex";
import { beginRow, endRow } from "./scan-aside";
import { readValue, setLastWins, setTaking } from "./scan-values";
import {
  beginRecord, beginUndo, commitRecord, endUndo, hasHazard, hasSink, Hazard, noteMalformed, noteNotAnObject, root,
} from "./tree";

export { beginValues, isLost, readLines as scanLines, readValues as scanValues, resetLost } from "./frames";
export { alloc, faultAt, setNewlineIsSpace } from "./lex";
export { addColumn, beginCsv, headerLength, headerNames, readHeader, scanCsv } from "./scan-csv";
export { dumpShapes, otherShapesCount, shapesCount } from "./shape-table";
export { setTextTypes } from "./text-types";
export { beginFile, fileHazard, keptCount, keptPointer, malformedCount, placeBlock, recordCount } from "./tree";
export {
  dumpTree, hazardCount, hazardNode, hazardOffset, hazardRecord, nodeIsElement, nodeName, nodeNameLength, nodeParent, treeCodes, treeCodesHash, treeCodesLength, treeGreatest,
  treeNumbers, treeNumbersLength,
} from "./tree-dump";

/** The address after the JSON value at `p`, or 0; counts nothing. */
export function probe(p: usize): usize {
  const end = skipValue(p, 0);
  resetLoneSurrogates(0);
  return end;
}

// Records
// --------------------------------------------------------------------------------------------------------------

function undo(p: usize, except: u32): void {
  const code = faultCode;
  const at = faultAt;
  if (hasSink) endRow(false);
  beginUndo();
  setTaking(false);
  readValue(root, p);
  setTaking(true);
  endUndo(except);
  resetLoneSurrogates(0);
  fail(code, at);
}

/** Reads and counts the record at `p`; the address after it, or 0 with everything as before. */
function record(p: usize, wholeLine: bool): usize {
  if (byteAt(p) != 123) return notAnObject(p, wholeLine);
  beginRecord();
  if (hasSink) beginRow(false);
  let end = readValue(root, p);
  if (end && wholeLine) end = lineEnd(end);
  if (!end) {
    undo(p, Hazard.COUNT);
    return 0;
  }
  if (hasHazard(Hazard.DUPLICATE_KEY)) {
    undo(p, Hazard.DUPLICATE_KEY);
    beginRecord();
    if (hasSink) beginRow(true);
    setLastWins(true);
    readValue(root, p);
    setLastWins(false);
  }
  if (hasSink) endRow(true);
  commitRecord(p);
  return end;
}

/** Notes the last failure for the record in [start, end). */
function malformed(start: usize, end: usize): void {
  noteMalformed(start, end, faultCode, faultAt);
  if (faultCode == Fault.NOT_AN_OBJECT) noteNotAnObject(start);
}

/** Counts a record that the host could not hold. */
export function reject(start: usize, end: usize, code: u32): void {
  noteMalformed(start, end, code, end);
}

setRecordReader(record, malformed);
