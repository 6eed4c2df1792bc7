import { parseSchedule } from "../../src/workflow/schedule.js";

const runs = (text: string, after: string, count: number): string[] => {
  const { next } = parseSchedule(text);
  const times: string[] = [];
  for (let at: number | undefined = Date.parse(after); times.length < count && at !== undefined;) {
    at = next(at);
    if (at !== undefined) times.push(new Date(at).toISOString().slice(0, 16));
  }
  return times;
};

// the examples of the developer guide, "Cron expressions"
test.each([
  ["cron(0 10 * * ? *)", ["2026-01-01T10:00", "2026-01-02T10:00"]],
  ["cron(15 12 * * ? *)", ["2026-01-01T12:15", "2026-01-02T12:15"]],
  ["cron(0 18 ? * MON-FRI *)", ["2026-01-01T18:00", "2026-01-02T18:00", "2026-01-05T18:00"]],
  ["cron(0 8 1 * ? *)", ["2026-01-01T08:00", "2026-02-01T08:00"]],
  ["cron(0/15 * * * ? *)", ["2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45", "2026-01-01T01:00"]],
  ["cron(0/10 * ? * MON-FRI *)", ["2026-01-01T00:10", "2026-01-01T00:20"]],
  ["cron(0/5 8-17 ? * MON-FRI *)", ["2026-01-01T08:00", "2026-01-01T08:05"]],
  ["cron(5/20 0 * * ? *)", ["2026-01-01T00:05", "2026-01-01T00:25", "2026-01-01T00:45", "2026-01-02T00:05"]],
])("%s", (text, expected) => expect(runs(text, "2026-01-01T00:00:00Z", expected.length)).toEqual(expected));

test.each([
  ["days count from 1 for Sunday", "cron(0 0 ? * 1 *)", ["2026-01-04T00:00", "2026-01-11T00:00"]],
  ["6L is the last Friday", "cron(0 0 ? * 6L *)", ["2026-01-30T00:00", "2026-02-27T00:00"]],
  ["2#1 is the first Monday", "cron(0 0 ? * 2#1 *)", ["2026-01-05T00:00", "2026-02-02T00:00"]],
  ["L is the last day of the month", "cron(0 0 L * ? *)", ["2026-01-31T00:00", "2026-02-28T00:00"]],
  ["3W is the weekday nearest to the 3rd, a Saturday", "cron(0 0 3W 1 ? *)", ["2026-01-02T00:00"]],
  ["years", "cron(0 0 1 1 ? 2027-2028)", ["2027-01-01T00:00", "2028-01-01T00:00"]],
])("%s: %s", (_, text, expected) => expect(runs(text, "2026-01-01T00:00:00Z", expected.length)).toEqual(expected));

test("a schedule whose years are over has no next time", () =>
  expect(parseSchedule("cron(0 0 1 1 ? 2020)").next(Date.parse("2026-01-01T00:00:00Z"))).toBeUndefined());

test.each([
  "cron(0 12 * * * *)",
  "cron(0 12 ? * ? *)",
  "cron(0 12 * * ?)",
  "rate(5 minutes)",
  "0 12 * * ? *",
  "cron(61 12 * * ? *)",
  "cron(0 12 ? * 8 *)",
  "cron(0 12 ? * 0 *)",
  "cron(0/4 * * * ? *)",
  "cron(* * * * ? *)",
  "cron(0,3 5 * * ? *)",
  "",
])("%j is refused", (text) =>
  expect(() => parseSchedule(text)).toThrow(
    expect.objectContaining({ code: "BAD_SCHEDULE", name: "InvalidInputException" }),
  ),
);
