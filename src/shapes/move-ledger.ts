import type { FileLedger } from "./ledger.js";

/** The ledger of a file that has moved: the same counts, every place under the new name. */
export function movedLedger(ledger: FileLedger, to: string): FileLedger {
  return renamed(ledger, ledger.file, to) as FileLedger;
}

/** Places are the only objects that name the file, under the key `file`; so does the ledger itself. */
function renamed(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map((item) => renamed(item, from, to)));
  if (typeof value !== "object" || value === null) return value;
  return Object.freeze(
    Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, key === "file" && item === from ? to : renamed(item, from, to)]),
    ),
  );
}
