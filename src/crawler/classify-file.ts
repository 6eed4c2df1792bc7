import type { Column } from "../catalog/index.js";
import { readHead } from "../formats/head.js";
import type { FormatOptions } from "../formats/index.js";
import { DynaframeError } from "../types/error.js";
import { catalogColumns } from "./catalog-columns.js";
import { checkClassifiers } from "./classify/check-classifiers.js";
import { type Classification, scanOptions } from "./classify/classification.js";
import { classifyHead, type CustomClassifier } from "./classify/classifiers.js";
import type { CrawlServices } from "./crawl-options.js";
import { scanFiles } from "./scan-files.js";

/** What the crawler makes of one file. */
export type FileClassification = {
  /** As in the table parameter: json, csv, …; UNKNOWN. */
  readonly classification: string;
  readonly decidedBy: string;
  readonly compression: Classification["compression"];
  /** CSV only: whether the first row names the columns. */
  readonly header?: boolean;
  readonly delimiter?: string;
  /** Of the whole file, exact; empty when the format cannot be read here. */
  readonly columns: readonly Column[];
  /** Reader options with which the file is read as classified; absent when it cannot be read. */
  readonly options?: FormatOptions;
};

/** Classifies one file as a crawl would, and scans it for its columns. */
export async function classifyFile(
  path: string,
  classifiers: readonly CustomClassifier[],
  services: Omit<CrawlServices, "catalog">,
): Promise<FileClassification> {
  checkClassifiers(classifiers);
  const ref = await services.storage.stat(services.storage.resolve(path));
  if (ref === undefined) throw new DynaframeError("PATH_NOT_FOUND", `${path} does not exist`, { file: path });
  const classification = classifyHead(await readHead(services.storage, ref.path), classifiers);
  const { name, decidedBy, compression, csv, format } = classification;
  const scanned = format === undefined ? undefined : await scanFiles([{ ref, classification }], services);
  const problem = scanned?.problems[0];
  if (problem !== undefined)
    throw new DynaframeError(problem.code, problem.message, {
      file: problem.file,
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    });
  const ledger = scanned?.ledgers.get(ref.path);
  return {
    classification: name,
    decidedBy,
    compression,
    ...(csv === undefined ? {} : { header: csv.header, delimiter: csv.delimiter }),
    columns: ledger === undefined ? [] : catalogColumns(ledger, [], classification).columns,
    ...(format === undefined ? {} : { options: scanOptions(classification) }),
  };
}
