/**
 * Domains: the flat tables into which the staged layout "tables" splits records (docs/decisions/0003). The records are
 * the root domain, and the elements of each list are a domain of their own; inside a domain structs are flattened and
 * each arm of a choice has its own column. Pure: the shredder writes what this says, an engine reads it.
 */
import { assertNever, type DataType, type Field, type StructType, type TypeName } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";

/**
 * One step from a value to a value inside it: a field of a struct, or an arm of a choice. Lists end a path, so they are
 * no step.
 */
export type DomainStep =
  { readonly kind: "field"; readonly name: string } | { readonly kind: "arm"; readonly arm: TypeName };

/** A column `c0`, `c1`, …; null where any step of `path` leads to nothing. */
export type DomainColumn = {
  /** Physical name in the staged file. */
  readonly name: string;
  /** From the domain's row: the record for the root, the element for a child. Empty = the element itself. */
  readonly path: readonly DomainStep[];
  /** "list-key": BIGINT, the `#row` of the owning row where the list at `path` is not null (be it empty), else null. */
  readonly kind: "value" | "list-key";
  /** Type of the value at `path`, never a choice or struct; for a list-key the type of the list (array or set). */
  readonly type: DataType;
};

/**
 * One flat table. Beside `columns` it has `#row` (BIGINT, this row's number in the domain, from 1, without gaps over
 * all files in the order given) and, unless it is the root, `#id` (BIGINT, `#row` of the owning row in `parent`) and
 * `#index` (INTEGER, position in the list, from 0). These three are never null.
 */
export type Domain = {
  /**
   * "" for the root, else the path of the list with `[]` for each list step and `{array}`, `{struct}`, … for each arm:
   * `items[].tags{array}[]`.
   */
  readonly domain: string;
  /** `domain` of the owning row; absent for the root. */
  readonly parent?: string;
  /**
   * From the owning row to the list whose elements are the rows; empty for the root, and for a list directly in a list.
   */
  readonly listPath: readonly DomainStep[];
  readonly columns: readonly DomainColumn[];
};

/** Names of the columns that every domain, or every domain but the root, has. */
export const ROW_COLUMN = "#row";
export const ID_COLUMN = "#id";
export const INDEX_COLUMN = "#index";

/**
 * The domains of records of `type`, the root first and each parent before its children, depth first in field order;
 * choice arms come in the order of the choice. An empty struct has no column. Throws UNSUPPORTED_TYPE for a map: its
 * keys are not known, so it has no flat form (the layout "nested" holds it).
 */
export function flatDomains(type: StructType): readonly Domain[] {
  const domains: Domain[] = [];
  addDomain(domains, { domain: "", listPath: [] }, type);
  return Object.freeze(domains);
}

function addDomain(domains: Domain[], head: Omit<Domain, "columns">, rowType: DataType): void {
  const columns: DomainColumn[] = [];
  domains.push(Object.freeze({ ...head, columns }));
  const visit = (type: DataType, path: readonly DomainStep[]): void => {
    switch (type.kind) {
      case "struct":
        for (const f of type.fields) visit(f.type, [...path, Object.freeze({ kind: "field", name: f.name })]);
        return;
      case "choice":
        for (const arm of type.choices) visit(arm, [...path, Object.freeze({ kind: "arm", arm: arm.kind })]);
        return;
      case "array":
      case "set":
        columns.push(column(columns.length, path, "list-key", type));
        addDomain(
          domains,
          { domain: `${pathText(head.domain, path)}[]`, parent: head.domain, listPath: Object.freeze(path) },
          type.element,
        );
        return;
      case "map":
        throw new DynaframeError("UNSUPPORTED_TYPE", `a map has no flat form: ${pathText(head.domain, path)}`, {
          path: pathText(head.domain, path),
          expected: "struct, array or a plain value",
          found: "map",
          hint: "turn the map into a struct first, or drop the field",
        });
      case "binary":
      case "boolean":
      case "byte":
      case "date":
      case "double":
      case "float":
      case "int":
      case "long":
      case "null":
      case "short":
      case "string":
      case "timestamp":
      case "timestampntz":
      case "unknown":
      case "decimal":
      case "enum":
        columns.push(column(columns.length, path, "value", type));
        return;
      default:
        assertNever(type);
    }
  };
  visit(rowType, []);
  Object.freeze(columns);
}

function column(index: number, path: readonly DomainStep[], kind: DomainColumn["kind"], type: DataType): DomainColumn {
  return Object.freeze({ name: `c${index}`, path: Object.freeze(path), kind, type });
}

/** `base` followed by the steps as text. Unique among the paths of one type. */
function pathText(base: string, path: readonly DomainStep[]): string {
  return path.reduce(
    (text, step) =>
      step.kind === "arm" ? `${text}{${step.arm}}` : `${text}${text === "" ? "" : "."}${fieldText(step.name)}`,
    base,
  );
}

/** Names that could be read as something else are quoted as in paths: backticks, doubled inside. */
function fieldText(name: Field["name"]): string {
  return name === "" || /[.[\]{}`]/.test(name) ? `\`${name.replaceAll("`", "``")}\`` : name;
}
