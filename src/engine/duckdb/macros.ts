/**
 * SQL macros for the casts of `types/cast.ts` that DuckDB's own casts do otherwise: what DuckDB reads more widely
 * (`0x10`, `1_000`) is guarded by a pattern, what it prints in its own way is rebuilt. Created once per session when
 * first called (all of them take 140 ms, more than a small job); every macro gives NULL for NULL and for a value that
 * does not fit.
 */
import { qualified } from "./quote.js";

/** The attached catalog with the session's tables and macros. */
export const CATALOG = "dynaframe";

/** A call of a macro, by its full name: views of other catalogs use it too. */
export const call = (name: MacroName, ...args: readonly string[]): string =>
  `${qualified(CATALOG, "main", `df_${name}`)}(${args.join(", ")})`;

/**
 * The statements that create the macros an SQL text calls, each after those it calls itself; by name, so that none is
 * created twice.
 */
export function macrosFor(sql: string): ReadonlyMap<string, string> {
  const all = new Map<string, Macro>(Object.entries(MACROS));
  const statements = new Map<string, string>();
  const add = (text: string): void => {
    for (const [, name = ""] of text.matchAll(/"df_(\w+)"/g)) {
      const macro = all.get(name);
      if (macro === undefined || statements.has(name)) continue;
      add(macro.body);
      statements.set(name, `CREATE MACRO ${qualified(CATALOG, "main", `df_${name}`)}(${macro.args}) AS ${macro.body}`);
    }
  };
  add(sql);
  return statements;
}

type Macro = { readonly args: string; readonly body: string };

// ASCII control characters and the blank; DuckDB's trim takes the set as a text
const CONTROLS = String.raw`concat(chr(0), e'\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f ')`;
const local = (name: string, ...args: readonly string[]): string =>
  `${qualified(CATALOG, "main", `df_${name}`)}(${args.join(", ")})`;

const TIMESTAMP_PATTERN = String.raw`([+-]?)(\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?([^\d.](?s:.)*)?)?)?)?)?)?`;
const ZONE_PATTERN = String.raw`(?:Z|UTC|GMT|UT)|(?:UTC|GMT|UT)?[+-](?:\d{1,2}|\d{1,2}:\d{1,2}|\d\d:\d\d:\d\d|\d\d\d\d(?:\d\d)?)`;

