import type { FileReader, Storage } from "./index.js";

export type OpenedAhead = {
  /** The storage, whose `open` gives what was opened before. */
  readonly storage: Storage;
  /** Closes what was opened and never asked for. */
  readonly close: () => Promise<void>;
};

/** Files opened before they are asked for. */
const AHEAD = 8;

/**
 * For files that are read one after the other: while one is read, the next ones that are not local are opened, so that
 * their first bytes are there when their turn comes. A file that cannot be opened fails in its turn.
 */
export function openAhead(storage: Storage, paths: readonly string[]): OpenedAhead {
  const remote = paths.filter((path) => storage.localPath(path) === undefined);
  const opened = new Map<string, Promise<FileReader>>();
  let next = 0;
  const fill = (): void => {
    while (opened.size < AHEAD && next < remote.length) {
      const path = remote[next++];
      if (path === undefined || opened.has(path)) continue;
      const reader = storage.open(path);
      reader.catch(() => undefined); // heard when its turn comes
      opened.set(path, reader);
    }
  };
  return {
    storage: {
      ...storage,
      open: (path) => {
        fill();
        const known = opened.get(path);
        opened.delete(path);
        fill();
        return known ?? storage.open(path);
      },
    },
    close: async () => {
      next = remote.length;
      await Promise.allSettled([...opened.values()].map(async (reader) => (await reader).close()));
      opened.clear();
    },
  };
}
