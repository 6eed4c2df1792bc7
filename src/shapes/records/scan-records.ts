/** The exact ledgers of files whose reader yields records. */
import type { FileRef } from "../../storage/index.js";
import type { FileLedger } from "../ledger.js";
import { checkUnchanged, toFileLedger } from "../scan-files.js";
import type { ScanFilesContext } from "../scan-options.js";
import { createLedgerBuilder } from "./ledger-builder.js";
import type { RecordReader } from "./record-reader.js";
import { readEvents } from "./run-reader.js";

/**
 * Reads every record of every file; ledgers come in the order of the files. One thread: `context.workers` is not used.
 * @throws as `scanFiles`; malformed records are in the ledgers.
 */
export async function* scanRecords(
  files: readonly FileRef[],
  format: string,
  read: RecordReader,
  context: ScanFilesContext,
): AsyncGenerator<FileLedger, void, undefined> {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  let filesDone = 0;
  let bytesDone = 0;
  const report = (): void =>
    context.onProgress?.({
      phase: "scan",
      filesDone,
      files: files.length,
      bytesDone: Math.min(bytesDone, bytes),
      bytes,
    });
  const onRead = (count: number): void => {
    bytesDone += count;
    context.onBytesScanned?.(count);
    report();
  };
  for (const ref of files) {
    context.signal?.throwIfAborted();
    const builder = createLedgerBuilder(ref.path);
    const events = readEvents(ref, read, context, onRead);
    let next = await events.next();
    for (; next.done !== true; next = await events.next()) for (const event of next.value) builder.add(event);
    await checkUnchanged(ref, context.storage);
    filesDone++;
    report();
    yield toFileLedger(ref, format, [builder.finish(next.value)]);
  }
}
