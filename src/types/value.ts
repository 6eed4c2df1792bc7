/**
 * JavaScript values of typed positions (docs/api-tour.md). A *row* is typed by a `StructType` beside it and stays in
 * "arms form": the value at a choice position is an `ArmValue`. A *record* is what users see: arms unwrapped.
 *
 * byte, short, int → number · long → number when safe, else bigint · float, double → number · decimal → Decimal ·
 * date → DateValue · timestamp, timestampntz → TimestampValue · binary → Uint8Array · string, enum → string ·
 * array, set → array · map → Map · struct → plain object · null → null · missing → absent (undefined).
 */
export type Value =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Decimal
  | DateValue
  | TimestampValue
  | Uint8Array
  | ArmValue
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | Row;

/** A struct value: own enumerable properties are its fields; absent property = missing field. */
export type Row = { readonly [field: string]: Value };

/** The value at a choice position in arms form: which arm holds it, and the value in that arm's type. */
export class ArmValue {
  constructor(
    /** The name of the type that holds the value. */
    readonly arm: string,
    /** The value in that type. */
    readonly value: Value,
  ) {
    Object.freeze(this);
  }
}

/** An exact decimal: `unscaled / 10^scale`. Prints all its digits. */
export class Decimal {
  constructor(
    /** All digits, as a whole number. */
    readonly unscaled: bigint,
    /** How many of them stand behind the point. */
    readonly scale: number,
  ) {
    Object.freeze(this);
  }
  /** All digits, without exponent. */
  toString(): string {
    if (this.scale === 0) return this.unscaled.toString();
    const negative = this.unscaled < 0n;
    const digits = (negative ? -this.unscaled : this.unscaled).toString().padStart(this.scale + 1, "0");
    const cut = digits.length - this.scale;
    return `${negative ? "-" : ""}${digits.slice(0, cut)}.${digits.slice(cut)}`;
  }
  /** Nearest double; loses digits past about 15. */
  toNumber(): number {
    return Number(this.toString());
  }
  /** As `toString()`. */
  toJSON(): string {
    return this.toString();
  }
}

/** A calendar date: whole days since 1970-01-01. Prints `yyyy-MM-dd`. */
export class DateValue {
  constructor(
    /** Days since 1970-01-01. */
    readonly days: number,
  ) {
    Object.freeze(this);
  }
  /** `yyyy-MM-dd`. */
  toString(): string {
    return isoDate(this.days);
  }
  /** Midnight of the day in UTC. */
  toDate(): Date {
    return new Date(this.days * 86_400_000);
  }
  /** As `toString()`. */
  toJSON(): string {
    return this.toString();
  }
}

/** Microseconds since 1970-01-01T00:00:00Z. Prints `yyyy-MM-dd HH:mm:ss[.fraction]` in UTC, no trailing zeros. */
export class TimestampValue {
  constructor(
    /** Microseconds since 1970-01-01T00:00:00Z. */
    readonly micros: bigint,
  ) {
    Object.freeze(this);
  }
  /** `yyyy-MM-dd HH:mm:ss[.fraction]` in UTC. */
  toString(): string {
    const day = 86_400_000_000n;
    const days = this.micros >= 0n ? this.micros / day : -((-this.micros + day - 1n) / day);
    const rest = Number(this.micros - days * day);
    const two = (n: number): string => String(Math.trunc(n)).padStart(2, "0");
    const seconds = Math.trunc(rest / 1e6);
    const fraction = String(rest % 1e6)
      .padStart(6, "0")
      .replace(/0+$/, "");
    const time = `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
    return `${isoDate(Number(days))} ${time}${fraction ? `.${fraction}` : ""}`;
  }
  /** Milliseconds only: a JavaScript Date holds no more. */
  toDate(): Date {
    return new Date(Number(this.micros / 1000n));
  }
  /** As `toString()`. */
  toJSON(): string {
    return this.toString();
  }
}

/** Sets a field even when it is called `__proto__`. */
export function setField(target: object, name: string, value: unknown): void {
  if (name === "__proto__")
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else (target as Record<string, unknown>)[name] = value;
}

/** The field's value, undefined when it is missing; never something inherited, as `row["constructor"]` would be. */
export function getField(row: Row, name: string): Value {
  return Object.hasOwn(row, name) ? row[name] : undefined;
}

// proleptic Gregorian civil date from days, after Howard Hinnant's chrono-compatible date algorithms
function isoDate(days: number): string {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const y = year < 0 ? `-${String(-year).padStart(4, "0")}` : String(year).padStart(4, "0");
  return `${y}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
