import { DynaframeError } from "../types/error.js";

const DEFAULT_CONCURRENCY = 16;

/** The option `concurrency`, or its default. @throws BAD_OPTION */
export function checkConcurrency(verb: string, given: number | undefined): number {
  if (given === undefined) return DEFAULT_CONCURRENCY;
  if (Number.isSafeInteger(given) && given >= 1) return given;
  throw new DynaframeError(
    "BAD_OPTION",
    `${verb}: concurrency should be a whole number from 1 but is ${String(given)}.`,
    { path: "concurrency", expected: "a whole number from 1", found: String(given) },
  );
}

/**
 * `work` on each of `count` items by its position, `take` with each result in their order. Undefined when all results
 * were there at once; else a promise: at most `most` items are at work at a time.
 */
export function inOrder<R extends object>(
  count: number,
  work: (at: number) => R | Promise<R>,
  take: (result: R, at: number) => void,
  most: number,
): Promise<void> | undefined {
  for (let at = 0; at < count; at++) {
    const result = work(at);
    if (result instanceof Promise) return restInOrder(at, count, result, work, take, most);
    take(result, at);
  }
  return undefined;
}

async function restInOrder<R extends object>(
  from: number,
  count: number,
  first: Promise<R>,
  work: (at: number) => R | Promise<R>,
  take: (result: R, at: number) => void,
  most: number,
): Promise<void> {
  // a window: results are taken from its front, so that what is done early waits for what came before
  const window: (R | Promise<R>)[] = [first];
  let next = from + 1;
  for (let at = from; at < count; at++) {
    while (next < count && window.length < most) window.push(work(next++));
    const result = await window.shift();
    if (result !== undefined) take(result, at);
  }
}
