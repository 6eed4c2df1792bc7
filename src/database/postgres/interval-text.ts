/**
 * Texts of intervals that a column keeps. PostgreSQL cuts what is finer than the last field of `interval day` and its
 * like, rounds fractions of years to months and those of seconds to its digits, and tells nobody (documentation,
 * "Interval Input"; AdjustIntervalForTypmod).
 */

/** From coarse to fine, each with its words, and its letter in ISO 8601. */
const UNITS = [
  { words: "y|yrs?|years?|dec(?:s|ades?)?|c|cent(?:ur(?:y|ies))?|mil(?:s|lennia|lennium)?", date: "Y", time: "" },
  { words: "mons?|months?", date: "M", time: "" },
  { words: "d|days?|w|weeks?", date: "DW", time: "" },
  { words: "h|hrs?|hours?", date: "", time: "H" },
  { words: "m|mins?|minutes?", date: "", time: "M" },
] as const;
const FIELDS = ["year", "month", "day", "hour", "minute", "second"];
const WHOLE = "[-+]?\\d+";

/**
 * `fields` as format_type says them: `day to second`, nothing for an interval of all of them. `digits` of a second's
 * fraction.
 */
export function intervalTexts(fields: string, digits: number): RegExp {
  const finest = FIELDS.indexOf(fields.split(" to ").at(-1) ?? "");
  // of minutes and seconds alone, 1:30 is not one hour and a half
  const cutsNothing = finest < 0 || (fields.endsWith("second") && fields !== "minute to second");
  if (cutsNothing) return new RegExp(`^(?!${fractionPast(digits)})(?!${YEARS})(?!${POWER})`, "is");
  const kept = UNITS.slice(0, finest + 1);
  const seconds = finest === 5 ? `\\d+(?:\\.\\d{0,${digits}}0*)?` : "0+(?:\\.0*)?";
  const two = (index: number): string => (index <= finest ? "\\d\\d" : "00");
  const clock = `[-+]?${finest < 3 ? "0+" : "\\d+"}:${two(4)}:${finest === 5 ? `\\d\\d(?:\\.\\d{0,${digits}}0*)?` : "00(?:\\.0*)?"}`;
  const words = `${WHOLE}\\s*(?:${kept.map((unit) => unit.words).join("|")})|[-+]?${seconds}\\s*(?:s|secs?|seconds?)|[-+]?0+\\s*[a-z]+`;
  const letters = (part: "date" | "time"): string => kept.map((unit) => unit[part]).join("");
  const time = letters("time") === "" ? "" : `${WHOLE}[${letters("time")}]|`;
  const printed = `@?\\s*(?:(?:${words})(?=[\\s@+-]|$)\\s*)*(?:${clock})?(?:\\s*ago)?`;
  const iso = `[-+]?P(?:${WHOLE}[${letters("date")}])*(?:T(?:${time}[-+]?${seconds}S)+)?`;
  return new RegExp(`^(?:${WHOLE}|${printed}|${iso})$`, "i");
}

/** Numbers with more digits after the point, zeros aside: they would be rounded. */
export const fractionPast = (digits: number): string => `.*\\.\\d{${digits}}\\d*[1-9]`;
/** Fractions of years that are no whole months. */
const YEARS = ".*\\.(?!(?:0|25|5|75)0*(?!\\d))\\d+\\s*(?:y|dec|c|mil)";
/** A number by powers of ten hides its fraction. */
const POWER = ".*\\de[-+]?\\d";
