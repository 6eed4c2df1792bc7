/**
 * How a database keeps JSON: as its text; as a document, which has each key once; as one whose numbers are 64-bit
 * integers or doubles.
 */
export type JsonForm = "text" | "document" | "doubles";

/** What a column of a table can hold, as far as writing must know. */
export type TargetType =
  /** `booleans`: true and false are 1 and 0 there. `orZero`: it holds 0 besides. */
  | {
      readonly kind: "integer";
      readonly min: bigint;
      readonly max: bigint;
      readonly booleans?: boolean;
      readonly orZero?: boolean;
    }
  /** The scale may be negative, or past the precision. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number; readonly unsigned?: boolean }
  /** Any number of digits, as PostgreSQL's numeric. */
  | { readonly kind: "numeric" }
  /**
   * A whole number of 64 bits or a double, by which decimals of 15 digits are told apart. `scale`: most digits after
   * the point.
   */
  | { readonly kind: "number"; readonly scale?: number }
  /**
   * `special`: which of NaN and infinity it holds besides numbers. `digits`: numbers are rounded to so many, as those
   * of a decimal. `oneZero`: -0 becomes 0 there.
   */
  | {
      readonly kind: "float";
      readonly bits: 32 | 64;
      readonly special: "all" | "infinite" | "none";
      readonly digits?: { readonly precision: number; readonly scale: number };
      readonly unsigned?: boolean;
      readonly oneZero?: boolean;
    }
  | { readonly kind: "boolean" }
  /**
   * `maxLength` in code points, `maxBytes` in UTF-8. `nul`: whether U+0000 can be held. `trimmed`: blanks at the end
   * are lost.
   */
  | {
      readonly kind: "text";
      readonly maxLength?: number;
      readonly maxBytes?: number;
      readonly nul: boolean;
      readonly trimmed?: boolean;
    }
  /** `fixed`: what is shorter is filled up with zeros. */
  | { readonly kind: "binary"; readonly maxBytes?: number; readonly fixed?: boolean }
  /** Years the database holds. */
  | { readonly kind: "date"; readonly minYear: number; readonly maxYear: number }
  /**
   * `zoned`: an instant, `timestamp`; else wall-clock time, `timestampntz`. `digits` of a second's fraction. Bounds in
   * microseconds.
   */
  | {
      readonly kind: "timestamp";
      readonly zoned: boolean;
      readonly digits: number;
      readonly min: bigint;
      readonly max: bigint;
    }
  /** `takesNumbers`: a text that is a number alone becomes one there. */
  | { readonly kind: "json"; readonly nul: boolean; readonly form: JsonForm; readonly takesNumbers?: boolean }
  /** One of the names, of a set `several` with commas between. */
  | { readonly kind: "names"; readonly names: ReadonlySet<string>; readonly several: boolean }
  | { readonly kind: "array"; readonly element: TargetType }
  /** Parsed by the database from a text: uuid, inet, time, enum, … `pattern`: of the texts it takes unchanged. */
  | { readonly kind: "parsed"; readonly pattern?: RegExp }
  /** Holds whatever it is given, as SQLite's columns do. */
  | { readonly kind: "any" };

export type TargetColumn = {
  readonly name: string;
  readonly type: TargetType;
  /** The type as the database names it, for messages. */
  readonly declared: string;
  readonly nullable: boolean;
  /** Filled by the database when a row gives no value. */
  readonly hasDefault: boolean;
  /** Computed by the database; it cannot be written. */
  readonly generated: boolean;
};

export const integerOf = (bits: number, signed = true): Extract<TargetType, { kind: "integer" }> =>
  signed
    ? { kind: "integer", min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }
    : { kind: "integer", min: 0n, max: 2n ** BigInt(bits) - 1n };
