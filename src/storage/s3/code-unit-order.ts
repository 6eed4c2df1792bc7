/**
 * S3 lists keys by their UTF-8 bytes, the storage port by UTF-16 code units. The two differ only after a common
 * beginning, where one key goes on with U+E000–U+FFFF and the other with a character past U+FFFF: such keys lie
 * together in both orders, so each group is sorted alone.
 */
export async function* inCodeUnitOrder<T>(items: AsyncIterable<T>, keyOf: (item: T) => string): AsyncGenerator<T> {
  let group: T[] = [];
  let common: string | undefined;
  for await (const item of items) {
    const key = keyOf(item);
    if (common !== undefined && isInGroup(key, common)) {
      group.push(item);
      continue;
    }
    yield* sorted(group, keyOf);
    const at = key.search(HIGH);
    common = at < 0 ? undefined : key.slice(0, at);
    group = at < 0 ? [] : [item];
    if (at < 0) yield item;
  }
  yield* sorted(group, keyOf);
}

/** Negative when the first key comes before the second by UTF-8 bytes, as S3 orders them. */
export function compareUtf8(a: string, b: string): number {
  if (HIGH.test(a) || HIGH.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Code units from the surrogates on. */
const HIGH = /[\ud800-\uffff]/;

const isInGroup = (key: string, common: string): boolean =>
  key.startsWith(common) && HIGH.test(key.charAt(common.length));

const sorted = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] =>
  [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
