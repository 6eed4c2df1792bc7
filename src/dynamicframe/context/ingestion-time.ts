import { field, inputOf, literal, project } from "../../plan/ir/build.js";
import { INT } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { DataFrame } from "../data-frame.js";
import { verbNode } from "../verb-node.js";
import { only } from "../verbs/only.js";
import { defineVerb } from "../verbs/verb.js";

export type TimeGranularity = "day" | "hour" | "minute";
const COLUMNS: { readonly [granularity in TimeGranularity]: number } = { day: 3, hour: 4, minute: 5 };

const ingestionTime = defineVerb<{ readonly columns: readonly (readonly [name: string, value: number])[] }>({
  kind: "addIngestionTimeColumns",
  lower: (inputs, { columns }) => {
    const input = only(inputs);
    const record = inputOf(input);
    const names = columns.map(([name]) => name);
    const kept = input.type.fields.filter((f) => !names.includes(f.name));
    return project(input, [
      ...kept.map(({ name }) => ({ name, value: field(record, name) })),
      ...columns.map(([name, value]) => ({ name, value: literal(value, INT) })),
    ]);
  },
});

/**
 * The table with int columns `ingest_year`, `ingest_month`, `ingest_day`, then `ingest_hour` and `ingest_minute` as the
 * granularity asks, in UTC, of one moment: that of the call. Columns of those names are replaced, as Spark's withColumn
 * does.
 */
export function addIngestionTimeColumns(df: DataFrame, granularity: TimeGranularity, now: number): DataFrame {
  if (!Object.hasOwn(COLUMNS, granularity)) {
    throw new DynaframeError("BAD_ARGUMENT", `addIngestionTimeColumns: ${String(granularity)} is no granularity.`, {
      expected: Object.keys(COLUMNS).join(", "),
      found: String(granularity),
      hint: "Use day, hour or minute.",
    });
  }
  const at = new Date(now);
  const columns = (
    [
      ["ingest_year", at.getUTCFullYear()],
      ["ingest_month", at.getUTCMonth() + 1],
      ["ingest_day", at.getUTCDate()],
      ["ingest_hour", at.getUTCHours()],
      ["ingest_minute", at.getUTCMinutes()],
    ] as const
  ).slice(0, COLUMNS[granularity]);
  return new DataFrame(df.environment, verbNode(ingestionTime, { columns }, [df.node]));
}
