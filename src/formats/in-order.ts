/**
 * Results of `work` in the order of `items`, at most `atOnce` running. The first failure ends the iteration when its
 * turn comes.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncIterable<R> {
  const running: Promise<R>[] = [];
  let next = 0;
  const start = (): void => {
    const item = items[next++];
    if (item === undefined) return;
    const result = work(item);
    result.catch(() => undefined); // awaited below, in turn
    running.push(result);
  };
  for (let i = 0; i < atOnce; i++) start();
  for (let result = running.shift(); result !== undefined; result = running.shift()) {
    yield await result;
    start();
  }
}
