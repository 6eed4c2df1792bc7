import type { Relation } from "../../plan/ir/relation.js";

/** Rows of a plan as far as they are known without running it; `scanned` are the records of each scan, by its id. */
export function knownRows(relation: Relation, scanned: ReadonlyMap<string, number>): number | undefined {
  switch (relation.kind) {
    case "scan":
      return relation.domain === undefined ? scanned.get(relation.id) : undefined;
    case "values":
      return relation.rows.length;
    case "project":
    case "number":
    case "map-batches":
    case "repartition":
    case "sink":
    case "sort":
      return knownRows(relation.input, scanned);
    // rows that were loaded stand over an empty list
    case "materialize":
      return relation.input.kind === "values" && relation.input.rows.length === 0
        ? undefined
        : knownRows(relation.input, scanned);
    case "limit": {
      const input = knownRows(relation.input, scanned);
      return input === undefined ? undefined : Math.min(input, relation.count);
    }
    case "union":
      return relation.inputs.reduce<number | undefined>((sum, input) => {
        const rows = knownRows(input, scanned);
        return sum === undefined || rows === undefined ? undefined : sum + rows;
      }, 0);
    case "aggregate":
      return relation.keys.length === 0 ? 1 : undefined;
    case "filter":
    case "join":
    case "unnest":
    case "distinct":
      return undefined;
  }
}
