/**
 * Changes of one document, made one after the other; those that come while one is made are made together in the next.
 * So many that end at once do not get in each other's way. A change that throws fails those that were made with it.
 */
export function inBatches<Doc>(
  apply: (change: (doc: Doc) => Doc) => Promise<Doc>,
): (change: (doc: Doc) => Doc) => Promise<Doc> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting: { readonly changes: ((doc: Doc) => Doc)[]; readonly done: Promise<Doc> } | undefined;
  return (change) => {
    if (waiting !== undefined) {
      waiting.changes.push(change);
      return waiting.done;
    }
    const changes = [change];
    const done = last.then(() => {
      waiting = undefined;
      return apply((doc) => changes.reduce((now, each) => each(now), doc));
    });
    waiting = { changes, done };
    last = done.catch(() => undefined);
    return done;
  };
}
