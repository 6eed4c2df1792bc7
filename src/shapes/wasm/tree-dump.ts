/** The tree of a file as numbers for the host (`read-dump.ts`), for WebAssembly (AssemblyScript). */
import { alloc } from "./lex";
import { isCounted } from "./tree";
import { Hazard, hazardCell } from "./tree-hazards";
import { isNil, Node, statsOf, Tag } from "./tree-nodes";
import { root } from "./tree-state";

let out: usize = 0;
let outRoom: usize = 0;
let outAt: usize = 0;
@inline function put(value: f64): void {
  store<f64>(out + (outAt << 3), value);
  outAt++;
}

function isActive(node: Node): bool {
  for (let t: u32 = 0; t < <u32>Tag.COUNT; t++) if (isCounted(statsOf(node, t))) return true;
  return false;
}
function countActive(node: Node): usize {
  let n: usize = 1;
  for (let k = node.first; !isNil(k); k = k.next) if (isActive(k)) n += countActive(k);
  if (!isNil(node.element) && isActive(node.element)) n += countActive(node.element);
  return n;
}
/** id, name, length of name, minimum, maximum, tags that follow; per tag: tag, count, record, offset; fields, element. */
function dumpNode(node: Node): void {
  put(<f64>changetype<usize>(node));
  put(<f64>node.name);
  put(<f64>node.nameLength);
  put(<f64>node.minLength);
  put(<f64>node.maxLength);
  let tags = 0;
  for (let t: u32 = 0; t < <u32>Tag.COUNT; t++) if (isCounted(statsOf(node, t))) tags++;
  put(<f64>tags);
  for (let t: u32 = 0; t < <u32>Tag.COUNT; t++) {
    const stats = statsOf(node, t);
    if (!isCounted(stats)) continue;
    put(<f64>t);
    put(<f64>stats.count);
    put(<f64>stats.record);
    put(<f64>stats.offset);
  }
  let fields = 0;
  for (let k = node.first; !isNil(k); k = k.next) if (isActive(k)) fields++;
  put(<f64>fields);
  for (let k = node.first; !isNil(k); k = k.next) if (isActive(k)) dumpNode(k);
  const hasElement = !isNil(node.element) && isActive(node.element);
  put(hasElement ? 1 : 0);
  if (hasElement) dumpNode(node.element);
}
/** Writes hazards (count, record, offset, node) and then the tree of the file as doubles; `dumpLength` of them. */
export function dump(): usize {
  const need = <usize>Hazard.COUNT * 4 + countActive(root) * (8 + 4 * <usize>Tag.COUNT);
  if (need > outRoom) {
    outRoom = need * 2;
    out = alloc(outRoom << 3);
  }
  outAt = 0;
  for (let h: u32 = 0; h < <u32>Hazard.COUNT; h++) {
    const cell = hazardCell(h);
    put(<f64>cell.count);
    put(<f64>cell.record);
    put(<f64>cell.offset);
    put(<f64>cell.node);
  }
  dumpNode(root);
  return out;
}
export function dumpLength(): usize { return outAt; }
