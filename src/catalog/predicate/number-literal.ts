/** Spark's number literals: the type follows from form and size, or from a suffix. */
import { DOUBLE, FLOAT, decimal } from "../../types/data-type.js";
import { fitInteger, type IntegerKind, parseDecimal } from "../../types/cast-number.js";
import type { PredicateNode } from "./predicate-ast.js";

/**
 * `1` int, `3000000000` long, `1.50` decimal(3,2), `1e3` double, `7L` long, `1.5BD` decimal; undefined when it does not
 * fit.
 */
export function numberLiteral(text: string): PredicateNode | undefined {
  const parts = /^(.*?)(BD|[LSYDF])?$/i.exec(text);
  const digits = parts?.[1] ?? text;
  switch ((parts?.[2] ?? "").toUpperCase()) {
    case "L":
      return integer(digits, "long");
    case "S":
      return integer(digits, "short");
    case "Y":
      return integer(digits, "byte");
    case "D":
      return { kind: "literal", type: DOUBLE, value: Number(digits) };
    case "F":
      return { kind: "literal", type: FLOAT, value: Math.fround(Number(digits)) };
    case "BD":
      return exact(digits);
  }
  if (/[eE]/.test(digits)) return { kind: "literal", type: DOUBLE, value: Number(digits) };
  if (/^\d+$/.test(digits)) return integer(digits, "int") ?? integer(digits, "long") ?? exact(digits);
  return exact(digits);
}

function integer(digits: string, kind: IntegerKind): PredicateNode | undefined {
  if (!/^\d+$/.test(digits)) return undefined;
  const value = fitInteger(BigInt(digits), kind);
  return value === undefined ? undefined : { kind: "literal", type: { kind }, value };
}

function exact(digits: string): PredicateNode | undefined {
  const [whole = "", fraction = ""] = digits.split(".");
  const precision = Math.max(whole.replace(/^0+/, "").length + fraction.length, fraction.length, 1);
  if (precision > 38 || /[eE]/.test(digits)) return undefined;
  const type = decimal(precision, fraction.length);
  const value = parseDecimal(digits, type);
  return value === undefined ? undefined : { kind: "literal", type, value };
}
