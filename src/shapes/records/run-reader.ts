/** Opens a stored file for a record reader and hands on what it finds. */
import type { FileRef, Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { openLocal, openSource, openStored, type ByteSource } from "../byte-source.js";
import { localOf } from "../plan-tasks.js";
import type { RecordEvent, RecordReader } from "./record-reader.js";

/** What reading needs of `ScanContext` (src/formats), which lies above this layer. */
export type ReadContext = { readonly storage: Storage; readonly signal?: AbortSignal };

/**
 * Batches between two turns of the event loop, so that signals and timers are heard; local files are read without
 * waiting.
 */
const BATCHES_PER_TURN = 4;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The events of a file, batch by batch; hazards of its encoding first, damage of its compression last. Returns the
 * bytes after decompression. Ending the iteration closes the file.
 * @throws SOURCE_VANISHED, ACCESS_DENIED, READ_FAILED; the signal's reason when aborted.
 */
export async function* readEvents(
  ref: FileRef,
  read: RecordReader,
  { storage, signal }: ReadContext,
  onRead: (bytes: number) => void,
): AsyncGenerator<readonly RecordEvent[], number, undefined> {
  const local = localOf(ref, { storage });
  const raw = local === undefined ? await openStored(storage, ref.path) : openLocal(local, ref.path);
  try {
    const { source, encoding } = await openSource(raw, onRead);
    try {
      const start = encoding.bom === "utf-8" ? 3 : 0;
      const counted = counting(source);
      if (encoding.bom !== "none") yield [{ kind: "hazard", hazard: "BOM", offset: 0 }];
      if (encoding.bom.startsWith("utf-16")) yield [{ kind: "hazard", hazard: "TRANSCODED", offset: 0 }];
      let batches = 0;
      for await (const events of read({ file: ref.path, source: counted.source, encoding, start })) {
        if (++batches % BATCHES_PER_TURN === 0) await turn();
        signal?.throwIfAborted();
        if (events.length > 0) yield events;
      }
      const end = start + counted.bytes();
      const damage = source.damage();
      if (damage)
        yield [
          {
            kind: "malformed",
            offset: end,
            end,
            code: damage.code,
            at: 0,
            text: "",
            reason: `${damage.reason}, after ${end} bytes of unpacked data; records before that are kept`,
          },
        ];
      return end;
    } finally {
      await source.close();
    }
  } catch (cause) {
    throw readError(cause, ref.path);
  } finally {
    await raw.close();
  }
}

function counting(source: ByteSource): { readonly source: ByteSource; readonly bytes: () => number } {
  let bytes = 0;
  const took = (n: number): number => {
    bytes += n;
    return n;
  };
  return {
    bytes: () => bytes,
    source: {
      ...source,
      read(into) {
        const n = source.read(into);
        return typeof n === "number" ? took(n) : n.then(took);
      },
    },
  };
}

/** System errors of reading get a code of ours; everything else passes. */
function readError(cause: unknown, file: string): unknown {
  const { syscall, message } = cause as NodeJS.ErrnoException;
  if (typeof syscall !== "string") return cause;
  return new DynaframeError("READ_FAILED", `${file} cannot be read: ${message}`, {
    file,
    cause,
    hint: "check the file system, then run again",
  });
}
