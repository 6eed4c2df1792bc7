/**
 * What staged tables must hold, worked out in another way: a plain JSON reader that keeps numbers as text, and
 * recursion over the type. Values are canonical text, so that 1, 1.0 and "1" differ and doubles compare by their bits.
 */
import { flatDomains, type DomainStep } from "../../../src/shapes/domains.js";
import { physicalNames } from "../../../src/types/physical.js";
import type { DataType, StructType } from "../../../src/types/data-type.js";

export type Json = null | boolean | string | NumberText | Json[] | Map<string, Json>;
class NumberText {
  constructor(readonly text: string) {}
}
export type Canonical = null | string | Canonical[] | { [name: string]: Canonical };

const clean = (text: string): string => Buffer.from(text, "utf8").toString("utf8");

/** The record on a line, or undefined when it is malformed. */
export function readRecord(line: string): Map<string, Json> | undefined {
  try {
    JSON.parse(line);
  } catch {
    return undefined;
  }
  const value = readValue({ text: line, at: 0, depth: 0 });
  return value instanceof Map ? value : undefined;
}

function readValue(input: { text: string; at: number; depth: number }): Json | undefined {
  const token = (): string => {
    const match = /\s*("(?:[^"\\]|\\[^])*"|[-+0-9.eE]+|[a-z]+|[^])/y;
    match.lastIndex = input.at;
    const found = match.exec(input.text);
    input.at = match.lastIndex;
    return found?.[1] ?? "";
  };
  const next = (): string => {
    const at = input.at;
    const found = token();
    input.at = at;
    return found;
  };
  const first = token();
  if (first === "{" || first === "[") {
    if (++input.depth > 500) return undefined;
    const map = new Map<string, Json>();
    const list: Json[] = [];
    const close = first === "{" ? "}" : "]";
    while (next() !== close) {
      if (next() === ",") token();
      const key = first === "{" ? clean(JSON.parse(token()) as string) : "";
      if (first === "{") token();
      const value = readValue(input);
      if (value === undefined) return undefined;
      if (first === "{") map.set(key, value);
      else list.push(value);
    }
    token();
    input.depth--;
    return first === "{" ? map : list;
  }
  if (first.startsWith('"')) return clean(JSON.parse(first) as string);
  if (first === "null") return null;
  if (first === "true" || first === "false") return first === "true";
  return new NumberText(first);
}

/** The name of the arm that a value has in an exact type. */
export function tagOf(value: Exclude<Json, null>): string {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "string";
  if (Array.isArray(value)) return "array";
  if (value instanceof Map) return "struct";
  if (/[.eE]/.test(value.text)) return Number.isFinite(Number(value.text)) ? "double" : "string";
  const integer = BigInt(value.text);
  if (BigInt.asIntN(32, integer) === integer) return "int";
  if (BigInt.asIntN(64, integer) === integer) return "long";
  return value.text.replace("-", "").length <= 38 ? "decimal" : "string";
}

export const doubleText = (value: number): string => {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return `double ${value} ${bits.toString("hex")}`;
};

function leaf(type: DataType, value: Json): Canonical {
  if (value === null) return null;
  if (value instanceof NumberText)
    return type.kind === "double"
      ? doubleText(Number(value.text))
      : type.kind === "string"
        ? `string ${value.text}`
        : `${type.kind} ${BigInt(value.text)}`;
  return `${type.kind} ${String(value)}`;
}

/** The value at an exact type, as layout "nested" stages it. */
function nestedValue(type: DataType, value: Json | undefined): Canonical {
  if (value === undefined || value === null) return null;
  if (type.kind === "choice") {
    const tag = tagOf(value);
    return Object.fromEntries(type.choices.map((arm) => [arm.kind, arm.kind === tag ? nestedValue(arm, value) : null]));
  }
  if (type.kind === "struct" && value instanceof Map) return nestedRow(type, value);
  if (type.kind === "array" && Array.isArray(value)) return value.map((item) => nestedValue(type.element, item));
  return leaf(type, value);
}

export function nestedRow(type: StructType, record: Map<string, Json>): { [name: string]: Canonical } {
  if (type.fields.length === 0) return { "~": null };
  const names = physicalNames(type);
  return Object.fromEntries(type.fields.map((field, i) => [names[i], nestedValue(field.type, record.get(field.name))]));
}

function follow(value: Json | undefined, path: readonly DomainStep[]): Json {
  let at: Json | undefined = value;
  for (const step of path) {
    if (at === null || at === undefined) return null;
    if (step.kind === "arm") at = tagOf(at) === step.arm ? at : null;
    else at = at instanceof Map ? at.get(step.name) : null;
  }
  return at ?? null;
}

/** The rows of every domain, as layout "tables" stages them. */
export function flatTables(
  type: StructType,
  records: readonly Map<string, Json>[],
): Map<string, { [name: string]: Canonical }[]> {
  const domains = flatDomains(type);
  const tables = new Map(domains.map(({ domain }): [string, { [name: string]: Canonical }[]] => [domain, []]));
  const addRow = (name: string, value: Json, numbering: { [name: string]: Canonical }): void => {
    const domain = domains.find((candidate) => candidate.domain === name);
    const rows = tables.get(name);
    if (domain === undefined || rows === undefined) throw new Error(`no domain ${name}`);
    const number = rows.length + 1;
    const row: { [name: string]: Canonical } = { "#row": `long ${number}`, ...numbering };
    rows.push(row);
    for (const column of domain.columns) {
      const at = follow(value, column.path);
      row[column.name] =
        column.kind === "list-key" ? (Array.isArray(at) ? `long ${number}` : null) : leaf(column.type, at);
    }
    for (const child of domains.filter(({ parent }) => parent === name)) {
      const list = follow(value, child.listPath);
      if (Array.isArray(list))
        list.forEach((item, i) => addRow(child.domain, item, { "#id": `long ${number}`, "#index": `int ${i}` }));
    }
  };
  for (const record of records) addRow("", record, {});
  return tables;
}
