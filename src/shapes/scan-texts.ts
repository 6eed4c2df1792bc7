/** Scans that may also tell what texts spell. */
import type { FileRef } from "../storage/index.js";
import type { FileLedger } from "./ledger.js";
import { scanFiles } from "./scan-files.js";
import type { ScanFilesContext, ScanFilesOptions } from "./scan-options.js";

/** With `textTypes` each file is read twice, and its ledger has `texts`. @throws as `scanFiles`. */
export const scanFilesOrTexts = (
  files: readonly FileRef[],
  options: ScanFilesOptions,
  textTypes: boolean,
  context: ScanFilesContext,
): AsyncGenerator<FileLedger, void, undefined> =>
  textTypes ? scanTexts(files, options, context) : scanFiles(files, options, context);

async function* scanTexts(
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: ScanFilesContext,
): AsyncGenerator<FileLedger, void, undefined> {
  const { onProgress: _, ...silent } = context;
  const spelled = scanFiles(files, { ...options, reader: { ...options.reader, textTypes: true } }, silent);
  try {
    for await (const ledger of scanFiles(files, options, context)) {
      const next = await spelled.next();
      if (next.done === true) throw new Error("unreachable: both scans are of the same files");
      yield Object.freeze({ ...ledger, texts: next.value.root });
    }
  } finally {
    await spelled.return();
  }
}
