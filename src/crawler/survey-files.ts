/** What a crawl found out: each file with its classification and ledger, of which tables are planned. */
import type { FileLedger } from "../shapes/ledger.js";
import type { FileRef } from "../storage/index.js";
import type { Classification } from "./classify/classification.js";
import { classifyFiles, type ClassifiedFile } from "./classify-files.js";
import { type LedgerKeeper, ledgerKeeper } from "./compact-ledger.js";
import type { Considered } from "./consider-files.js";
import type { CrawlOptions, CrawlServices, FileProblem, SkippedFile } from "./crawl-options.js";
import type { EffectiveCrawlerConfig } from "./crawler-config.js";
import { classificationOf, isUnchanged, type KnownFile, type KnownTable } from "./known-tables.js";
import type { Listing } from "./list-includes.js";
import type { LoggedTables } from "./logged-tables.js";
import { scanFiles } from "./scan-files.js";
import type { TableSettings } from "./table-input.js";

/** Everything a crawl found out, from which tables are planned. */
export type Survey = {
  readonly options: CrawlOptions;
  readonly config: EffectiveCrawlerConfig;
  readonly settings: TableSettings;
  readonly services: CrawlServices;
  readonly listing: Listing;
  /** The files that count as there, by include path. */
  readonly includes: Considered["files"];
  readonly logged: LoggedTables;
  /** All tables of the database, and those of them whose location is in an include path. */
  readonly all: readonly KnownTable[];
  readonly inside: readonly KnownTable[];
  readonly known: ReadonlyMap<string, KnownFile>;
  readonly listed: ReadonlySet<string>;
  readonly keeper: LedgerKeeper;
  readonly files: ReadonlyMap<string, SurveyedFile>;
  readonly fresh: ReadonlySet<string>;
  readonly problems: readonly FileProblem[];
  readonly skipped: readonly SkippedFile[];
};
export type SurveyedFile = {
  readonly ref: FileRef;
  readonly classification: Classification;
  readonly ledger: FileLedger;
};

/** What is known before any file is read. */
export type World = Pick<
  Survey,
  "options" | "config" | "settings" | "services" | "listing" | "includes" | "logged" | "all" | "inside" | "known"
>;

/** Ledgers of all files: stored ones of unchanged files, scans of the others. */
export async function surveyFiles(before: World): Promise<Survey> {
  const { listing, includes, known, options, services } = before;
  const refs = includes.flatMap(({ files }) => files);
  const unchanged = refs.filter((ref) => isUnchanged(ref, known));
  const keeper = ledgerKeeper();
  const stored = await storedFiles(unchanged, before, keeper);
  const resumed = refs.flatMap((ref) => (stored.has(ref.path) ? [] : (services.checkpoint?.find(ref) ?? [])));
  const done = new Set([...stored.keys(), ...resumed.map(({ ref }) => ref.path)]);
  const classified = await classifyFiles(
    refs.filter((ref) => !done.has(ref.path)),
    options,
    services,
    resumed,
  );
  const readable = classified.files.filter(({ classification }) => classification.format !== undefined);
  const scanned = await scanFiles(readable, services, keeper.keep);
  const fresh = [
    ...resumed,
    ...readable.flatMap(({ ref, classification }) => {
      const ledger = scanned.ledgers.get(ref.path);
      return ledger === undefined ? [] : [{ ref, classification, ledger }];
    }),
  ];
  const byPath = (file: SurveyedFile): readonly [string, SurveyedFile] => [file.ref.path, file];
  return {
    ...before,
    keeper,
    listed: new Set(refs.map(({ path }) => path)),
    files: new Map([...stored.values(), ...fresh].map(byPath)),
    fresh: new Set(fresh.map(({ ref }) => ref.path)),
    problems: [...listing.problems, ...classified.problems, ...scanned.problems],
    skipped: [...listing.skipped, ...unreadable(classified.files)],
  };
}

/** Ledgers of the catalog are asked for in parts, so that not all of a large table are there as objects at once. */
const LEDGERS_AT_ONCE = 1000;

async function storedFiles(
  refs: readonly FileRef[],
  { known, services }: World,
  { keep }: LedgerKeeper,
): Promise<ReadonlyMap<string, SurveyedFile>> {
  const byOwner = new Map<KnownTable, Map<string, FileRef>>();
  for (const ref of refs) {
    const owner = known.get(ref.path)?.owner;
    if (owner !== undefined) byOwner.set(owner, (byOwner.get(owner) ?? new Map<string, FileRef>()).set(ref.path, ref));
  }
  const files = new Map<string, SurveyedFile>();
  for (const [{ table }, wanted] of byOwner) {
    const classification = classificationOf(table);
    if (classification === undefined) continue;
    const paths = [...wanted.keys()];
    for (let from = 0; from < paths.length; from += LEDGERS_AT_ONCE) {
      for (const ledger of await services.catalog.getFileLedgers(
        table.DatabaseName,
        table.Name,
        paths.slice(from, from + LEDGERS_AT_ONCE),
      )) {
        const ref = wanted.get(ledger.file);
        if (ref !== undefined) files.set(ref.path, { ref, classification, ledger: keep(ledger) });
      }
    }
  }
  return files;
}

function unreadable(files: readonly ClassifiedFile[]): readonly SkippedFile[] {
  return files
    .filter(({ classification }) => classification.format === undefined)
    .map(({ ref, classification: { name, compression } }) =>
      name === "UNKNOWN" && compression === "none"
        ? { file: ref.path, why: "UNKNOWN_CLASSIFICATION" as const }
        : {
            file: ref.path,
            why: "UNREADABLE_FORMAT" as const,
            detail: compression === "none" ? name : `${name}, ${compression}`,
          },
    );
}
