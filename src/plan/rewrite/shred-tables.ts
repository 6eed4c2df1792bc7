/**
 * Rewrite "shred-tables": a relationalize over a scan reads the flat tables that the shredder writes in one pass,
 * instead of numbering, unnesting and flattening nested records in the engine. Holds because the rows of a list's
 * domain are exactly the rows of `unnest`, and `#row` numbers them from 1 without gaps, as `number` does. Anything it
 * does not understand it leaves alone.
 */
import {
  ID_COLUMN,
  INDEX_COLUMN,
  ROW_COLUMN,
  flatDomains,
  type Domain,
  type DomainColumn,
  type DomainStep,
} from "../../shapes/domains.js";
import { INT, LONG, field as fieldType, struct, type DataType } from "../../types/data-type.js";
import { and, field, inputOf, isNull, project } from "../ir/build.js";
import type { ProjectRelation, Relation, ScanRelation } from "../ir/relation.js";
import type { Scalar } from "../ir/scalar.js";
import { mapInputs, mapScalar, rebound } from "../ir/walk.js";

/**
 * A rewriter: the plan with every relationalize over a scan of text files replaced, the same object when there is none.
 * It remembers what it saw, because the tables of one call share their parents and are asked for several times.
 */
export function shredTablesRewriter(): (relation: Relation) => Relation {
  const rewritten = new WeakMap<Relation, Relation>();
  const understood = new WeakMap<Relation, { readonly rows: DomainRows | undefined }>();
  const rowsOf = (relation: Relation): DomainRows | undefined => {
    const known = understood.get(relation);
    if (known) return known.rows;
    const rows = domainRows(relation, rowsOf);
    understood.set(relation, { rows });
    return rows;
  };
  const rewrite = (relation: Relation): Relation => {
    const known = rewritten.get(relation);
    if (known) return known;
    const result = rewriteOne(relation, rowsOf, rewrite);
    rewritten.set(relation, result);
    return result;
  };
  return rewrite;
}

function rewriteOne(relation: Relation, rowsOf: RowsOf, rewrite: (input: Relation) => Relation): Relation {
  if (relation.kind === "project") {
    const rows = rowsOf(relation);
    const flat = rows?.numbered ? flatProject(rows) : undefined;
    if (flat) return flat;
  }
  let changed = false;
  const next = mapInputs(relation, (input) => {
    const result = rewrite(input);
    changed ||= result !== input;
    return result;
  });
  return changed ? next : relation;
}

type RowsOf = (relation: Relation) => DomainRows | undefined;

/** Field of the virtual row of a domain that holds the record or list element. */
const ELEMENT = "element";

/** A relation understood as the rows of one domain: each of its fields as a scalar over the domain's virtual row. */
type DomainRows = {
  readonly scan: ScanRelation;
  readonly domains: readonly Domain[];
  readonly domain: Domain;
  readonly row: Scalar;
  readonly fields: ReadonlyMap<string, Scalar>;
  /** Whether the rewrite saves anything: a number was asked for. */
  readonly numbered: boolean;
};

function domainRows(relation: Relation, rowsOf: RowsOf): DomainRows | undefined {
  switch (relation.kind) {
    case "scan":
      return scanRows(relation);
    case "materialize":
      return rowsOf(relation.input);
    case "project": {
      const inner = rowsOf(relation.input);
      return inner && { ...inner, fields: substitutedAll(relation, inner.fields) };
    }
    case "number": {
      const inner = relation.start === 1 ? rowsOf(relation.input) : undefined;
      return (
        inner && {
          ...inner,
          numbered: true,
          fields: new Map([...inner.fields, [relation.as, field(inner.row, ROW_COLUMN)]]),
        }
      );
    }
    case "unnest":
      return unnestRows(relation, rowsOf);
    default:
      return undefined;
  }
}