const MACROS = Object.freeze({
  trim: { args: "s", body: `trim(s, ${CONTROLS})` },
  trim_all: { args: "s", body: `trim(s, concat(${CONTROLS}, chr(127)))` },

  // [+-]digits[.digits], the fraction cut off
  text_to_long: { args: "s", body: local("digits_to_long", local("trim_all", "s")) },
  digits_to_long: {
    args: "t",
    body: String.raw`CASE WHEN NOT regexp_full_match(t, '[+-]?(?:\d+(?:\.\d*)?|\.\d*)') THEN NULL
      WHEN split_part(t, '.', 1) IN ('', '+', '-') THEN 0 ELSE TRY_CAST(split_part(t, '.', 1) AS BIGINT) END`,
  },

  text_to_double: { args: "s", body: local("literal_to_double", local("trim", "s")) },
  literal_to_double: {
    args: "t",
    body: String.raw`CASE WHEN regexp_full_match(t, '[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?')
        THEN coalesce(TRY_CAST(rtrim(t, 'fFdD') AS DOUBLE), ${local("beyond_double", "t")})
      WHEN regexp_full_match(t, '(?i:nan)|[+-]NaN') THEN CAST('nan' AS DOUBLE)
      WHEN regexp_full_match(t, '(?i:\+?inf(?:inity)?)') THEN CAST('inf' AS DOUBLE)
      WHEN regexp_full_match(t, '(?i:-inf(?:inity)?)') THEN CAST('-inf' AS DOUBLE) END`,
  },
  // a literal that DuckDB refuses as out of range: zero if there is no digit but 0 or the exponent is negative, else
  // infinite
  beyond_double: {
    args: "t",
    body: String.raw`CASE WHEN NOT regexp_matches(split_part(lower(t), 'e', 1), '[1-9]') OR contains(lower(t), 'e-')
      THEN CASE WHEN starts_with(t, '-') THEN CAST('-0.0' AS DOUBLE) ELSE CAST(0 AS DOUBLE) END
      WHEN starts_with(t, '-') THEN CAST('-inf' AS DOUBLE) ELSE CAST('inf' AS DOUBLE) END`,
  },
  // past the range a text gives an infinity, a number does not fit
  double_to_float_or_infinity: {
    args: "d",
    body: `coalesce(TRY_CAST(d AS FLOAT), CASE WHEN d > 0 THEN CAST('inf' AS FLOAT) WHEN d < 0 THEN CAST('-inf' AS FLOAT) END)`,
  },

  /** The text as one that DuckDB's own cast to DECIMAL reads exactly. */
  text_to_decimal_text: { args: "s", body: local("decimal_text", local("trim", "s")) },
  decimal_text: {
    args: "t",
    body: String.raw`CASE WHEN regexp_full_match(t, '[+-]?(?:\d+\.?\d*|\.\d+)') THEN t
      WHEN regexp_full_match(t, '[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d{1,10}') THEN ${local("expanded", "t")} END`,
  },
  // digits with an exponent, written out: DuckDB rounds such texts otherwise; far exponents are cut where nothing can
  // change
  expanded: {
    args: "t",
    body: local(
      "moved_point",
      "CASE WHEN starts_with(t, '-') THEN '-' ELSE '' END",
      "split_part(ltrim(split_part(lower(t), 'e', 1), '+-'), '.', 1)",
      "split_part(split_part(lower(t), 'e', 1), '.', 2)",
      "CAST(split_part(lower(t), 'e', 2) AS BIGINT)",
    ),
  },
  moved_point: {
    args: "sign, w, f, x",
    body: `CASE WHEN length(ltrim(w || f, '0')) > 0 AND length(ltrim(w || f, '0')) - (length(f) - x) > 38 THEN NULL
      WHEN length(ltrim(w || f, '0')) = 0 THEN CASE WHEN 1 - (length(f) - x) > 38 THEN NULL ELSE '0' END
      WHEN x >= 0 THEN sign || w || left(rpad(f, CAST(greatest(length(f), least(x, 100000)) AS INTEGER), '0'), CAST(x AS INTEGER)) || '.' || substr(f, x + 1)
      WHEN x < -100 - length(w) THEN '0'
      ELSE sign || left(lpad(w, CAST(greatest(length(w), 1 - x) AS INTEGER), '0'), CAST(greatest(length(w) + x, 1) AS INTEGER)) || '.'
        || right(lpad(w, CAST(greatest(length(w), 1 - x) AS INTEGER), '0'), CAST(-x AS INTEGER)) || f END`,
  },

  text_to_boolean: {
    args: "s",
    body: `CASE WHEN lower(${local("trim_all", "s")}) IN ('t', 'true', 'y', 'yes', '1') THEN TRUE
      WHEN lower(${local("trim_all", "s")}) IN ('f', 'false', 'n', 'no', '0') THEN FALSE END`,
  },

  civil_date: {
    args: "y, m, d",
    body: `CASE WHEN y IS NULL OR m NOT BETWEEN 1 AND 12 OR d < 1 OR d > 31 OR abs(y) > 5877000 THEN NULL
      WHEN d > day(last_day(make_date(y, m, 1))) THEN NULL ELSE make_date(y, m, d) END`,
  },
  text_to_date: { args: "s", body: local("trimmed_to_date", local("trim_all", "s")) },
  trimmed_to_date: {
    args: "t",
    body: String.raw`CASE WHEN regexp_full_match(t, '[1-9]\d\d\d-\d\d-\d\d') THEN TRY_CAST(t AS DATE)
      WHEN regexp_full_match(t, '([+-]?)(\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](?s:.)*)?)?)?') THEN ${local(
        "civil_date",
        String.raw`CAST(regexp_extract(t, '^[+-]?\d+') AS BIGINT)`,
        String.raw`CAST(coalesce(nullif(regexp_extract(t, '^[+-]?\d+-(\d{1,2})', 1), ''), '1') AS BIGINT)`,
        String.raw`CAST(coalesce(nullif(regexp_extract(t, '^[+-]?\d+-\d{1,2}-(\d{1,2})', 1), ''), '1') AS BIGINT)`,
      )} END`,
  },

  /** Microseconds since the epoch; 64 bits or NULL. */
  text_to_micros: { args: "s", body: local("trimmed_to_micros", local("trim_all", "s"), "TRUE") },
  text_to_micros_ntz: { args: "s", body: local("trimmed_to_micros", local("trim_all", "s"), "FALSE") },
  trimmed_to_micros: {
    args: "t, zoned",
    body: String.raw`CASE WHEN regexp_full_match(t, '[1-9]\d\d\d-\d\d-\d\d[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z?')
        THEN epoch_us(TRY_CAST(rtrim(t, 'Z') AS TIMESTAMP))
      WHEN regexp_full_match(t, '${TIMESTAMP_PATTERN}')
        THEN ${local("parts_to_micros", `regexp_extract(t, '^${TIMESTAMP_PATTERN}$', ['sign', 'y', 'mo', 'd', 'h', 'mi', 's', 'f', 'z'])`, "zoned")} END`,
  },
  parts_to_micros: {
    args: "p, zoned",
    body: `CASE WHEN ${["h", "mi", "s"].map((part, i) => `CAST('0' || struct_extract(p, '${part}') AS INTEGER) > ${i === 0 ? 23 : 59}`).join(" OR ")} THEN NULL
      ELSE TRY_CAST((CAST(epoch(${local(
        "civil_date",
        "CAST(struct_extract(p, 'sign') || struct_extract(p, 'y') AS BIGINT)",
        "CAST(coalesce(nullif(struct_extract(p, 'mo'), ''), '1') AS BIGINT)",
        "CAST(coalesce(nullif(struct_extract(p, 'd'), ''), '1') AS BIGINT)",
      )}) AS HUGEINT)
        + CAST('0' || struct_extract(p, 'h') AS INTEGER) * 3600 + CAST('0' || struct_extract(p, 'mi') AS INTEGER) * 60 + CAST('0' || struct_extract(p, 's') AS INTEGER)
        - CASE WHEN zoned THEN ${local("zone_seconds", "struct_extract(p, 'z')")} ELSE ${local("zone_seconds", "struct_extract(p, 'z')")} * 0 END) * 1000000
        + CAST(rpad(left(struct_extract(p, 'f'), 6), 6, '0') AS INTEGER) AS BIGINT) END`,
  },
  zone_seconds: {
    args: "z",
    body: `CASE WHEN z = '' THEN 0 ELSE ${local("trimmed_zone_seconds", String.raw`trim(z, concat(e' \t\n\r\x0b\x0c', chr(160), chr(65279), chr(8232), chr(8233)))`)} END`,
  },
  trimmed_zone_seconds: {
    args: "z",
    body: String.raw`CASE WHEN z IN ('Z', 'UTC', 'GMT', 'UT') THEN 0 WHEN NOT regexp_full_match(z, '${ZONE_PATTERN}') THEN NULL
      ELSE ${local("offset_seconds", String.raw`contains(z, '-')`, String.raw`regexp_replace(z, '^[A-Z]*[+-]', '')`)} END`,
  },
  // b is h, hh, h:m, hh:mm:ss, hhmm or hhmmss
  offset_seconds: {
    args: "negative, b",
    body: `${local(
      "checked_offset",
      "negative",
      "CAST(CASE WHEN contains(b, ':') THEN split_part(b, ':', 1) ELSE left(b, 2) END AS INTEGER)",
      "CAST('0' || CASE WHEN contains(b, ':') THEN split_part(b, ':', 2) ELSE substr(b, 3, 2) END AS INTEGER)",
      "CAST('0' || CASE WHEN contains(b, ':') THEN split_part(b, ':', 3) ELSE substr(b, 5, 2) END AS INTEGER)",
    )}`,
  },
  checked_offset: {
    args: "negative, h, m, s",
    body: "CASE WHEN m > 59 OR s > 59 OR h * 3600 + m * 60 + s > 64800 THEN NULL ELSE (h * 3600 + m * 60 + s) * CASE WHEN negative THEN -1 ELSE 1 END END",
  },

  /** Seconds in whole numbers, then in doubles through a product, as Spark does. */
  whole_to_micros: { args: "n", body: "TRY_CAST(CAST(n AS HUGEINT) * 1000000 AS BIGINT)" },
  // a CASE inside a lambda does not keep DuckDB from evaluating its branches, so the branch itself must hold for every
  // double
  double_to_micros: {
    args: "d",
    body: `CASE WHEN NOT isfinite(d) THEN NULL WHEN d = trunc(d) AND abs(d) <= 9007199254740991
        THEN ${local("whole_to_micros", "CASE WHEN abs(d) <= 9007199254740991 THEN d END")}
      ELSE TRY_CAST(trunc(d * 1e6) AS BIGINT) END`,
  },
  // through the text: a product could pass 38 digits
  decimal_text_to_micros: {
    args: "t",
    body: `TRY_CAST(CAST(TRY_CAST(CASE WHEN split_part(t, '.', 1) IN ('', '-') THEN '0' ELSE split_part(t, '.', 1) END AS BIGINT) AS HUGEINT) * 1000000
      + CASE WHEN starts_with(t, '-') THEN -1 ELSE 1 END * CAST(rpad(left(split_part(t, '.', 2), 6), 6, '0') AS INTEGER) AS BIGINT)`,
  },
  days_to_micros: { args: "d", body: local("scaled_days", "CAST(d - DATE '1970-01-01' AS HUGEINT)") },
  scaled_days: { args: "n", body: "TRY_CAST(n * 86400000000 AS BIGINT)" },
  // the ends of the 64 bits stand for infinities
  finite_micros: { args: "u", body: "CASE WHEN u BETWEEN -9223372036854775806 AND 9223372036854775806 THEN u END" },
  micros_to_seconds: {
    args: "u",
    body: "CAST((CAST(u AS HUGEINT) - ((u % 1000000) + 1000000) % 1000000) // 1000000 AS BIGINT)",
  },

  // years before 1 are counted from 0 downwards, not as BC
  date_text: {
    args: "d",
    body: `CASE WHEN year(d) > 0 THEN CAST(d AS VARCHAR)
      ELSE CASE WHEN year(d) < 0 THEN '-' ELSE '' END || ${local("padded", "CAST(abs(year(d)) AS VARCHAR)", "4")}
        || '-' || ${local("padded", "CAST(month(d) AS VARCHAR)", "2")} || '-' || ${local("padded", "CAST(day(d) AS VARCHAR)", "2")} END`,
  },
  padded: { args: "s, n", body: "lpad(s, CAST(greatest(n, length(s)) AS INTEGER), '0')" },
  timestamp_text: {
    args: "t",
    body: `CASE WHEN year(t) > 0 THEN CAST(t AS VARCHAR) ELSE ${local("date_text", "CAST(t AS DATE)")} || ' ' || CAST(CAST(t AS TIME) AS VARCHAR) END`,
  },

  // shortest digits by way of JSON: DuckDB 1.5.5's own text of 2^81, 2^91 and 2^807 is another number, or none
  // (A.07…e+242)
  double_digits: { args: "d", body: "CAST(to_json(d) AS VARCHAR)" },
  /** Java's Double.toString: the same digits in another notation. */
  double_text: { args: "d", body: local("java_text", "d", local("double_digits", "d")) },
  // DuckDB prints some floats with more digits than they need: 467360.375 for 467360.38
  float_text: { args: "f", body: local("double_text", local("shortest_float", "f", "CAST(f AS DOUBLE)")) },
  // the double with the fewest digits that is this float; printf breaks ties to the even digit, as Java does
  shortest_float: {
    args: "f, d",
    body: `CASE ${[1, 2, 3, 4, 5, 6, 7]
      .map((digits) => {
        const text = `CAST(printf('%.${digits}e', d) AS DOUBLE)`;
        return `WHEN TRY_CAST(${text} AS FLOAT) = f THEN ${text}`;
      })
      .join(" ")} WHEN TRY_CAST(${local("next_digit", "d")} AS FLOAT) = f THEN ${local("next_digit", "d")}
      ELSE CAST(printf('%.8e', d) AS DOUBLE) END`,
  },
  // below a power of two floats lie closer: there the nearest eight digits may miss it and the next ones up hit
  next_digit: {
    args: "d",
    body: "CAST(printf('%.7e', d + sign(d) * CAST('1e' || CAST(CAST(split_part(printf('%.7e', d), 'e', 2) AS INTEGER) - 7 AS VARCHAR) AS DOUBLE)) AS DOUBLE)",
  },
  java_text: {
    args: "d, t",
    body: `CASE WHEN isnan(d) THEN 'NaN' WHEN isinf(d) THEN CASE WHEN d > 0 THEN 'Infinity' ELSE '-Infinity' END
      WHEN d = 0 THEN CASE WHEN starts_with(t, '-') THEN '-0.0' ELSE '0.0' END
      WHEN abs(d) >= 1e-3 AND abs(d) < 1e7 THEN t
      ELSE CASE WHEN d < 0 THEN '-' ELSE '' END || ${local(
        "scientific",
        "CASE WHEN contains(t, 'e') AND NOT contains(t, '.') THEN printf('%.1e', abs(d)) ELSE ltrim(t, '-') END",
      )} END`,
  },
  scientific: {
    args: "u",
    body: `CASE WHEN contains(u, 'e') THEN split_part(u, 'e', 1) || 'E' || CAST(CAST(split_part(u, 'e', 2) AS INTEGER) AS VARCHAR)
      WHEN starts_with(u, '0.') THEN ${local("pointed", "ltrim(split_part(u, '.', 2), '0')")}
        || 'E-' || CAST(length(split_part(u, '.', 2)) - length(ltrim(split_part(u, '.', 2), '0')) + 1 AS VARCHAR)
      ELSE ${local("pointed", "rtrim(replace(u, '.', ''), '0')")} || 'E' || CAST(length(split_part(u, '.', 1)) - 1 AS VARCHAR) END`,
  },
  pointed: {
    args: "digits",
    body: "left(digits, 1) || '.' || CASE WHEN length(digits) > 1 THEN substr(digits, 2) ELSE '0' END",
  },
} as const satisfies Readonly<Record<string, Macro>>);

export type MacroName = keyof typeof MACROS;
