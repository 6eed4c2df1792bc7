/**
 * Values as Spark's cast to string prints them (`types/cast-text.ts`), in SQL: Spark's own cast where it does, rebuilt
 * where Java 17 or its settings print otherwise.
 */
import {
  assertNever,
  type ChoiceType,
  type DataType,
  type DecimalType,
  type StructType,
} from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { bound, fieldOf, identifier, text } from "./quote.js";

/** SQL of the text of an SQL value; NULL for null, and for binary that is not UTF-8, wherever it is inside. */
export function textOf(value: string, type: DataType, depth = 1): string {
  switch (type.kind) {
    case "string":
    case "enum":
      return value;
    case "boolean":
    case "byte":
    case "short":
    case "int":
    case "long":
      return `CAST(${value} AS STRING)`;
    case "decimal":
      return decimalText(value, type, depth);
    case "double":
      return floatingText(value, "DOUBLE", depth);
    case "float":
      return floatingText(value, "FLOAT", depth);
    // Spark marks years past 9999 with a plus
    case "date":
    case "timestamp":
    case "timestampntz":
      return `trim(LEADING '+' FROM CAST(${value} AS STRING))`;
    case "binary":
      return `try_validate_utf8(CAST(${value} AS STRING))`;
    case "array":
    case "set":
      return listText(value, type.element, depth);
    case "map":
      return mapText(value, type.value, depth);
    case "struct":
      return structText(value, type, depth);
    case "choice":
      return choiceText(value, type, depth);
    case "null":
    case "unknown":
      return `CAST(${value} AS STRING)`;
    default:
      return assertNever(type);
  }
}

/**
 * All digits. Without ANSI mode Spark prints what is below a millionth as `1.2E-7`; its digits are then all of the
 * unscaled value's.
 */
export function decimalText(value: string, { scale }: DecimalType, depth = 1): string {
  const printed = `CAST(${value} AS STRING)`;
  if (scale <= 6) return printed;
  return bound(
    printed,
    `~d${depth}`,
    (t) =>
      `CASE WHEN ${t} LIKE '%E%' THEN concat(CASE WHEN ${t} LIKE '-%' THEN '-' ELSE '' END, '0.', `
      + `lpad(regexp_replace(split_part(${t}, 'E', 1), '[-.]', ''), ${scale}, '0')) ELSE ${t} END`,
  );
}

/**
 * Java's notation of the shortest digits that read back as the value. Java before 19 prints a digit too many, sometimes
 * two, for one value in a hundred: then those nearest below and above with fewer digits are tried.
 */
function floatingText(value: string, type: "DOUBLE" | "FLOAT", depth: number): string {
  return bound(value, `~f${depth}`, (number) =>
    bound(`CAST(${number} AS STRING)`, `~g${depth}`, (printed) => {
      const count = `length(regexp_replace(regexp_replace(split_part(${printed}, 'E', 1), '^-?0*[.]?0*|[.]', ''), '0+$', ''))`;
      const suspect = `${count} > ${type === "DOUBLE" ? 15 : 6} OR abs(${number}) < ${type === "DOUBLE" ? "2.3E-308D" : "1.2E-38D"}`;
      // a text of two digits is as short as Java prints
      const least =
        type === "DOUBLE"
          ? `WHEN abs(${number}) = 1.0E-323D THEN concat(CASE WHEN ${number} < 0 THEN '-' ELSE '' END, '9.9E-324') `
          : "";
      return (
        `CASE WHEN ${printed} IN ('NaN', 'Infinity', '-Infinity', '0.0', '-0.0') THEN ${printed} ${least}`
        + `WHEN ${suspect} THEN coalesce(${shorterText(number, count, type, depth)}, ${printed}) ELSE ${printed} END`
      );
    }),
  );
}

