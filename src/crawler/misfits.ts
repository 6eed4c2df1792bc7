/** Values that keep a CSV column from a type that was asked for. */
import { TAGS, type Ledger, type Tag } from "../shapes/ledger.js";
import type { CsvLayout } from "./classify/classification.js";
import type { Reason } from "./group/reason.js";

const ASKED: { readonly [T in Tag]?: string } = { int: "INT", date: "DATE", timestamp: "TIMESTAMP", bigint: "DECIMAL" };

/** For each column in which a type that was asked for occurs beside others: how many values are not of it, and the first of them. */
export function misfits({ root }: Pick<Ledger, "root">, { datatypes = [] }: CsvLayout): readonly Reason[] {
  return root.fields.flatMap(({ name, node }): readonly Reason[] => {
    const tags = TAGS.filter((tag) => tag !== "null" && node.tags[tag] !== undefined);
    const wanted = tags.find((tag) => datatypes.includes(ASKED[tag] ?? "-"));
    const others = tags.filter((tag) => tag !== wanted).flatMap((tag) => node.tags[tag] ?? []);
    const first = others.map((stats) => stats.first).sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.record - b.record))[0];
    if (wanted === undefined || first === undefined) return [];
    const count = others.reduce((sum, stats) => sum + stats.count, 0);
    const all = count + (node.tags[wanted]?.count ?? 0);
    return [{
      code: "TYPE_COUNTER_EXAMPLE",
      message: `column ${name} is not all ${wanted}: ${count} of ${all} values are not, the first at ${first.file}, record ${first.record}, byte ${first.offset}`,
      evidence: { column: name, type: wanted, count, of: all, first },
    }];
  });
}
