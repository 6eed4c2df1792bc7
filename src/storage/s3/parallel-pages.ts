/** Listing many keys: the space of keys is cut at folder names, and the parts are listed side by side. */
import type { S3Session } from "./client.js";
import { DynaframeError } from "../../types/error.js";
import { compareUtf8 } from "./code-unit-order.js";
import { keyPages, type KeyQuery, type ListedKey } from "./key-pages.js";

/** Parts listed at once. */
const AT_ONCE = 8;
/** Pages, of 1000 keys, held for parts whose turn has not come: the bound on memory. */
const PAGES_HELD = 64;
/** Folder levels looked at for one with more than one folder in it. */
const LEVELS = 4;

/** Keys in `(after, upTo]`, by UTF-8 bytes. */
type KeyRange = { readonly after?: string; readonly upTo?: string };

/**
 * All keys below a prefix, by UTF-8 bytes. The first page is one request; only when more follow is the rest cut into
 * parts. A server that knows no order (S3's directory buckets) shows so in its first page: then all keys are held and
 * sorted.
 */
export async function* listKeys(
  session: S3Session,
  query: KeyQuery,
): AsyncGenerator<readonly ListedKey[], void, undefined> {
  const pages = keyPages(session, query);
  const first = await pages.next();
  if (first.done === true) return;
  const { keys, more } = first.value;
  if (!isSorted(keys)) {
    const all = [...keys];
    for await (const page of pages) all.push(...page.keys);
    yield all.sort((a, b) => compareUtf8(a.key, b.key));
    return;
  }
  yield keys;
  let last = keys.at(-1);
  if (!more || last === undefined) return;
  for await (const page of inTurn(session, query, await rangesAfter(session, query, last.key))) {
    if (!isSorted([last, ...page]))
      throw new DynaframeError(
        "READ_FAILED",
        `s3://${query.bucket}/${query.prefix} cannot be listed: the server gives its keys in no order`,
        { hint: "List fewer keys at once, or use a server that orders them as S3 does." },
      );
    last = page.at(-1) ?? last;
    yield page;
  }
}

const isSorted = (keys: readonly ListedKey[]): boolean =>
  keys.every(({ key }, i) => i === 0 || compareUtf8(keys[i - 1]?.key ?? "", key) < 0);

/** Cuts what follows a key at the folders of the first level that has several. One request for each level. */
async function rangesAfter(session: S3Session, query: KeyQuery, after: string): Promise<readonly KeyRange[]> {
  let prefix = query.prefix;
  for (let level = 0; level < LEVELS; level++) {
    const page = await keyPages(session, { ...query, prefix, delimiter: "/" }).next();
    const prefixes = page.done === true ? [] : page.value.prefixes;
    const [only] = prefixes;
    if (prefixes.length === 1 && only !== undefined) {
      prefix = only;
      continue;
    }
    const cuts = evenly(
      prefixes.filter((cut) => isAfter(cut, after)),
      AT_ONCE * 4,
    );
    return [undefined, ...cuts].map((cut, i) => {
      const upTo = cuts[i];
      return { after: cut ?? after, ...(upTo === undefined ? {} : { upTo }) };
    });
  }
  return [{ after }];
}

/** At most `count` of the items, evenly spread. */
const evenly = (items: readonly string[], count: number): readonly string[] =>
  items.length <= count
    ? items
    : Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] ?? "");

const isAfter = (a: string, b: string): boolean => compareUtf8(a, b) > 0;

/** Lists the ranges side by side and gives their pages in the order of the ranges. */
async function* inTurn(
  session: S3Session,
  query: KeyQuery,
  ranges: readonly KeyRange[],
): AsyncGenerator<readonly ListedKey[], void, undefined> {
  const ended = new AbortController();
  const signal = query.signal === undefined ? ended.signal : AbortSignal.any([query.signal, ended.signal]);
  const held = { pages: 0 };
  const queues = ranges.map((range) => new PageQueue(keysOf(session, { ...query, signal }, range), held));
  try {
    for (const [turn, queue] of queues.entries()) {
      for (const near of queues.slice(turn, turn + AT_ONCE)) near.start();
      for (let page = await queue.next(); page !== undefined; page = await queue.next()) yield page;
    }
  } finally {
    ended.abort();
    for (const queue of queues) queue.stop();
  }
}

async function* keysOf(
  session: S3Session,
  query: KeyQuery,
  { after, upTo }: KeyRange,
): AsyncGenerator<readonly ListedKey[], void, undefined> {
  for await (const { keys } of keyPages(session, { ...query, ...(after === undefined ? {} : { after }) })) {
    const last = keys.at(-1);
    const past = upTo !== undefined && last !== undefined && isAfter(last.key, upTo);
    yield past ? keys.filter(({ key }) => !isAfter(key, upTo)) : keys;
    if (past) return;
  }
}

/** Pages fetched ahead of their turn, as long as not too many are held. The queue whose turn it is may always fetch. */
class PageQueue {
  private readonly pages: (readonly ListedKey[])[] = [];
  private started = false;
  private ended = false;
  private itsTurn = false;
  private failure: { readonly cause: unknown } | undefined;
  private wakeReader: () => void = () => undefined;
  private wakeFetcher: () => void = () => undefined;

  constructor(
    private readonly source: AsyncGenerator<readonly ListedKey[], void, undefined>,
    private readonly held: { pages: number },
  ) {}

  start(): void {
    if (this.started) return;
    this.started = true;
    void this.fetch();
  }

  async next(): Promise<readonly ListedKey[] | undefined> {
    this.itsTurn = true;
    this.wakeFetcher();
    for (;;) {
      const page = this.pages.shift();
      if (page !== undefined) {
        this.held.pages--;
        this.wakeFetcher();
        return page;
      }
      if (this.failure !== undefined) throw this.failure.cause;
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
  }

  stop(): void {
    this.ended = true;
    this.wakeFetcher();
  }

  private async fetch(): Promise<void> {
    try {
      for await (const page of this.source) {
        this.pages.push(page);
        this.held.pages++;
        this.wakeReader();
        while (!this.ended && this.mustWait())
          await new Promise<void>((resolve) => {
            this.wakeFetcher = resolve;
          });
        if (this.ended) return;
      }
    } catch (cause) {
      this.failure = { cause };
    }
    this.ended = true;
    this.wakeReader();
  }

  private mustWait(): boolean {
    return this.itsTurn ? this.pages.length >= 2 : this.held.pages >= PAGES_HELD;
  }
}
