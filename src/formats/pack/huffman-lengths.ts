/**
 * Lengths of the codes of a Huffman code for symbols of these frequencies, none longer than `longest`. A symbol that
 * does not occur counts as if it did once, as bzip2's format wants a code for each.
 */
export function huffmanLengths(frequencies: Uint32Array, longest: number): Uint8Array {
  const weights = Float64Array.from(frequencies, (count) => Math.max(count, 1));
  for (;;) {
    const lengths = lengthsOf(weights);
    if (lengths.every((length) => length <= longest)) return lengths;
    // flatter frequencies make shorter codes
    for (let i = 0; i < weights.length; i++) weights[i] = 1 + Math.floor((weights[i] ?? 1) / 2);
  }
}

function lengthsOf(weights: Float64Array): Uint8Array {
  const leaves = weights.length;
  const byWeight = Uint32Array.from(weights.keys()).sort((a, b) => (weights[a] ?? 0) - (weights[b] ?? 0));
  const parents = new Int32Array(2 * leaves - 1);
  const sums = new Float64Array(2 * leaves - 1);
  sums.set(weights);
  let leaf = 0;
  let inner = leaves;
  // of two queues in order, leaves and inner nodes, the lighter head
  const lightest = (made: number): number => {
    const next = byWeight[leaf];
    if (next !== undefined && (inner >= made || (sums[next] ?? 0) <= (sums[inner] ?? 0))) {
      leaf++;
      return next;
    }
    return inner++;
  };
  for (let made = leaves; made < parents.length; made++) {
    const a = lightest(made);
    const b = lightest(made);
    sums[made] = (sums[a] ?? 0) + (sums[b] ?? 0);
    parents[a] = parents[b] = made;
  }
  const depths = new Uint8Array(parents.length);
  for (let node = parents.length - 2; node >= 0; node--) depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1;
  return depths.subarray(0, leaves);
}
