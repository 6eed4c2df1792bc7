/** DuckDB's SQL for counting nulled casts. */
import type { NulledDialect } from "../sql/nulled-casts.js";
import { compileCast, element } from "./compile-cast.js";
import { compileOver, ROW } from "./compile-relation.js";
import { bind, castSql, compileScalar } from "./compile-scalar.js";
import { fieldOf } from "./quote.js";

export const duckdbNulled: NulledDialect = Object.freeze({
  row: ROW,
  compileOver,
  compileScalar,
  castSql,
  compileCast,
  element,
  bind,
  fieldOf,
  sumOver: (list: string, variable: string, body: string) =>
    `coalesce(list_sum(list_transform(${list}, lambda ${variable}: ${body})), 0)`,
});
