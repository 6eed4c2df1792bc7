import { suffixArray } from "./suffix-array.js";

/** The last bytes of all rotations of a block in their order, and which of them is the block itself. */
export function burrowsWheeler(block: Uint8Array): { readonly last: Uint8Array; readonly origin: number } {
  const n = block.length;
  const least = leastRotation(block);
  // begun at its least rotation, a block's suffixes have the order of its rotations
  const turned = new Uint8Array(n);
  turned.set(block.subarray(least));
  turned.set(block.subarray(0, least), n - least);
  const order = suffixArray(turned, 255);
  const last = new Uint8Array(n);
  const itself = (n - least) % n;
  let origin = 0;
  for (let i = 0; i < n; i++) {
    const from = order[i] ?? 0;
    last[i] = turned[from === 0 ? n - 1 : from - 1] ?? 0;
    if (from === itself) origin = i;
  }
  return { last, origin };
}

/** Two candidates are compared until one loses, and with it all that lie within what was compared. */
function leastRotation(block: Uint8Array): number {
  const n = block.length;
  let a = 0;
  let b = 1;
  let equal = 0;
  while (a < n && b < n && equal < n) {
    const atA = a + equal;
    const atB = b + equal;
    const left = block[atA < n ? atA : atA - n] ?? 0;
    const right = block[atB < n ? atB : atB - n] ?? 0;
    if (left === right) {
      equal++;
      continue;
    }
    if (left > right) a += equal + 1;
    else b += equal + 1;
    if (a === b) b++;
    equal = 0;
  }
  return Math.min(a, b);
}
