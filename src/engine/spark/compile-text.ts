/** Values as Spark's cast to string prints them (`types/cast-text.ts`), in SQL: Spark's own cast where it does, rebuilt where Java 17 or its settings print otherwise. */
import { assertNever, type ChoiceType, type DataType, type DecimalType, type StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { bound, fieldOf, identifier, text } from "./quote.js";

/** SQL of the text of an SQL value; NULL for null, and for binary that is not UTF-8, wherever it is inside. */
export function textOf(value: string, type: DataType, depth = 1): string {
  switch (type.kind) {
    case "string": case "enum": return value;
    case "boolean": case "byte": case "short": case "int": case "long": return `CAST(${value} AS STRING)`;
    case "decimal": return decimalText(value, type, depth);
    case "double": return floatingText(value, "DOUBLE", depth);
    case "float": return floatingText(value, "FLOAT", depth);
    // Spark marks years past 9999 with a plus
    case "date": case "timestamp": case "timestampntz": return `trim(LEADING '+' FROM CAST(${value} AS STRING))`;
    case "binary": return `try_validate_utf8(CAST(${value} AS STRING))`;
    case "array": case "set": return listText(value, type.element, depth);
    case "map": return mapText(value, type.value, depth);
    case "struct": return structText(value, type, depth);
    case "choice": return choiceText(value, type, depth);
    case "null": case "unknown": return `CAST(${value} AS STRING)`;
    default: return assertNever(type);
  }
}

/** All digits. Without ANSI mode Spark prints what is below a millionth as `1.2E-7`; its digits are then all of the unscaled value's. */
export function decimalText(value: string, { scale }: DecimalType, depth = 1): string {
  const printed = `CAST(${value} AS STRING)`;
  if (scale <= 6) return printed;
  return bound(printed, `~d${depth}`, (t) => `CASE WHEN ${t} LIKE '%E%' THEN concat(CASE WHEN ${t} LIKE '-%' THEN '-' ELSE '' END, '0.', `
    + `lpad(regexp_replace(split_part(${t}, 'E', 1), '[-.]', ''), ${scale}, '0')) ELSE ${t} END`);
}

/**
 * Java's notation of the shortest digits. Java before 19 prints a digit too many for some values, so fewer are tried: a text with so many
 * digits that reads back as the value.
 */
function floatingText(value: string, type: "DOUBLE" | "FLOAT", depth: number): string {
  const digits = type === "DOUBLE" ? [15, 16] : [2, 3, 4, 5, 6, 7, 8];
  const v = `~f${depth}`, t = `~g${depth}`;
  return bound(value, v, (number) => bound(`CAST(${number} AS STRING)`, t, (printed) => {
    const length = `length(regexp_replace(split_part(${printed}, 'E', 1), '^-|[.]|^-?0[.]0*|[.]0$', ''))`;
    const shorter = digits.map((n) => {
      const candidate = `format_string('%.${n - 1}e', ${number})`;
      return `WHEN ${length} > ${n} AND CAST(${candidate} AS ${type}) = ${number} THEN ${javaNotation(candidate, depth)}`;
    });
    const plain = `CASE WHEN ${printed} IS NULL OR ${length} <= ${digits[0]} OR ${printed} IN ('NaN', 'Infinity', '-Infinity') THEN ${printed} ${shorter.join(" ")} ELSE ${printed} END`;
    return plain;
  }));
}

/** `-1.20000e-05` as `-1.2E-5`, and plain from 10^-3 up to 10^7. */
function javaNotation(exponential: string, depth: number): string {
  return bound(exponential, `~h${depth}`, (x) => {
    const sign = `CASE WHEN ${x} LIKE '-%' THEN '-' ELSE '' END`;
    const digits = `regexp_replace(regexp_replace(split_part(${x}, 'e', 1), '[-.]', ''), '(?<=.)0+$', '')`;
    const power = `CAST(split_part(${x}, 'e', 2) AS INT)`;
    return bound(structOfParts(digits, power), `~i${depth}`, (p) => {
      const d = `${p}.d`, e = `${p}.e`;
      const pointed = (at: string): string => `concat(rpad(left(${d}, ${at}), ${at}, '0'), '.', CASE WHEN length(${d}) > ${at} THEN substr(${d}, ${at} + 1) ELSE '0' END)`;
      return `concat(${sign}, CASE WHEN ${e} BETWEEN 0 AND 6 THEN ${pointed(`(${e} + 1)`)} WHEN ${e} BETWEEN -3 AND -1 THEN concat('0.', repeat('0', -${e} - 1), ${d}) `
        + `ELSE concat(${pointed("1")}, 'E', CAST(${e} AS STRING)) END)`;
    });
  });
}

const structOfParts = (digits: string, power: string): string => `named_struct('d', ${digits}, 'e', ${power})`;

/** `null` for null; a value without a text stays NULL, and so does everything around it. */
const inside = (value: string, type: DataType, depth: number): string => `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${textOf(value, type, depth)} END`;

function listText(value: string, elementType: DataType, depth: number): string {
  const variable = identifier(`~c${depth}`);
  return joined("[", "]", `transform(${value}, ${variable} -> ${inside(variable, elementType, depth + 1)})`, depth);
}

function mapText(value: string, valueType: DataType, depth: number): string {
  const variable = identifier(`~c${depth}`);
  return joined("{", "}", `transform(map_entries(${value}), ${variable} -> concat(${variable}.key, ' -> ', ${inside(`${variable}.value`, valueType, depth + 1)}))`, depth);
}

// array_join passes over NULL: a list with an element without text has none either
function joined(open: string, close: string, texts: string, depth: number): string {
  return bound(texts, `~t${depth}`, (t) => `CASE WHEN exists(${t}, \`~n\` -> \`~n\` IS NULL) THEN NULL ELSE concat(${text(open)}, array_join(${t}, ', '), ${text(close)}) END`);
}

function structText(value: string, type: StructType, depth: number): string {
  const names = physicalNames(type);
  return bound(value, `~t${depth}`, (record) => {
    const parts = type.fields.map((f, i) => inside(fieldOf(record, names[i] ?? ""), f.type, depth + 1));
    const body = parts.length === 0 ? "'{}'" : `concat('{', ${parts.join(", ', ', ")}, '}')`;
    return `CASE WHEN ${record} IS NULL THEN NULL ELSE ${body} END`;
  });
}

const choiceText = (value: string, type: ChoiceType, depth: number): string =>
  `coalesce(${["CAST(NULL AS STRING)", ...type.choices.map((arm) => textOf(fieldOf(value, arm.kind), arm, depth))].join(", ")})`;
