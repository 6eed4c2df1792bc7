/**
 * The meaning of each relation of the IR over rows in memory. The comments in `plan/ir/relation.ts` are the
 * specification.
 */
import type { AggregateRelation, Relation, RelationKind, RelationOf, ScanRelation } from "../../plan/ir/relation.js";
import { fieldOf, type DataType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { Decimal, setField, type Row, type Value } from "../../types/value.js";
import { buildRow, evaluateScalar, readField, type ScalarScope } from "./evaluate-scalar.js";
import { compareValues, isNull, valueKey } from "./order.js";

export type RelationScope = {
  /** Rows of a scan in arms form. */
  readonly scan: (relation: ScanRelation) => Promise<readonly Row[]>;
  /** Rows by the id of a materialize, computed on first use. */
  readonly materialized: Map<string, Promise<readonly Row[]>>;
  readonly onNulled: (path: string, count: number) => void;
  /**
   * Steps whose nulled casts have been told: one that several steps read is evaluated for each of them, and counted
   * once.
   */
  readonly told?: Set<Relation>;
};

export function evaluateRelation(relation: Relation, scope: RelationScope): Promise<readonly Row[]> {
  const evaluate = evaluators[relation.kind] as (node: Relation, scope: RelationScope) => Promise<readonly Row[]>;
  if (scope.told?.has(relation)) return evaluate(relation, { ...scope, onNulled: () => undefined });
  scope.told?.add(relation);
  return evaluate(relation, scope);
}

type Evaluators = {
  readonly [K in RelationKind]: (node: RelationOf<K>, scope: RelationScope) => Promise<readonly Row[]>;
};

const evaluators: Evaluators = Object.freeze<Evaluators>({
  scan: (node, scope) => scope.scan(node),
  values: async (node) => node.rows,
  project: async (node, scope) => {
    const rows = await evaluateRelation(node.input, scope);
    return rows.map((row) => buildRow(node.fields, over(row, scope)));
  },
  filter: async (node, scope) => {
    const rows = await evaluateRelation(node.input, scope);
    return rows.filter((row) => evaluateScalar(node.predicate, over(row, scope)) === true);
  },
  unnest: async (node, scope) => {
    const rows = await evaluateRelation(node.input, scope);
    return rows.flatMap((row) => {
      const list = evaluateScalar(node.list, over(row, scope));
      if (isNull(list)) return [];
      return (list as readonly Value[]).map((element, index) =>
        extended(pick(row, node.keep), [
          [node.index, index],
          [node.element, element ?? null],
        ]),
      );
    });
  },
  join: evaluateJoin,
  aggregate: evaluateAggregate,
  sort: async (node, scope) => {
    const rows = await evaluateRelation(node.input, scope);
    const keyed = rows.map((row) => ({
      row,
      keys: node.by.map(({ value }) => evaluateScalar(value, over(row, scope))),
    }));
    keyed.sort((a, b) => {
      for (const [i, { descending }] of node.by.entries()) {
        const order = nullsLast(a.keys[i], b.keys[i], descending);
        if (order !== 0) return order;
      }
      return 0;
    });
    return keyed.map(({ row }) => row);
  },
  limit: async (node, scope) => (await evaluateRelation(node.input, scope)).slice(0, node.count),
  union: async (node, scope) => {
    const rows: Row[] = [];
    for (const input of node.inputs) for (const row of await evaluateRelation(input, scope)) rows.push(row);
    return rows;
  },
  distinct: async (node, scope) => {
    const rows = await evaluateRelation(node.input, scope);
    const seen = new Map<string, Row>();
    for (const row of rows) {
      const key = valueKey(row);
      if (!seen.has(key)) seen.set(key, row);
    }
    return [...seen.values()];
  },
  number: async (node, scope) => {
    const rows = await evaluateRelation(node.input, scope);
    return rows.map((row, i) => extended(row, [[node.as, node.start + i]]));
  },
  "map-batches": async (node) => {
    throw new DynaframeError("UNSUPPORTED", `the reference engine runs no registered functions (${node.fn})`, {
      hint: "run the function over rows() and load() what it returns",
    });
  },
  materialize: (node, scope) => {
    const known = scope.materialized.get(node.id);
    if (known) return known;
    const rows = evaluateRelation(node.input, scope);
    scope.materialized.set(node.id, rows);
    return rows;
  },
  repartition: (node, scope) => evaluateRelation(node.input, scope),
  sink: async () => {
    throw new DynaframeError("INVALID_PLAN", "a sink is run by write(), not read");
  },
});

const over = (row: Row, scope: RelationScope): ScalarScope => ({
  row,
  variables: new Map(),
  onNulled: scope.onNulled,
  told: new Set(),
});

function extended(row: Row, added: readonly (readonly [string, Value])[]): Row {
  const copy = {};
  for (const [name, value] of Object.entries(row)) setField(copy, name, value);
  for (const [name, value] of added) setField(copy, name, value);
  return copy;
}

function pick(row: Row, names: readonly string[]): Row {
  return extended(
    {},
    names.map((name) => [name, readField(row, name)] as const).filter(([, value]) => value !== undefined),
  );
}

function nullsLast(a: Value, b: Value, descending: boolean): number {
  if (isNull(a) || isNull(b)) return Number(isNull(a)) - Number(isNull(b));
  return descending ? compareValues(b, a) : compareValues(a, b);
}

async function evaluateJoin(node: RelationOf<"join">, scope: RelationScope): Promise<readonly Row[]> {
  const lefts = await evaluateRelation(node.left, scope);
  const rights = await evaluateRelation(node.right, scope);
  const key = (keys: RelationOf<"join">["leftKeys"], row: Row): string | undefined => {
    const values = keys.map((k) => evaluateScalar(k, over(row, scope)));
    return values.some(isNull) ? undefined : values.map(valueKey).join("\u0000");
  };
  const index = groupBy(rights, (row) => key(node.rightKeys, row));
  return lefts.flatMap((left): readonly Row[] => {
    const k = key(node.leftKeys, left);
    const matches = k === undefined ? [] : (index.get(k) ?? []);
    switch (node.how) {
      case "inner":
        return matches.map((right) => ({ left, right }));
      case "left":
        return matches.length > 0 ? matches.map((right) => ({ left, right })) : [{ left, right: null }];
      case "semi":
        return matches.length > 0 ? [{ left }] : [];
      case "anti":
        return matches.length > 0 ? [] : [{ left }];
    }
  });
}

function groupBy<K>(rows: readonly Row[], key: (row: Row) => K): Map<K, Row[]> {
  const groups = new Map<K, Row[]>();
  for (const row of rows) {
    const k = key(row);
    const group = groups.get(k);
    if (group) group.push(row);
    else groups.set(k, [row]);
  }
  return groups;
}

async function evaluateAggregate(node: AggregateRelation, scope: RelationScope): Promise<readonly Row[]> {
  const rows = await evaluateRelation(node.input, scope);
  const keysOf = (row: Row): Row =>
    extended(
      {},
      node.keys.map(({ name, value }) => [name, evaluateScalar(value, over(row, scope)) ?? null]),
    );
  const groups = new Map<string, { keys: Row; rows: Row[] }>();
  if (node.keys.length === 0) groups.set("{}", { keys: {}, rows: [] });
  for (const row of rows) {
    const keys = keysOf(row);
    const id = valueKey(keys);
    const group = groups.get(id) ?? { keys, rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  return [...groups.values()].map((group) =>
    extended(
      group.keys,
      node.aggregates.map(
        (aggregate) =>
          [
            aggregate.name,
            aggregateValue(aggregate, group.rows, scope, fieldOf(node.type, aggregate.name)?.type),
          ] as const,
      ),
    ),
  );
}

function aggregateValue(
  aggregate: AggregateRelation["aggregates"][number],
  rows: readonly Row[],
  scope: RelationScope,
  type: DataType | undefined,
): Value {
  const { fn, of } = aggregate;
  if (of === undefined) return rows.length;
  const values = rows.map((row) => evaluateScalar(of, over(row, scope))).filter((value) => !isNull(value));
  switch (fn) {
    case "count":
      return values.length;
    case "count-true":
      return values.filter((value) => value === true).length;
    case "min":
      return values.length === 0 ? null : values.reduce((a, b) => (compareValues(b, a) < 0 ? b : a));
    case "max":
      return values.length === 0 ? null : values.reduce((a, b) => (compareValues(b, a) > 0 ? b : a));
    case "sum":
      return values.length === 0 ? null : sum(values, type);
  }
}

/** Exact for integers and decimals. A sum past 64 bits keeps all its digits. */
function sum(values: readonly Value[], type: DataType | undefined): Value {
  if (type?.kind === "double" || type?.kind === "float")
    return values.reduce<number>((total, value) => total + Number(value), 0);
  if (values.some((value) => value instanceof Decimal)) {
    const scale = Math.max(...values.map((value) => (value instanceof Decimal ? value.scale : 0)));
    const scaled = (value: Value): bigint =>
      value instanceof Decimal
        ? value.unscaled * 10n ** BigInt(scale - value.scale)
        : BigInt(value as number | bigint) * 10n ** BigInt(scale);
    return new Decimal(
      values.reduce<bigint>((total, value) => total + scaled(value), 0n),
      scale,
    );
  }
  const total = values.reduce<bigint>((t, value) => t + BigInt(value as number | bigint), 0n);
  return total >= BigInt(Number.MIN_SAFE_INTEGER) && total <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(total) : total;
}
