/** Schedules as Glue writes them (AWS Glue developer guide, "Time-based schedules for jobs and crawlers"). */
import { invalidInput } from "../catalog-errors.js";

const MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const DAYS = "SUN|MON|TUE|WED|THU|FRI|SAT";

type Field = {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: string;
  readonly special?: RegExp;
};

const FIELDS: readonly Field[] = [
  { name: "minutes", low: 0, high: 59 },
  { name: "hours", low: 0, high: 23 },
  { name: "day of month", low: 1, high: 31, special: /^(\?|L|LW|\d{1,2}W)$/ },
  { name: "month", low: 1, high: 12, names: MONTHS },
  { name: "day of week", low: 1, high: 7, names: DAYS, special: /^(\?|L|[1-7]L|[1-7]#[1-5])$/ },
  { name: "year", low: 1970, high: 2199 },
];

/** Glue starts nothing more often than every five minutes. */
const LEAST_MINUTES = 5;

/**
 * Checks `cron(minutes hours day-of-month month day-of-week year)`, in UTC.
 * @throws InvalidInputException that names the field.
 */
export function checkCronExpression(expression: string): void {
  const parts = /^cron\((.*)\)$/.exec(expression.trim())?.[1]?.trim().split(/\s+/);
  if (parts?.length !== FIELDS.length) {
    throw invalidInput("The schedule is no cron expression", {
      path: "Schedule",
      expected: "cron(minutes hours day-of-month month day-of-week year)",
      hint: "such as cron(15 12 * * ? *)",
    });
  }
  for (const [i, field] of FIELDS.entries()) checkField(field, (parts[i] ?? "").toUpperCase());
  const [minutes = "", , dayOfMonth, , dayOfWeek] = parts;
  if ((dayOfMonth === "?") === (dayOfWeek === "?"))
    throw invalidInput("Of day of month and day of week exactly one must be ?", { path: "Schedule" });
  if (shortestGap(minutes) < LEAST_MINUTES)
    throw invalidInput(`A schedule cannot start more often than every ${LEAST_MINUTES} minutes`, {
      path: "Schedule",
      found: minutes,
    });
}

function checkField({ name, low, high, names, special }: Field, text: string): void {
  const value = names === undefined ? "\\d{1,4}" : `\\d{1,2}|${names}`;
  const item = new RegExp(`^(?:\\*|(${value})(?:-(${value}))?)(?:/(\\d{1,4}))?$`);
  const isValid = text.split(",").every((part) => {
    if (special?.test(part) === true) return true;
    const match = item.exec(part);
    if (match === null || match[3] === "0") return false;
    return [match[1], match[2]].every(
      (bound) => bound === undefined || !/^\d/.test(bound) || (Number(bound) >= low && Number(bound) <= high),
    );
  });
  if (!isValid)
    throw invalidInput(`The ${name} field of the schedule is not valid`, {
      path: "Schedule",
      found: text,
      expected: `${low}-${high}, *, lists, ranges and steps`,
    });
}

/** Minutes between the closest two starts within an hour and over its end. */
function shortestGap(minutes: string): number {
  const starts = [
    ...new Set(
      minutes.split(",").flatMap((part) => {
        const [range = "", step] = part.split("/");
        const [low = "0", high] = range === "*" ? ["0", "59"] : range.split("-");
        const end = Number(high ?? (step === undefined ? low : 59));
        const all: number[] = [];
        for (let minute = Number(low); minute <= end; minute += Number(step ?? 1)) all.push(minute);
        return all;
      }),
    ),
  ].sort((a, b) => a - b);
  const [first = 0] = starts;
  return Math.min(...starts.map((start, i) => (starts[i + 1] ?? first + 60) - start));
}
