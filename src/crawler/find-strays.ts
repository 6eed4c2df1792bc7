/**
 * New files that do not belong to the table in whose folder they appeared: reported, not swallowed
 * (docs/decisions/0061).
 */
import type { StructType } from "../types/data-type.js";
import { ledgerType } from "../shapes/ledger-type.js";
import { compatibilityKey } from "./classify/classification.js";
import type { LedgerKeeper } from "./compact-ledger.js";
import type { SkippedFile } from "./crawl-options.js";
import { schemaSimilarity } from "./group/schema-similarity.js";
import { isBelow, type KnownTable } from "./known-tables.js";
import type { Survey, SurveyedFile } from "./survey-files.js";

/** A new file of which less than this share of its columns are columns of the table is a stray. */
const OWN_SHARE = 0.5;

/** Judged against tables of an earlier crawl with the same settings, as long as files of theirs are there. */
export function findStrays(survey: Survey, pinned: ReadonlySet<string>): readonly SkippedFile[] {
  const tables = new Map(
    [...filesByTable(survey, pinned)].map(([owner, files]) => [owner, standardOf(owner, files, survey.keeper)]),
  );
  const strays: SkippedFile[] = [];
  for (const path of survey.fresh) {
    const file = survey.files.get(path);
    if (file === undefined || survey.known.has(path)) continue;
    const owner = nearest(path, [...tables.keys()]);
    const standard = owner === undefined ? undefined : tables.get(owner);
    const why =
      owner === undefined || standard === undefined
        ? undefined
        : difference(file, standard, survey.config.tableGroupingPolicy !== undefined);
    if (owner !== undefined && why !== undefined)
      strays.push({ file: path, why: "STRAY", detail: `not taken into table ${owner.table.Name}: ${why}` });
  }
  return strays;
}

/** What the files of a table have in common. */
type Standard = {
  readonly location: string;
  readonly compatibility: string;
  readonly depths: ReadonlySet<number>;
  readonly names: ReadonlySet<string>;
  readonly first: SurveyedFile;
};

function filesByTable(
  { known, files: surveyed, logged }: Survey,
  pinned: ReadonlySet<string>,
): ReadonlyMap<KnownTable, SurveyedFile[]> {
  const found = new Map<KnownTable, SurveyedFile[]>();
  for (const [path, { owner }] of known) {
    const file = surveyed.get(path);
    if (
      file === undefined
      || owner.location === undefined
      || !pinned.has(owner.location)
      || logged.has(owner.location)
      || !isBelow(path, owner.location)
    )
      continue;
    const files = found.get(owner);
    if (files === undefined) found.set(owner, [file]);
    else files.push(file);
  }
  return found;
}

function standardOf(
  { location = "" }: KnownTable,
  files: readonly SurveyedFile[],
  { typeOf }: LedgerKeeper,
): Standard | undefined {
  const first = files[0];
  if (first === undefined || first.ref.path === location) return undefined; // a table of one file takes no others
  return {
    location,
    first,
    compatibility: compatibilityKey(first.classification),
    depths: new Set(files.map(({ ref }) => depthOf(ref.path, location))),
    names: new Set(
      [...new Set(files.map(({ ledger }) => typeOf(ledger)))].flatMap(({ fields }) =>
        fields.map(({ name }) => name.toLowerCase()),
      ),
    ),
  };
}

const depthOf = (path: string, location: string): number => path.slice(location.length).split("/").length - 2;

function nearest(path: string, owners: readonly KnownTable[]): KnownTable | undefined {
  return owners
    .filter(({ location = "" }) => isBelow(path, location))
    .reduce<KnownTable | undefined>(
      (a, b) => (a !== undefined && (a.location ?? "").length >= (b.location ?? "").length ? a : b),
      undefined,
    );
}

function difference(file: SurveyedFile, standard: Standard, combined: boolean): string | undefined {
  const { name } = file.classification;
  if (compatibilityKey(file.classification) !== standard.compatibility) {
    return name === standard.first.classification.name
      ? `it is ${name} of another compression or layout`
      : `it is ${name}, the table ${standard.first.classification.name}`;
  }
  if (!standard.depths.has(depthOf(file.ref.path, standard.location)))
    return "it lies at another depth than the table's files";
  const share = combined ? 1 : ownShare(file, standard);
  return share >= OWN_SHARE ? undefined : `only ${Math.round(share * 100)} % of its columns are columns of the table`;
}

/** Of a file without columns there is nothing to judge. */
function ownShare({ ledger, classification }: SurveyedFile, { names, first }: Standard): number {
  const type: StructType = ledgerType(ledger);
  if (type.fields.length === 0) return 1;
  if (classification.csv?.generated === true)
    return schemaSimilarity(type, ledgerType(first.ledger), { generatedNames: true });
  return type.fields.filter(({ name }) => names.has(name.toLowerCase())).length / type.fields.length;
}
