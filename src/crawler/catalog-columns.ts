/** The columns of a catalog table: valid Hive types in lower case; the exact type stays in the ledger. */
import type { Column } from "../catalog/index.js";
import { type DataType, STRING, type StructType } from "../types/data-type.js";
import { hiveType, lowerCaseFields } from "../types/hive.js";
import type { Classification, CsvLayout } from "./classify/classification.js";
import type { Ledger } from "../shapes/ledger.js";
import type { Reason } from "./group/reason.js";
import { spelledType } from "./text-types.js";

const MAX_NAME = 255;
const MAX_TYPE = 131_072;

/** Ours: the types asked for of texts, so that later crawls keep to them. */
export const DATATYPES_PARAMETER = "dynaframe.datatypes";

export type CatalogColumns = { readonly columns: readonly Column[]; readonly reasons: readonly Reason[] };

/**
 * Columns of a type, without those that a partition key shadows and those whose name no catalog can hold (empty, over
 * 255 characters, NUL): both are reported. A type text past Glue's limit becomes string, reported too.
 */
export function catalogColumns(
  ledger: Pick<Ledger, "root" | "texts">,
  partitionKeys: readonly string[],
  { csv, datatypes = [] }: Pick<Classification, "csv" | "datatypes">,
): CatalogColumns {
  const reasons: Reason[] = [];
  const columns: Column[] = [];
  const type = spelledType(ledger, csv !== undefined, datatypes);
  for (const { name, type: exact } of csv === undefined ? lowerCaseFields(type).fields : csvFields(type, csv)) {
    const text = hiveType(csv === undefined ? exact : csvType(exact, datatypes), { lowerCase: true });
    if (partitionKeys.includes(name)) {
      reasons.push({
        code: "COLUMN_SHADOWED_BY_PARTITION",
        message: `column ${name} is left out: the folders give it as a partition key`,
      });
    } else if (!canName(name)) {
      reasons.push({
        code: "COLUMN_NOT_NAMEABLE",
        message: `column ${JSON.stringify(name.slice(0, 60))} is left out of the catalog: it cannot hold such a name; frames still have it`,
      });
    } else {
      if (text.length > MAX_TYPE)
        reasons.push({
          code: "TYPE_TOO_LONG",
          message: `the type of column ${name} has ${text.length} characters, the catalog holds ${MAX_TYPE}: it says string; frames have the exact type`,
        });
      columns.push({ Name: name, Type: text.length > MAX_TYPE ? "string" : text });
    }
  }
  return { columns, reasons };
}

const canName = (name: string): boolean =>
  name.length > 0 && name.length <= MAX_NAME && name.isWellFormed() && !name.includes("\0");

function csvFields(type: StructType, csv: CsvLayout): StructType["fields"] {
  const byName = new Map(lowerCaseFields(type).fields.map((f) => [f.name, f]));
  const named = csv.columns.map(
    (column) => byName.get(column.toLowerCase()) ?? { name: column.toLowerCase(), type: STRING },
  );
  const names = new Set(named.map(({ name }) => name));
  return [...named, ...[...byName.values()].filter(({ name }) => !names.has(name))];
}

/**
 * As Glue's CSV classifier types them: whole numbers bigint, others double, dates and times string, unless they are
 * asked for.
 */
function csvType(type: DataType, asked: readonly string[]): DataType {
  switch (type.kind) {
    case "decimal":
      return asked.includes("DECIMAL") ? type : STRING;
    case "int":
    case "short":
    case "byte":
      return asked.includes("INT") ? type : { kind: "long" };
    case "date":
      return asked.includes("DATE") ? type : STRING;
    case "timestamp":
    case "timestampntz":
      return asked.includes("TIMESTAMP") ? type : STRING;
    case "choice":
      return {
        ...type,
        choices: type.choices
          .map((arm) => csvType(arm, asked))
          .filter((arm, i, all) => all.findIndex(({ kind }) => kind === arm.kind) === i),
      };
    default:
      return type;
  }
}
