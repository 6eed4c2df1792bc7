/** The part of the server that computes column statistics: one pass of the engine over the table, exact, no sample. */
import type { SecretResolver } from "../catalog/secret-resolver.js";
import { GlueContext } from "../open.js";
import type { DataType } from "../types/data-type.js";
import type { AnalyzeTable } from "./server-parts.js";
import { quotedName as quoted } from "./sql-text.js";
import type { StatisticsData } from "./statistics-record.js";

type Kind = "LONG" | "DOUBLE" | "DECIMAL" | "STRING" | "BOOLEAN" | "DATE" | "BINARY";
type Texts = Readonly<Record<string, string | null>>;

/** What is asked of a column by its kind; every answer comes as text, exact to the last digit. */
const ASKED: { readonly [K in Kind]: (column: string) => Readonly<Record<string, string>> } = {
  LONG: range,
  DOUBLE: range,
  DECIMAL: range,
  DATE: range,
  STRING: (c) => ({ ...lengths(`octet_length(encode(${c}))`), nulls: nulls(c), distinct: `count(distinct ${c})` }),
  BINARY: (c) => ({ ...lengths(`octet_length(${c})`), nulls: nulls(c) }),
  BOOLEAN: (c) => ({ trues: `count(*) filter (${c})`, falses: `count(*) filter (not ${c})`, nulls: nulls(c) }),
};

/** @throws as reading the table does. Columns whose values have several types, or no order, have no statistics. */
export function statisticsPart(catalog: string, secrets: SecretResolver): AnalyzeTable {
  return async ({ database, table, columns, signal }) => {
    const glue = await GlueContext.open({ catalog, secrets });
    try {
      const frame = glue.createDynamicFrame.fromCatalog({ database, tableName: table }).toDF();
      const { fields } = await frame.schema({ signal });
      const wanted = fields.flatMap(({ name, type }) => {
        const kind = kindOf(type);
        return kind === undefined || !columns.includes(name.toLowerCase()) ? [] : [{ name, type, kind }];
      });
      if (wanted.length === 0) return [];
      const asked = wanted.flatMap(({ name, type, kind }, i) =>
        Object.entries(ASKED[kind](valueOf(name, type))).map(
          ([what, expression]) => `cast(${expression} as varchar) as "${i}_${what}"`,
        ),
      );
      const [row = {}] = await frame.sql(`select ${asked.join(", ")} from self`).rows({ signal });
      return wanted.map(({ name, kind }, i) => ({
        column: name.toLowerCase(),
        data: dataOf(kind, answersOf(row as Texts, i)),
      }));
    } finally {
      await glue.close();
    }
  };
}

// times count as whole seconds since the epoch, as Hive's statistics have them
const valueOf = (name: string, { kind }: DataType): string =>
  kind === "timestamp" ? `cast(floor(epoch(${quoted(name)})) as bigint)` : quoted(name);

function range(c: string): Readonly<Record<string, string>> {
  return { min: `min(${c})`, max: `max(${c})`, nulls: nulls(c), distinct: `count(distinct ${c})` };
}
const nulls = (c: string): string => `count(*) - count(${c})`;
const lengths = (length: string): Readonly<Record<string, string>> => ({
  longest: `max(${length})`,
  average: `avg(${length})`,
});

const answersOf = (row: Texts, i: number): Texts =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => name.startsWith(`${i}_`))
      .map(([name, value]) => [name.slice(`${i}_`.length), value]),
  );

function kindOf({ kind }: DataType): Kind | undefined {
  switch (kind) {
    case "byte":
    case "short":
    case "int":
    case "long":
    case "timestamp":
      return "LONG";
    case "float":
    case "double":
      return "DOUBLE";
    case "decimal":
      return "DECIMAL";
    case "string":
      return "STRING";
    case "boolean":
      return "BOOLEAN";
    case "date":
      return "DATE";
    case "binary":
      return "BINARY";
    default:
      return undefined;
  }
}

function dataOf(kind: Kind, answers: Texts): StatisticsData {
  const count = (name: string): number => Number(answers[name] ?? 0);
  const ends = (read: (text: string) => unknown): object => {
    const members = (
      [
        ["MinimumValue", "min"],
        ["MaximumValue", "max"],
      ] as const
    ).map(([member, name]) => {
      const text = answers[name] ?? undefined;
      return [member, text === undefined ? undefined : read(text)] as const;
    });
    return Object.fromEntries(members.filter(([, value]) => value !== undefined));
  };
  const counted = { NumberOfNulls: count("nulls"), NumberOfDistinctValues: count("distinct") };
  switch (kind) {
    case "LONG":
      return { Type: kind, LongColumnStatisticsData: { ...ends(Number), ...counted } };
    // JSON has no NaN and no infinity
    case "DOUBLE":
      return {
        Type: kind,
        DoubleColumnStatisticsData: {
          ...ends((text) => (Number.isFinite(Number(text)) ? Number(text) : undefined)),
          ...counted,
        },
      };
    case "DECIMAL":
      return { Type: kind, DecimalColumnStatisticsData: { ...ends(decimalNumber), ...counted } };
    case "DATE":
      return {
        Type: kind,
        DateColumnStatisticsData: { ...ends((text) => Date.parse(`${text}T00:00:00Z`) / 1000), ...counted },
      };
    case "STRING":
      return {
        Type: kind,
        StringColumnStatisticsData: { MaximumLength: count("longest"), AverageLength: count("average"), ...counted },
      };
    case "BINARY":
      return {
        Type: kind,
        BinaryColumnStatisticsData: {
          MaximumLength: count("longest"),
          AverageLength: count("average"),
          NumberOfNulls: count("nulls"),
        },
      };
    case "BOOLEAN":
      return {
        Type: kind,
        BooleanColumnStatisticsData: {
          NumberOfTrues: count("trues"),
          NumberOfFalses: count("falses"),
          NumberOfNulls: count("nulls"),
        },
      };
  }
}

/** Glue's DecimalNumber: the digits as a big-endian two's complement number, base64, and the scale. */
function decimalNumber(text: string): { readonly UnscaledValue: string; readonly Scale: number } {
  const [, fraction = ""] = text.split(".");
  const value = BigInt(text.replace(".", ""));
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes += 1;
  return {
    UnscaledValue: Buffer.from(
      BigInt.asUintN(bytes * 8, value)
        .toString(16)
        .padStart(bytes * 2, "0"),
      "hex",
    ).toString("base64"),
    Scale: fraction.length,
  };
}
