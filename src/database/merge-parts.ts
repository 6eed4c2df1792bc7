/** Batches of several parts as they come, each part one batch ahead at most. */
export async function* mergeParts<T>(parts: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = new Map(parts.map((part, i) => [i, part[Symbol.asyncIterator]()]));
  const next = async (i: number): Promise<{ readonly i: number; readonly result: IteratorResult<T> } | undefined> => {
    const iterator = iterators.get(i);
    return iterator && { i, result: await iterator.next() };
  };
  const waiting = new Map([...iterators.keys()].map((i) => [i, next(i)]));
  try {
    while (waiting.size > 0) {
      const first = await Promise.race(waiting.values());
      if (first === undefined) return;
      if (first.result.done) {
        waiting.delete(first.i);
        iterators.delete(first.i);
        continue;
      }
      waiting.set(first.i, next(first.i));
      yield first.result.value;
    }
  } finally {
    for (const pending of waiting.values()) pending.catch(() => undefined);
    // what runs cannot be cut here; its connection is closed by the caller
    for (const iterator of iterators.values()) void iterator.return?.(undefined).catch(() => undefined);
  }
}
