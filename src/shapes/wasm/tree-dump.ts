/**
 * The tree of a file for the host (`read-tree.ts`), for WebAssembly (AssemblyScript). What files have in common, the
 * codes, apart from the numbers: the host has met the codes of nearly every file before, and need not look at them
 * again.
 */
import { alloc } from "./lex";
import { isCounted } from "./tree";
import { hazardCell } from "./tree-hazards";
import { isNil, Node, statsOf, Tag } from "./tree-nodes";
import { root } from "./tree-state";

// As in flat-tree.ts.
const ELEMENT: u32 = 1, LENGTHS: u32 = 2, FLAGS: u32 = 32;

let codes: usize = 0;
let codesRoom: usize = 0;
let codesAt: usize = 0;
let codesHash: u32 = 0;
let numbers: usize = 0;
let numbersRoom: usize = 0;
let numbersAt: usize = 0;
let greatest: f64 = 0;

@inline function putCode(code: u32): void {
  store<u32>(codes + (codesAt++ << 2), code);
  codesHash = codesHash * 31 + code;
}
@inline function putNumber(value: f64): void {
  store<f64>(numbers + (numbersAt++ << 3), value);
  if (value > greatest) greatest = value;
}

function markOf(node: Node): u32 {
  let mark: u32 = 0;
  for (let t: u32 = 0; t < <u32>Tag.COUNT; t++) if (isCounted(statsOf(node, t))) mark |= FLAGS << t;
  return mark;
}
function countActive(node: Node): usize {
  let n: usize = 1;
  for (let k = node.first; !isNil(k); k = k.next) if (markOf(k)) n += countActive(k);
  if (!isNil(node.element) && markOf(node.element)) n += countActive(node.element);
  return n;
}
/**
 * Codes: mark, count of fields, for each field its node's address, which stands for its name, and what is in it; then
 * what is in the element. Numbers: for each tag count, record and offset; then the lengths of lists.
 */
function dumpNode(node: Node, mark: u32): void {
  for (let t: u32 = 0; t < <u32>Tag.COUNT; t++) {
    if (!(mark & (FLAGS << t))) continue;
    const stats = statsOf(node, t);
    putNumber(<f64>stats.count);
    putNumber(<f64>stats.record);
    putNumber(<f64>stats.offset);
  }
  const element = isNil(node.element) ? 0 : markOf(node.element);
  if (element) mark |= ELEMENT;
  if (mark & (FLAGS << Tag.ARRAY)) {
    mark |= LENGTHS;
    putNumber(<f64>node.minLength);
    putNumber(<f64>node.maxLength);
  }
  putCode(mark);
  const place = codesAt;
  putCode(0);
  let fields: u32 = 0;
  for (let k = node.first; !isNil(k); k = k.next) {
    const inside = markOf(k);
    if (!inside) continue;
    fields++;
    putCode(<u32>changetype<usize>(k));
    dumpNode(k, inside);
  }
  store<u32>(codes + (place << 2), fields);
  if (element) dumpNode(node.element, element);
}

/** Lays out codes and numbers of the file. */
export function dumpTree(): void {
  const nodes = countActive(root);
  if (nodes * 3 > codesRoom) codes = alloc((codesRoom = nodes * 6) << 2);
  const most = nodes * (2 + 3 * <usize>Tag.COUNT);
  if (most > numbersRoom) numbers = alloc((numbersRoom = most * 2) << 3);
  codesAt = numbersAt = 0;
  codesHash = 0;
  greatest = 0;
  dumpNode(root, markOf(root));
}
export function treeCodes(): usize { return codes; }
export function treeCodesLength(): usize { return codesAt; }
/** Equal for equal codes, and mostly different for others. */
export function treeCodesHash(): u32 { return codesHash; }
export function treeNumbers(): usize { return numbers; }
export function treeNumbersLength(): usize { return numbersAt; }
export function treeGreatest(): f64 { return greatest; }

// Paths, for those who ask
// ---------------------------------------------------------------------------------------------

@inline function nodeAt(address: usize): Node { return changetype<Node>(address); }
export function nodeName(node: usize): usize { return nodeAt(node).name; }
export function nodeNameLength(node: usize): u32 { return nodeAt(node).nameLength; }
/** 0 of the record. */
export function nodeParent(node: usize): usize { return changetype<usize>(nodeAt(node).parent); }
export function nodeIsElement(node: usize): bool { return nodeAt(node).parent.element == nodeAt(node); }

// Hazards
// --------------------------------------------------------------------------------------------------------------

export function hazardCount(hazard: u32): f64 { return <f64>hazardCell(hazard).count; }
export function hazardRecord(hazard: u32): f64 { return <f64>hazardCell(hazard).record; }
export function hazardOffset(hazard: u32): f64 { return <f64>hazardCell(hazard).offset; }
/** The address of the node where it is, or 0. */
export function hazardNode(hazard: u32): usize { return hazardCell(hazard).node; }
