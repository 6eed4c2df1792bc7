/**
 * Dates and timestamps out of text, in the forms Spark takes (SparkDateTimeUtils.stringToDate, parseTimestampString,
 * getZoneId, Spark 3.5), with UTC as the session's zone. Not taken over: a time alone (Spark adds today's date) and
 * zones named by region.
 */
import { trimControls } from "./cast-number.js";
import { DateValue, TimestampValue } from "./value.js";

const MICROS_PER_SECOND = 1_000_000n;
const MICROS_PER_DAY = 86_400_000_000n;
const LONG_LIMIT = 1n << 63n;

/** Instants that 64-bit microseconds hold; undefined outside. */
export function timestampOf(micros: bigint): TimestampValue | undefined {
  return micros >= -LONG_LIMIT && micros < LONG_LIMIT ? new TimestampValue(micros) : undefined;
}

/** Midnight UTC of the day. */
export function startOfDay(date: DateValue): TimestampValue | undefined {
  return timestampOf(BigInt(date.days) * MICROS_PER_DAY);
}

/** The day in UTC. */
export function dayOf(timestamp: TimestampValue): DateValue {
  return new DateValue(Number(floorDivide(timestamp.micros, MICROS_PER_DAY)));
}

/** Whole seconds since the epoch, rounded down. */
export function secondsOf(timestamp: TimestampValue): bigint {
  return floorDivide(timestamp.micros, MICROS_PER_SECOND);
}

function floorDivide(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b);
}

/** `[+-]yyyy[yyy][-[m]m[-[d]d]]`; after a whole date, a blank or `T` and then anything. */
export function parseDate(text: string): DateValue | undefined {
  const match = /^([+-]?)(\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T][\s\S]*)?)?)?$/.exec(trimControls(text));
  if (match === null) return undefined;
  const [, sign, year, month = "1", day = "1"] = match;
  const days = civilDays(sign === "-" ? -Number(year) : Number(year), Number(month), Number(day));
  return days === undefined ? undefined : new DateValue(days);
}

const TIMESTAMP =
  /^([+-]?)(\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?([^\d.][\s\S]*)?)?)?)?)?)?$/;

/**
 * A date as above (years of 4–6 digits), then a blank or `T` and `[h]h[:[m]m[:[s]s[.fraction][zone]]]`; digits past the
 * microsecond are cut off. Zones: `Z`, `±[h]h[:[m]m]`, `±hhmm`, with or without `UTC`, `GMT`, `UT`.
 * @param withZone false for timestampntz: a zone must be well-formed but is then dropped.
 */
export function parseTimestamp(text: string, withZone: boolean): TimestampValue | undefined {
  const match = TIMESTAMP.exec(trimControls(text));
  if (match === null) return undefined;
  const [, sign, year, month = "1", day = "1", hour = "0", minute = "0", second = "0", fraction = "", zone] = match;
  const days = civilDays(sign === "-" ? -Number(year) : Number(year), Number(month), Number(day));
  const offset = zone === undefined ? 0 : zoneSeconds(zone.trim());
  if (days === undefined || offset === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return undefined;
  const seconds = days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - (withZone ? offset : 0);
  return timestampOf(BigInt(seconds) * MICROS_PER_SECOND + BigInt(fraction.slice(0, 6).padEnd(6, "0")));
}

// java.time.ZoneId.of after Spark's padding of one-digit hours and minutes; offsets reach 18 hours
function zoneSeconds(zone: string): number | undefined {
  if (/^(?:Z|UTC|GMT|UT)$/.test(zone)) return 0;
  const match =
    /^(?:UTC|GMT|UT)?([+-])(?:(\d{1,2})|(\d{1,2}):(\d{1,2})|(\d\d):(\d\d):(\d\d)|(\d\d)(\d\d)(\d\d)?)$/.exec(zone);
  if (match === null) return undefined;
  const [, sign, hourOnly, h1, m1, h2, m2, s2, h3, m3, s3] = match;
  const minutes = Number(m1 ?? m2 ?? m3 ?? 0);
  const seconds = Number(s2 ?? s3 ?? 0);
  const total = Number(hourOnly ?? h1 ?? h2 ?? h3) * 3600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || total > 64_800) return undefined;
  return sign === "-" ? -total : total;
}

/**
 * Days since 1970-01-01 in the proleptic Gregorian calendar; undefined when there is no such day. After Howard
 * Hinnant's algorithm.
 */
function civilDays(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days =
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
  return Math.abs(days) < 2 ** 31 ? days : undefined;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
