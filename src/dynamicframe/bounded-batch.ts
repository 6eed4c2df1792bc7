import { DynaframeError } from "../types/error.js";

const DEFAULT_CONCURRENCY = 16;

/** The option `concurrency`, or its default. @throws BAD_OPTION */
export function checkConcurrency(verb: string, given: number | undefined): number {
  if (given === undefined) return DEFAULT_CONCURRENCY;
  if (Number.isSafeInteger(given) && given >= 1) return given;
  throw new DynaframeError("BAD_OPTION", `${verb}: concurrency should be a whole number from 1 but is ${String(given)}.`, { path: "concurrency", expected: "a whole number from 1", found: String(given) });
}

/**
 * `work` on each item, `take` with each result in the order of the items. Undefined when all results were there at once; else a promise:
 * at most `most` items are at work at a time.
 */
export function inOrder<A, R extends object>(items: readonly A[], work: (item: A) => R | Promise<R>, take: (result: R, item: A) => void, most: number): Promise<void> | undefined {
  for (const [i, item] of items.entries()) {
    const result = work(item);
    if (result instanceof Promise) return restInOrder(items, i, result, work, take, most);
    take(result, item);
  }
  return undefined;
}

async function restInOrder<A, R extends object>(
  items: readonly A[], from: number, first: Promise<R>, work: (item: A) => R | Promise<R>, take: (result: R, item: A) => void, most: number,
): Promise<void> {
  // a window: results are taken from its front, so that what is done early waits for what came before
  const window: (R | Promise<R>)[] = [first];
  let next = from + 1;
  for (let at = from; at < items.length; at++) {
    while (next < items.length && window.length < most) window.push(work(items[next++] as A));
    const result = await window.shift();
    if (result !== undefined) take(result, items[at] as A);
  }
}
