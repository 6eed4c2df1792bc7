/** A query of Spark's own types as one whose columns are those of a frame. */
import { struct, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { physicalNames } from "../../types/physical.js";
import type { RunOptions } from "../index.js";
import type { Purpose } from "./failure.js";
import { identifier } from "./quote.js";
import { resultStruct } from "./result-type.js";
import { sparkType } from "./spark-type.js";
import { variantsAsText } from "./variant-text.js";
import type { SparkWorkspace } from "./workspace.js";

/** Plans the query for its types; runs nothing. Equal names of columns are numbered: `s`, `s_1`. */
export async function typedQuery(
  workspace: SparkWorkspace,
  query: string,
  options: RunOptions,
  purpose: Purpose,
): Promise<{ readonly sql: string; readonly type: StructType }> {
  const schema = await workspace.guard(options, purpose, () => workspace.client.schema(query));
  if (schema?.kind.case !== "struct")
    throw new DynaframeError("SQL_FAILED", "Expected one query.", { hint: "Give one SELECT." });
  const { fields } = schema.kind.value;
  const type = distinctNames(resultStruct(schema.kind.value));
  const names = physicalNames(type).map(identifier);
  const columns = type.fields.map((f, i) => {
    const name = names[i] ?? "";
    const value = `\`~q\`.${name}`;
    return `CAST(${variantsAsText(value, fields[i]?.dataType) ?? value} AS ${sparkType(f.type)}) AS ${name}`;
  });
  return { sql: `SELECT ${columns.join(", ")} FROM (${query}) AS \`~q\`(${names.join(", ")})`, type };
}

function distinctNames(type: StructType): StructType {
  const taken = new Set(type.fields.map(({ name }) => name));
  const seen = new Set<string>();
  return struct(
    type.fields.map((f) => {
      let { name } = f;
      for (let n = 1; seen.has(name); n++) name = taken.has(`${f.name}_${n}`) ? name : `${f.name}_${n}`;
      seen.add(name);
      return { ...f, name };
    }),
  );
}
