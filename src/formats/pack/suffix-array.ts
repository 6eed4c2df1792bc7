/**
 * The suffixes of a text in order, by induced sorting: "Two Efficient Algorithms for Linear Time Suffix Array
 * Construction" (Nong, Zhang, Chan, 2011). Its time does not depend on how the text repeats itself.
 * @param text symbols from 0 to `largest`
 */
export function suffixArray(text: Uint8Array | Int32Array, largest: number): Int32Array {
  const n = text.length;
  if (n < 2) return new Int32Array(n);
  const sorted = new Int32Array(n);
  const smaller = smallerThanNext(text);
  const starts = bucketStarts(text, smaller, largest);
  const { places, order } = leftmostSmaller(smaller);
  induce(text, smaller, starts, places, sorted);
  if (places.length > 0) {
    const { names, count } = nameParts(text, sorted, places, order);
    const inner = suffixArray(names, count - 1);
    induce(
      text,
      smaller,
      starts,
      inner.map((i) => places[i] ?? 0),
      sorted,
    );
  }
  return sorted;
}

/** By place: 1 where the suffix is smaller than the next one. The last one, before the end, is not. */
function smallerThanNext(text: Uint8Array | Int32Array): Uint8Array {
  const smaller = new Uint8Array(text.length);
  for (let i = text.length - 2; i >= 0; i--) {
    const here = text[i] ?? 0;
    const next = text[i + 1] ?? 0;
    smaller[i] = here === next ? (smaller[i + 1] ?? 0) : here < next ? 1 : 0;
  }
  return smaller;
}

/**
 * By symbol: where its suffixes begin among all (those larger than their next first), and where its smaller ones do.
 */
type Starts = { readonly all: Int32Array; readonly smaller: Int32Array };

function bucketStarts(text: Uint8Array | Int32Array, smaller: Uint8Array, largest: number): Starts {
  const counts = new Int32Array(largest + 1);
  const larger = new Int32Array(largest + 1);
  for (let i = 0; i < text.length; i++) {
    const symbol = text[i] ?? 0;
    counts[symbol] = (counts[symbol] ?? 0) + 1;
    if (smaller[i] === 0) larger[symbol] = (larger[symbol] ?? 0) + 1;
  }
  const all = new Int32Array(largest + 2);
  const firstSmaller = new Int32Array(largest + 1);
  for (let symbol = 0; symbol <= largest; symbol++) {
    const start = all[symbol] ?? 0;
    firstSmaller[symbol] = start + (larger[symbol] ?? 0);
    all[symbol + 1] = start + (counts[symbol] ?? 0);
  }
  return { all, smaller: firstSmaller };
}

/** Smaller suffixes behind larger ones, by place, and by place which of them each is (-1 for the rest). */
function leftmostSmaller(smaller: Uint8Array): { readonly places: Int32Array; readonly order: Int32Array } {
  const order = new Int32Array(smaller.length).fill(-1);
  const places = new Int32Array(smaller.length >> 1);
  let count = 0;
  for (let i = 1; i < smaller.length; i++) {
    if (smaller[i] === 0 || smaller[i - 1] !== 0) continue;
    order[i] = count;
    places[count++] = i;
  }
  return { places: places.subarray(0, count), order };
}

/**
 * Puts the given suffixes at the ends of their buckets; from them follow the larger ones, and from those the smaller
 * ones.
 */
function induce(
  text: Uint8Array | Int32Array,
  smaller: Uint8Array,
  starts: Starts,
  given: Int32Array,
  sorted: Int32Array,
): void {
  const n = text.length;
  sorted.fill(-1);
  const tails = starts.smaller.slice();
  for (const place of given) {
    const symbol = text[place] ?? 0;
    const to = tails[symbol] ?? 0;
    sorted[to] = place;
    tails[symbol] = to + 1;
  }
  const heads = starts.all.slice();
  const last = text[n - 1] ?? 0;
  const first = heads[last] ?? 0;
  sorted[first] = n - 1;
  heads[last] = first + 1;
  for (let i = 0; i < n; i++) {
    const before = (sorted[i] ?? 0) - 1;
    if (before < 0 || smaller[before] !== 0) continue;
    const symbol = text[before] ?? 0;
    const to = heads[symbol] ?? 0;
    sorted[to] = before;
    heads[symbol] = to + 1;
  }
  const ends = starts.all.slice();
  for (let i = n - 1; i >= 0; i--) {
    const before = (sorted[i] ?? 0) - 1;
    if (before < 0 || smaller[before] === 0) continue;
    const symbol = text[before] ?? 0;
    const to = (ends[symbol + 1] ?? 0) - 1;
    sorted[to] = before;
    ends[symbol + 1] = to;
  }
}

/** The text in parts, each from one such suffix to the next: equal parts have one number, in their order. */
function nameParts(
  text: Uint8Array | Int32Array,
  sorted: Int32Array,
  places: Int32Array,
  order: Int32Array,
): { readonly names: Int32Array; readonly count: number } {
  const names = new Int32Array(places.length);
  const endOf = (part: number): number => places[part + 1] ?? text.length;
  let count = 0;
  let before = -1;
  for (const place of sorted) {
    const part = order[place] ?? -1;
    if (part < 0) continue;
    if (before < 0 || !isSame(text, places[before] ?? 0, endOf(before), place, endOf(part))) count++;
    names[part] = count - 1;
    before = part;
  }
  return { names, count };
}

function isSame(
  text: Uint8Array | Int32Array,
  from: number,
  end: number,
  otherFrom: number,
  otherEnd: number,
): boolean {
  if (end - from !== otherEnd - otherFrom) return false;
  let a = from;
  let b = otherFrom;
  while (a < end && text[a] === text[b]) {
    a++;
    b++;
  }
  // the symbol behind belongs to it; behind the end of the text is none
  return a === end && a < text.length && b < text.length && text[a] === text[b];
}
