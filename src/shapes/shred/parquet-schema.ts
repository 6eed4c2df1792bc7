/**
 * Parquet schema trees: what a staged file's columns are. Source: apache/parquet-format parquet.thrift,
 * LogicalTypes.md.
 */
import { assertNever, type DataType } from "../../types/data-type.js";
import { bool, i32, list, text, thriftStruct, type ThriftStruct, type ThriftValue } from "./thrift-compact.js";

/** Plain data, so that it can be posted to a worker. */
export type SchemaNode =
  | { readonly kind: "leaf"; readonly name: string; readonly required: boolean; readonly type: LeafType }
  | { readonly kind: "group"; readonly name: string; readonly children: readonly SchemaNode[] }
  | { readonly kind: "list"; readonly name: string; readonly element: SchemaNode }
  /** Keys are texts; `value` is called so. */
  | { readonly kind: "map"; readonly name: string; readonly value: SchemaNode }
  /** As another file has it: its elements, and the paths of its columns. */
  | {
      readonly kind: "stored";
      readonly name: string;
      readonly elements: readonly Uint8Array[];
      readonly leaves: readonly SchemaLeaf[];
    };

export type LeafType = {
  readonly physical: keyof typeof PHYSICAL;
  readonly converted?: keyof typeof CONVERTED;
  /** Of a decimal; 16 bytes wide. */
  readonly precision?: number;
  readonly scale?: number;
};

const PHYSICAL = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const;
const CONVERTED = {
  UTF8: 0,
  MAP: 1,
  LIST: 3,
  DECIMAL: 5,
  DATE: 6,
  TIMESTAMP_MICROS: 10,
  INT_8: 15,
  INT_16: 16,
} as const;
const OPTIONAL = i32(1);
const REPEATED = i32(2);

const physicalCode = (type: LeafType): number => PHYSICAL[type.physical];

/** `physical`: its code in parquet.thrift. */
export type SchemaLeaf = { readonly path: readonly string[]; readonly physical: number };

/** How a plain value is staged; undefined for types that have parts. */
export function leafType(type: DataType): LeafType | undefined {
  switch (type.kind) {
    case "boolean":
      return { physical: "BOOLEAN" };
    case "byte":
      return { physical: "INT32", converted: "INT_8" };
    case "short":
      return { physical: "INT32", converted: "INT_16" };
    case "int":
    case "null":
    case "unknown":
      return { physical: "INT32" };
    case "long":
      return { physical: "INT64" };
    case "float":
      return { physical: "FLOAT" };
    case "double":
      return { physical: "DOUBLE" };
    case "decimal":
      return { physical: "FIXED_LEN_BYTE_ARRAY", converted: "DECIMAL", precision: type.precision, scale: type.scale };
    case "string":
    case "enum":
      return { physical: "BYTE_ARRAY", converted: "UTF8" };
    case "date":
      return { physical: "INT32", converted: "DATE" };
    case "timestamp":
    case "timestampntz":
      return { physical: "INT64", converted: "TIMESTAMP_MICROS" };
    case "binary":
      return { physical: "BYTE_ARRAY" };
    case "array":
    case "set":
    case "map":
    case "struct":
    case "choice":
      return undefined;
    default:
      return assertNever(type);
  }
}

/** The footer's list of schema elements, depth first, below a root of that many columns. */
function schemaElements(columns: readonly SchemaNode[]): ThriftValue[] {
  const elements: ThriftValue[] = [thriftStruct([4, text("schema")], [5, i32(columns.length)])];
  const visit = (node: SchemaNode): void => {
    if (node.kind === "leaf") {
      elements.push(leafElement(node));
      return;
    }
    if (node.kind === "stored") {
      elements.push(...node.elements.map((bytes): ThriftValue => ({ kind: "encoded", bytes })));
      return;
    }
    const children = partsOf(node);
    if (node.kind === "group")
      elements.push(thriftStruct([3, OPTIONAL], [4, text(node.name)], [5, i32(children.length)]));
    else if (node.kind === "map") {
      const logicalMap = thriftStruct([2, thriftStruct()]);
      elements.push(
        thriftStruct([3, OPTIONAL], [4, text(node.name)], [5, i32(1)], [6, i32(CONVERTED.MAP)], [10, logicalMap]),
      );
      elements.push(thriftStruct([3, REPEATED], [4, text("key_value")], [5, i32(2)]));
    } else {
      const logicalList = thriftStruct([3, thriftStruct()]);
      elements.push(
        thriftStruct([3, OPTIONAL], [4, text(node.name)], [5, i32(1)], [6, i32(CONVERTED.LIST)], [10, logicalList]),
      );
      elements.push(thriftStruct([3, REPEATED], [4, text("list")], [5, i32(1)]));
    }
    children.forEach(visit);
  };
  columns.forEach(visit);
  return elements;
}

function leafElement(leaf: Extract<SchemaNode, { kind: "leaf" }>): ThriftStruct {
  const { physical, converted, precision, scale } = leaf.type;
  return thriftStruct(
    [1, i32(PHYSICAL[physical])],
    [2, physical === "FIXED_LEN_BYTE_ARRAY" ? i32(16) : undefined],
    [3, i32(leaf.required ? 0 : 1)],
    [4, text(leaf.name)],
    [6, converted === undefined ? undefined : i32(CONVERTED[converted])],
    [7, scale === undefined ? undefined : i32(scale)],
    [8, precision === undefined ? undefined : i32(precision)],
    [10, converted === "TIMESTAMP_MICROS" ? LOCAL_MICROS : undefined],
  );
}

/** TIMESTAMP(MICROS) not adjusted to UTC: staged instants are plain UTC microseconds whatever the session's zone. */
const LOCAL_MICROS = thriftStruct([8, thriftStruct([1, bool(false)], [2, thriftStruct([2, thriftStruct()])])]);

function partsOf(node: Exclude<SchemaNode, { kind: "leaf" | "stored" }>): readonly SchemaNode[] {
  switch (node.kind) {
    case "group":
      return node.children;
    case "list":
      return [node.element];
    case "map":
      return [
        { kind: "leaf", name: "key", required: true, type: { physical: "BYTE_ARRAY", converted: "UTF8" } },
        node.value,
      ];
  }
}

/** The leaves in file order, each with its path in the schema. */
export function schemaLeaves(columns: readonly SchemaNode[]): readonly SchemaLeaf[] {
  return columns.flatMap((node) => leavesBelow(node, []));
}

function leavesBelow(node: SchemaNode, above: readonly string[]): readonly SchemaLeaf[] {
  const path = [...above, node.name];
  switch (node.kind) {
    case "leaf":
      return [{ path, physical: physicalCode(node.type) }];
    case "stored":
      return node.leaves;
    case "group":
      return node.children.flatMap((child) => leavesBelow(child, path));
    case "list":
      return leavesBelow(node.element, [...path, "list"]);
    case "map":
      return partsOf(node).flatMap((part) => leavesBelow(part, [...path, "key_value"]));
  }
}

/** The list type that schemaElements is given to the footer with. */
export const schemaList = (columns: readonly SchemaNode[]): ReturnType<typeof list> =>
  list("struct", schemaElements(columns));
