import { readHead } from "../formats/head.js";
import { inOrder } from "../formats/in-order.js";
import type { FileRef } from "../storage/index.js";
import type { Classification } from "./classify/classification.js";
import { classifyHead } from "./classify/classifiers.js";
import { csvFirstRow } from "./classify/csv-layout.js";
import type { CrawlOptions, CrawlServices, FileProblem } from "./crawl-options.js";
import { problemOf } from "./list-includes.js";

const HEADS_AT_ONCE = 16;
/** From afar each waits for its bytes most of the time. */
const REMOTE_HEADS_AT_ONCE = 48;
/**
 * Files from afar that come whole with their heads, and are scanned from copies: a second request costs as much as the
 * first.
 */
const WHOLE_BYTES = 64 << 10;

export type ClassifiedFile = { readonly ref: FileRef; readonly classification: Classification };
export type Classified = { readonly files: readonly ClassifiedFile[]; readonly problems: readonly FileProblem[] };

/**
 * Reads the head of each file and classifies it; `earlier` ones, of a crawl that was killed, tell of headers. A file
 * that vanished or may not be read is a problem, the others go on.
 */
export async function classifyFiles(
  refs: readonly FileRef[],
  options: CrawlOptions,
  services: CrawlServices,
  earlier: readonly ClassifiedFile[] = [],
): Promise<Classified> {
  const files: (ClassifiedFile & { firstRow?: string })[] = [];
  const problems: FileProblem[] = [];
  const shared = classificationPool();
  const isAfar = ({ path }: FileRef): boolean => services.storage.localPath(path) === undefined;
  const attempt = async (ref: FileRef) => {
    services.signal?.throwIfAborted();
    try {
      if (isAfar(ref) && ref.size <= WHOLE_BYTES) await services.storage.copy?.(ref, services.signal);
      const head = await readHead(services.storage, ref.path, ref);
      services.onBytesScanned?.(head.read);
      const classification = shared(classifyHead(head, options.classifiers ?? []));
      return {
        ref,
        classification,
        ...(classification.csv === undefined ? {} : { firstRow: csvFirstRow(head, classification.csv) }),
      };
    } catch (error) {
      services.signal?.throwIfAborted();
      return problemOf(ref.path, error);
    }
  };
  for await (const result of inOrder(refs, refs.some(isAfar) ? REMOTE_HEADS_AT_ONCE : HEADS_AT_ONCE, attempt)) {
    if ("ref" in result) files.push(result);
    else problems.push(result);
  }
  return { files: shareHeaders(files, earlier), problems };
}

/** Equal classifications as one object: of very many files each would be some hundred bytes. */
function classificationPool(): (classification: Classification) => Classification {
  const known = new Map<string, Classification>();
  return (classification) => {
    const key = JSON.stringify(classification);
    const found = known.get(key);
    if (found === undefined) known.set(key, classification);
    return found ?? classification;
  };
}

/**
 * A small CSV file may look headless because all its cells are text. When its first row equals a header found in
 * another file, it is that header: the files of one table would else disagree on their columns.
 */
function shareHeaders(
  files: readonly (ClassifiedFile & { firstRow?: string })[],
  earlier: readonly ClassifiedFile[],
): readonly ClassifiedFile[] {
  const headers = new Map<string, Classification["csv"]>();
  for (const {
    classification: { csv },
  } of earlier)
    if (csv?.header === true) headers.set(JSON.stringify([csv.delimiter, ...csv.columns]), csv);
  for (const { classification, firstRow } of files) {
    if (classification.csv?.header === true && firstRow !== undefined) headers.set(firstRow, classification.csv);
  }
  return files.map(({ ref, classification, firstRow }) => {
    const shared = firstRow === undefined || classification.csv?.header === true ? undefined : headers.get(firstRow);
    return { ref, classification: shared === undefined ? classification : { ...classification, csv: shared } };
  });
}