function scanRows(scan: ScanRelation): DomainRows | undefined {
  if (scan.domain || scan.partitionKeys.length > 0 || scan.format === "parquet" || hasMap(scan.type)) return undefined;
  const domains = flatDomains(scan.type);
  const [domain] = domains;
  if (!domain) return undefined;
  const row = virtualRow(scan.type, false);
  const record = field(row, ELEMENT);
  return {
    scan,
    domains,
    domain,
    row,
    numbered: false,
    fields: new Map(scan.type.fields.map(({ name }) => [name, field(record, name)])),
  };
}

const virtualRow = (element: DataType, child: boolean): Scalar =>
  inputOf({
    kind: "values",
    rows: [],
    type: struct([
      fieldType(ROW_COLUMN, LONG),
      ...(child ? [fieldType(ID_COLUMN, LONG), fieldType(INDEX_COLUMN, INT)] : []),
      fieldType(ELEMENT, element),
    ]),
  });

function unnestRows(relation: Extract<Relation, { kind: "unnest" }>, rowsOf: RowsOf): DomainRows | undefined {
  const inner = rowsOf(relation.input);
  const list = inner && listAt(substituted(relation.list, inner.fields));
  if (!inner || !list) return undefined;
  const domain = inner.domains.find((d) => d.parent === inner.domain.domain && samePath(d.listPath, list.path));
  if (!domain) return undefined;
  const row = virtualRow(list.element, true);
  const fields = new Map<string, Scalar>();
  for (const name of relation.keep) {
    const value = inner.fields.get(name);
    if (!value || !isColumn(value, ROW_COLUMN)) return undefined;
    fields.set(name, field(row, ID_COLUMN));
  }
  fields.set(relation.index, field(row, INDEX_COLUMN)).set(relation.element, list.body(field(row, ELEMENT)));
  return { ...inner, domain, row, fields };
}

/** A list of the data, and what is done to each of its elements. */
type ListAt = {
  readonly path: readonly DomainStep[];
  readonly element: DataType;
  readonly body: (element: Scalar) => Scalar;
};

function listAt(list: Scalar): ListAt | undefined {
  if (list.kind === "list-map") {
    const inner = listAt(list.list);
    return inner && { ...inner, body: (element) => rebound(list.body, list.as, inner.body(element)) };
  }
  const path = pathOf(list);
  return path && list.type.kind === "array"
    ? { path, element: list.type.element, body: (element) => element }
    : undefined;
}

/** Steps from the virtual row's element to the scalar, if it is nothing but steps. */
function pathOf(scalar: Scalar): readonly DomainStep[] | undefined {
  if (isColumn(scalar, ELEMENT)) return [];
  if (scalar.kind === "field") {
    const above = pathOf(scalar.of);
    return above && [...above, { kind: "field", name: scalar.name }];
  }
  if (scalar.kind === "arm") {
    const above = pathOf(scalar.of);
    return above && [...above, { kind: "arm", arm: scalar.arm }];
  }
  return undefined;
}

const isColumn = (scalar: Scalar, name: string): boolean =>
  scalar.kind === "field" && scalar.of.kind === "input" && scalar.name === name;

const samePath = (a: readonly DomainStep[], b: readonly DomainStep[]): boolean =>
  a.length === b.length && a.every((step, i) => sameStep(step, b[i]));
const sameStep = (a: DomainStep, b: DomainStep | undefined): boolean =>
  b !== undefined
  && (a.kind === "field" ? b.kind === "field" && a.name === b.name : b.kind === "arm" && a.arm === b.arm);

function substitutedAll(relation: ProjectRelation, fields: ReadonlyMap<string, Scalar>): ReadonlyMap<string, Scalar> {
  const done = new Map<Scalar, Scalar>();
  return new Map(relation.fields.map(({ name, value }) => [name, substituted(value, fields, done)]));
}