/** A text of one or two digits less than `count`, NULL where there is none. */
function shorterText(number: string, count: string, type: "DOUBLE" | "FLOAT", depth: number): string {
  const parts = `named_struct('t', format_string('%.17e', abs(${number})), 'n', ${count})`;
  return bound(parts, `~h${depth}`, (p) => {
    const digits = `replace(split_part(${p}.t, 'e', 1), '.', '')`;
    const power = `CAST(split_part(${p}.t, 'e', 2) AS INT)`;
    return bound(`named_struct('m', ${digits}, 'e', ${power}, 'n', ${p}.n)`, `~i${depth}`, (q) => {
      const tried = [2, 1].flatMap((less) => {
        const k = `(${q}.n - ${less})`;
        const below = `CAST(left(${q}.m, ${k}) AS BIGINT)`;
        const rest = `CAST(concat('0.', substr(${q}.m, ${k} + 1)) AS DECIMAL(20,18))`;
        // a tie goes to the even digit
        const up = `(${rest} > 0.5 OR (${rest} = 0.5 AND ${below} % 2 = 1))`;
        return [`${below} + CASE WHEN ${up} THEN 1 ELSE 0 END`, `${below} + CASE WHEN ${up} THEN 0 ELSE 1 END`].map(
          (m) =>
            `CASE WHEN ${k} > 1 AND CAST(concat(${m}, 'E', ${q}.e - ${k} + 1) AS ${type}) = abs(${number}) THEN named_struct('m', CAST(${m} AS STRING), 'e', ${q}.e + length(CAST(${m} AS STRING)) - ${k}) END`,
        );
      });
      return bound(
        `coalesce(${tried.join(", ")})`,
        `~j${depth}`,
        (found) =>
          `CASE WHEN ${found} IS NOT NULL THEN concat(CASE WHEN ${number} < 0 THEN '-' ELSE '' END, ${javaNotation(found, depth)}) END`,
      );
    });
  });
}

/** Digits `m` and power `e` of the first of them, as Java writes them: plain from 10^-3 up to 10^7. */
function javaNotation(parts: string, depth: number): string {
  return bound(`named_struct('d', regexp_replace(${parts}.m, '(?<=.)0+$', ''), 'e', ${parts}.e)`, `~k${depth}`, (p) => {
    const d = `${p}.d`;
    const e = `${p}.e`;
    const pointed = (at: string): string =>
      `concat(rpad(left(${d}, ${at}), ${at}, '0'), '.', CASE WHEN length(${d}) > ${at} THEN substr(${d}, ${at} + 1) ELSE '0' END)`;
    return (
      `CASE WHEN ${e} BETWEEN 0 AND 6 THEN ${pointed(`(${e} + 1)`)} WHEN ${e} BETWEEN -3 AND -1 THEN concat('0.', repeat('0', -${e} - 1), ${d}) `
      + `ELSE concat(${pointed("1")}, 'E', CAST(${e} AS STRING)) END`
    );
  });
}

/** `null` for null; a value without a text stays NULL, and so does everything around it. */
const inside = (value: string, type: DataType, depth: number): string =>
  `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${textOf(value, type, depth)} END`;

function listText(value: string, elementType: DataType, depth: number): string {
  const variable = identifier(`~c${depth}`);
  return joined("[", "]", `transform(${value}, ${variable} -> ${inside(variable, elementType, depth + 1)})`, depth);
}

function mapText(value: string, valueType: DataType, depth: number): string {
  const variable = identifier(`~c${depth}`);
  return joined(
    "{",
    "}",
    `transform(map_entries(${value}), ${variable} -> concat(${variable}.key, ' -> ', ${inside(`${variable}.value`, valueType, depth + 1)}))`,
    depth,
  );
}

// array_join passes over NULL: a list with an element without text has none either
function joined(open: string, close: string, texts: string, depth: number): string {
  return bound(
    texts,
    `~t${depth}`,
    (t) =>
      `CASE WHEN exists(${t}, \`~n\` -> \`~n\` IS NULL) THEN NULL ELSE concat(${text(open)}, array_join(${t}, ', '), ${text(close)}) END`,
  );
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
