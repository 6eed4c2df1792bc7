import type { FormatName, FormatOptions, ScannedAndStaged, WantedFields } from "../../formats/index.js";
import type { ScanFile, ScanRelation } from "../../plan/ir/relation.js";
import { holdsType, sameRecords } from "../../plan/needed-fields.js";
import { ledgerType } from "../../shapes/ledger-type.js";
import type { FileLedger, Ledger } from "../../shapes/ledger.js";
import { mergeLedgers } from "../../shapes/merge-ledgers.js";
import { STRING, field, struct, type DataType, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { fileGroups, type FileGrouping } from "./file-groups.js";
import { malformedError, type FrameSession, type Resolved } from "../frame-node.js";

export type ScanSourceInput = {
  readonly name: string;
  readonly format: FormatName;
  readonly options: FormatOptions;
  readonly files: readonly ScanFile[];
  readonly ledgers: readonly (FileLedger | Ledger)[];
  /** Where `ledgers` are merged: those of the files. */
  readonly fileLedgers?: () => Promise<readonly FileLedger[]>;
  readonly partitionKeys: readonly string[];
  /** Types of the partition columns, in the order of the keys; default string. */
  readonly partitionTypes?: readonly DataType[];
  /** Staged by the scan, for the plan above it. */
  readonly staged?: { readonly by: ScannedAndStaged["staged"]; readonly wanted: WantedFields } | undefined;
  /** The type of the records, where it is not simply the ledger's. */
  readonly recordType?: (ledger: Ledger) => StructType;
  readonly grouping?: FileGrouping | undefined;
  /** Name of the step in the account of errors. */
  readonly step: string;
  readonly info?: string;
  /** A malformed record is an error instead of an error record. */
  readonly failFast?: boolean;
  readonly session: FrameSession;
  readonly bytesScanned: number;
  readonly notes: readonly string[];
};

/** The typed scan of files whose ledgers are known, with the account of what they hold. */
export function scanSource(input: ScanSourceInput): Resolved & { readonly relation: ScanRelation } {
  const ledger = mergeLedgers(input.ledgers);
  if (input.failFast === true && ledger.malformed > 0) throw malformedInput(input.name, ledger);
  const notes = [...input.notes];
  const found = ledgerType(ledger);
  const recordType = input.recordType?.(ledger) ?? found;
  const type = withPartitions(recordType, input, notes);
  const staged = stagedAs(type, input);
  const groups = input.grouping && fileGroups(input.files, input.format, input.grouping);
  const relation: ScanRelation = Object.freeze({
    kind: "scan",
    id: input.session.nextId(),
    format: input.format,
    options: input.options,
    files: input.files,
    partitionKeys: input.partitionKeys,
    type,
    ...(groups === undefined ? {} : { groups }),
    ...(holdsType(recordType, found) ? { exact: true as const } : {}),
    ...(ledger.malformed === 0 && ledger.hazards.DUPLICATE_KEY === undefined ? { sound: true as const } : {}),
    ...(staged === undefined ? {} : { staged }),
  });
  return {
    relation,
    dropped: [],
    recordwise: true,
    errors:
      ledger.malformed > 0
        ? [
            {
              step: input.step,
              count: ledger.malformed,
              records: ledger.malformedRecords.map((r) => malformedError(r, input.step, input.info ?? "")),
            },
          ]
        : [],
    sources: [
      {
        id: relation.id,
        name: input.name,
        step: input.step,
        files: input.files.length,
        records: ledger.records + ledger.malformed,
        malformed: ledger.malformed,
        ledger,
        ledgers: input.fileLedgers ?? (async () => input.ledgers.filter((l): l is FileLedger => "file" in l)),
        bytesScanned: input.bytesScanned,
        notes,
      },
    ],
  };
}

/** What was staged, if it is what is wanted of records of the type that was found. */
function stagedAs(type: StructType, { staged }: ScanSourceInput): ScanRelation["staged"] {
  if (staged?.by === undefined) return undefined;
  const {
    by: { discard, ...made },
    wanted,
  } = staged;
  const asked = wanted(type);
  if (asked !== undefined && sameRecords(made.type, asked)) return made;
  discard();
  return undefined;
}

function malformedInput(name: string, { malformed, malformedRecords: [first] }: Ledger): DynaframeError {
  return new DynaframeError(
    "MALFORMED_INPUT",
    `${name} holds ${malformed} malformed records, and isFailFast is set.${first ? ` First: ${first.reason}` : ""}`,
    {
      ...(first ? { file: first.file, offset: first.offset } : {}),
      expected: "no malformed record",
      found: String(malformed),
      hint: "Repair the record, or leave isFailFast out and see errorsAsDynamicFrame().",
    },
  );
}

/** Partition columns come last; one that has the name of a field takes its place, as in Spark and Hive. */
function withPartitions(
  type: StructType,
  { partitionKeys, partitionTypes }: ScanSourceInput,
  notes: string[],
): StructType {
  if (partitionKeys.length === 0) return type;
  const shadowed = type.fields.filter((f) => partitionKeys.includes(f.name)).map((f) => f.name);
  for (const name of shadowed)
    notes.push(`The partition column ${name} takes the place of a field of that name in the files.`);
  return struct([
    ...type.fields.filter((f) => !partitionKeys.includes(f.name)),
    ...partitionKeys.map((key, i) => field(key, partitionTypes?.[i] ?? STRING)),
  ]);
}