/** The scalar with the input's fields replaced by what they are; `done` keeps one that several use one. */
function substituted(scalar: Scalar, fields: ReadonlyMap<string, Scalar>, done = new Map<Scalar, Scalar>()): Scalar {
  const known = done.get(scalar);
  if (known) return known;
  const value = scalar.kind === "field" && scalar.of.kind === "input" ? fields.get(scalar.name) : undefined;
  const result = value ?? mapScalar(scalar, (child) => substituted(child, fields, done));
  done.set(scalar, result);
  return result;
}

// ---- onto the columns of the flat table

class NotFlat extends Error {}

function flatProject({ scan, domain, fields }: DomainRows): Relation | undefined {
  const child = domain.parent !== undefined;
  const type = struct([
    fieldType(ROW_COLUMN, LONG),
    ...(child ? [fieldType(ID_COLUMN, LONG), fieldType(INDEX_COLUMN, INT)] : []),
    ...domain.columns.map((c) => fieldType(c.name, c.kind === "list-key" ? LONG : c.type)),
  ]);
  const flatScan: ScanRelation = Object.freeze({
    ...scan,
    type,
    domain: { name: domain.domain, recordType: scan.type },
  });
  const table: FlatTable = {
    input: inputOf(flatScan),
    columns: new Map(domain.columns.map((c) => [pathKey(c.path), c])),
    done: new Map(),
  };
  try {
    return project(
      flatScan,
      [...fields].map(([name, value]) => ({ name, value: onColumns(value, table) })),
    );
  } catch (error) {
    if (error instanceof NotFlat) return undefined;
    throw error;
  }
}

type FlatTable = {
  readonly input: Scalar;
  readonly columns: ReadonlyMap<string, DomainColumn>;
  /** What became of each scalar: one that several fields use stays one, which those who count its casts rely on. */
  readonly done: Map<Scalar, Scalar>;
};

/** A key per path; field names may hold any character. */
const pathKey = (path: readonly DomainStep[]): string =>
  JSON.stringify(path.map((step) => (step.kind === "field" ? step.name : [step.arm])));

function onColumns(scalar: Scalar, table: FlatTable): Scalar {
  const known = table.done.get(scalar);
  if (known) return known;
  const result = rebuilt(scalar, table);
  table.done.set(scalar, result);
  return result;
}

function rebuilt(scalar: Scalar, table: FlatTable): Scalar {
  for (const name of [ROW_COLUMN, ID_COLUMN, INDEX_COLUMN]) if (isColumn(scalar, name)) return field(table.input, name);
  const path = pathOf(scalar);
  if (path) {
    const column = table.columns.get(pathKey(path));
    if (column?.kind === "value") return field(table.input, column.name);
    throw new NotFlat();
  }
  if (scalar.kind === "is-null") return nullTest(scalar.of, table);
  if (scalar.kind === "input" || scalar.kind === "variable" || scalar.kind === "list-map") throw new NotFlat();
  return mapScalar(scalar, (child) => onColumns(child, table));
}

/**
 * A list is null where its key is; a choice where all its arms are; whether a struct is null, flat columns do not tell.
 */
function nullTest(of: Scalar, table: FlatTable): Scalar {
  const path = pathOf(of) ?? listAt(of)?.path;
  if (!path) return isNull(onColumns(of, table));
  const column = table.columns.get(pathKey(path));
  if (column) return isNull(field(table.input, column.name));
  if (of.type.kind !== "choice") throw new NotFlat();
  const arms = of.type.choices.map((c) => table.columns.get(pathKey([...path, { kind: "arm", arm: c.kind }])));
  return and(
    arms.map((arm) => {
      if (!arm) throw new NotFlat();
      return isNull(field(table.input, arm.name));
    }),
  );
}

/** Maps have no flat form. */
function hasMap(type: DataType): boolean {
  switch (type.kind) {
    case "map":
      return true;
    case "struct":
      return type.fields.some((f) => hasMap(f.type));
    case "choice":
      return type.choices.some(hasMap);
    case "array":
    case "set":
      return hasMap(type.element);
    default:
      return false;
  }
}
