/**
 * Glue's cron: `cron(minutes hours day-of-month month day-of-week year)`, UTC (developer guide, "Time-based
 * schedules").
 */
import { Cron } from "croner";
import { DynaframeError } from "../types/error.js";

/** A cron expression, parsed. */
export type Schedule = {
  readonly text: string;
  /** The first time after `after`, in milliseconds since the epoch; undefined when there is none any more. */
  readonly next: (after: number) => number | undefined;
};

const FIVE_MINUTES = 300_000;
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * Exactly one of the two day fields is `?`; days of the week are 1–7 from Sunday, or names; `L`, `W` and `#` as in
 * Glue.
 * @throws BAD_SCHEDULE for anything else, and for a schedule that may fire more often than every five minutes.
 */
export function parseSchedule(text: string): Schedule {
  const fields = /^cron\((.*)\)$/s.exec(text.trim())?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6)
    throw bad(text, "it has not the six fields of cron(minutes hours day-of-month month day-of-week year)");
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?"))
    throw bad(text, "exactly one of day-of-month and day-of-week must be ?");
  const parts = [
    "0",
    steps(minutes, 59),
    steps(hours, 23),
    steps(dayOfMonth, 31),
    steps(month.toUpperCase(), 12),
    weekDays(text, dayOfWeek),
    steps(year, 2199),
  ];
  const cron = compile(text, parts.map((f) => (f === "?" ? "*" : f)).join(" "));
  const next = (after: number): number | undefined => cron.nextRun(new Date(after))?.getTime();
  checkPace(text, cron);
  return Object.freeze({ text, next });
}

function compile(text: string, pattern: string): Cron {
  try {
    return new Cron(pattern, { timezone: "UTC", paused: true, mode: "7-part" });
  } catch (cause) {
    throw bad(text, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** `5/15`: every fifteen from five on. */
const steps = (field: string, max: number): string => field.replace(/(^|,)(\d+)\//g, `$1$2-${max}/`);

/** Day numbers count from 1 for Sunday here, and `6L` is the last Friday. */
function weekDays(text: string, field: string): string {
  const day = (n: string): string => {
    const name = DAYS[Number(n) - 1];
    if (name === undefined) throw bad(text, `the day of the week ${n} is not one of 1–7`);
    return name;
  };
  if (field === "L") return "SAT";
  return field
    .toUpperCase()
    .split(",")
    .map((part) => {
      const [, days = part, rest = ""] = /^([^#/]*)([#/].*)?$/.exec(part) ?? [];
      const last = /^(\d|[A-Z]{3})L$/.exec(days);
      if (last) return `${/\d/.test(last[1] ?? "") ? day(last[1] ?? "") : (last[1] ?? "")}#L`;
      return days.replace(/\d+/g, day) + rest;
    })
    .join(",");
}

/** The runs of a busy hour show the closest two: the pattern of minutes is the same in each. */
function checkPace(text: string, cron: Cron): void {
  const runs = cron.nextRuns(61, new Date("2024-01-01T00:00:00Z"));
  if (runs.some((run, i) => i > 0 && run.getTime() - (runs[i - 1]?.getTime() ?? 0) < FIVE_MINUTES))
    throw bad(text, "it fires more often than every five minutes");
}

const bad = (text: string, why: string, cause?: unknown): DynaframeError =>
  new DynaframeError("BAD_SCHEDULE", `The schedule ${text} cannot be used: ${why}.`, {
    name: "InvalidInputException",
    found: text,
    expected: "cron(minutes hours day-of-month month day-of-week year)",
    hint: "For example cron(15 12 * * ? *): every day at 12:15 UTC.",
    ...(cause === undefined ? {} : { cause }),
  });
