import { DynaframeError } from "../types/error.js";

/** A record has each name once. @throws NAME_CLASH */
export function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new DynaframeError("NAME_CLASH", `The query has two columns called ${twice}.`, {
    path: twice,
    found: names.join(", "),
    hint: "Name them apart: select a.id AS a_id, b.id AS b_id.",
  });
}
