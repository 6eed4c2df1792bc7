/** Checks an expression against a table's partition keys and gives every literal the key's type. */
import { assertNever } from "../../types/data-type.js";
import { invalidInput } from "../catalog-errors.js";
import type { BoundExpression, BoundKey, PartitionExpression } from "./ast.js";
import {
  type KeyFamily,
  keyFamily,
  type KeyValue,
  misfitMessage,
  parseKeyValue,
  type PartitionKey,
} from "./key-type.js";

/**
 * @throws InvalidInputException "Invalid partition expression!" for an unknown key, "Unknown type" for a key type that
 * expressions may not name, "… is not an integer" and the like for a literal, "… data type doesn't support operation
 * 'LIKE'".
 */
export function bindExpression(expression: PartitionExpression, keys: readonly PartitionKey[]): BoundExpression {
  const bind = (e: PartitionExpression): BoundExpression => {
    switch (e.kind) {
      case "and":
      case "or":
        return { kind: e.kind, terms: e.terms.map(bind) };
      case "not":
        return { kind: "not", term: bind(e.term) };
      case "compare": {
        const key = bindKey(e.key, keys);
        return { kind: "compare", key, op: e.op, value: bindLiteral(key, e.literal) };
      }
      case "in": {
        const key = bindKey(e.key, keys);
        return { kind: "in", key, values: e.literals.map((l) => bindLiteral(key, l)) };
      }
      case "between": {
        const key = bindKey(e.key, keys);
        return { kind: "between", key, low: bindLiteral(key, e.low), high: bindLiteral(key, e.high) };
      }
      case "like": {
        const key = bindKey(e.key, keys);
        requireText(key.family);
        return { kind: "like", key, pattern: e.pattern };
      }
      case "isNull":
        return { kind: "isNull", key: bindKey(e.key, keys) };
      default:
        return assertNever(e);
    }
  };
  return bind(expression);
}

/** Positions of the keys that an expression names, ascending. */
export function keysOf(expression: BoundExpression): readonly BoundKey[] {
  const found = new Map<number, BoundKey>();
  const visit = (e: BoundExpression): void => {
    if ("terms" in e) e.terms.forEach(visit);
    else if ("term" in e) visit(e.term);
    else found.set(e.key.index, e.key);
  };
  visit(expression);
  return [...found.values()].sort((a, b) => a.index - b.index);
}

function bindKey(name: string, keys: readonly PartitionKey[]): BoundKey {
  const folded = name.toLowerCase();
  const index = keys.findIndex((k) => k.name.toLowerCase() === folded);
  const key = keys[index];
  if (key === undefined) {
    throw invalidInput("Invalid partition expression!", {
      path: name,
      expected: keys.length === 0 ? "a partitioned table" : `one of ${keys.map((k) => k.name).join(", ")}`,
      hint: `${name} is not a partition key`,
    });
  }
  const family = keyFamily(key.type);
  if (family === undefined) {
    throw invalidInput(`Unknown type : '${key.type}'`, {
      path: name,
      expected: "string, date, timestamp, int, bigint, long, tinyint, smallint or decimal",
      found: key.type,
    });
  }
  return { index, family };
}

function bindLiteral(key: BoundKey, text: string): KeyValue {
  const value = parseKeyValue(key.family, text);
  if (value === undefined) throw invalidInput(misfitMessage(key.family, text), { found: text });
  return value;
}

function requireText(family: KeyFamily): void {
  if (family === "string") return;
  const name = family[0]?.toUpperCase() + family.slice(1);
  throw invalidInput(`${name} data type doesn't support operation 'LIKE'`);
}
