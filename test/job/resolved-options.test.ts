/** Expectations from awsglue/utils.py and Python's argparse. */
import { getResolvedOptions } from "../../src/job/resolved-options.js";

const resolve = (args: string, names: string[] = []) =>
  getResolvedOptions(["script.py", ...args.split(" ").filter(Boolean)], names);

test("what every run has is there, null when it was not given", () => {
  expect(resolve("--JOB_NAME j", ["JOB_NAME"])).toEqual({
    JOB_NAME: "j",
    job_bookmark_option: "job-bookmark-disable",
    job_bookmark_from: null,
    job_bookmark_to: null,
    JOB_ID: null,
    JOB_RUN_ID: null,
    SECURITY_CONFIGURATION: null,
    encryption_type: null,
    enable_data_lineage: null,
    RedshiftTempDir: null,
    TempDir: null,
  });
});

test("dashes in names become underscores; unknown arguments are passed over; the last of two wins", () => {
  expect(resolve("stray --other x --my-day 1 --my-day=2", ["my-day"])).toMatchObject({ my_day: "2" });
  expect(resolve("--my-day 1", ["my-day"])).not.toHaveProperty("other");
});

test.each([["--TempDir a"], ["--RedshiftTempDir a"]])("the temporary folders mirror each other: %s", (args) => {
  expect(resolve(args, ["TempDir"])).toMatchObject({ TempDir: "a", RedshiftTempDir: "a" });
});
test("TempDir may be asked for and absent, and wins over RedshiftTempDir", () => {
  expect(resolve("", ["TempDir", "RedshiftTempDir"])).toMatchObject({ TempDir: null });
  expect(resolve("--TempDir a --RedshiftTempDir b")).toMatchObject({ TempDir: "a", RedshiftTempDir: "a" });
});

test.each([
  ["continuation-enabled", "job-bookmark-enable"],
  ["continuation-readonly", "job-bookmark-pause"],
  ["continuation-ignore", "job-bookmark-disable"],
])("the old %s means %s, unless the new option is there too", (old, now) => {
  expect(resolve(`--continuation-option ${old}`)).toMatchObject({ job_bookmark_option: now });
  expect(resolve(`--continuation-option ${old}`)).not.toHaveProperty("continuation_option");
  expect(resolve(`--continuation-option ${old} --job-bookmark-option job-bookmark-enable`)).toMatchObject({
    job_bookmark_option: "job-bookmark-enable",
  });
});

test.each([
  ["--a 1", ["a", "b", "c"], "GlueArgumentError", "the following arguments are required: --b, --c"],
  ["--a", ["a"], "GlueArgumentError", "argument --a: expected one argument"],
  ["--a --b 1", ["a", "b"], "GlueArgumentError", "argument --a: expected one argument"],
  ["--a -x", ["a"], "GlueArgumentError", "argument --a: expected one argument"],
  [
    "--job-bookmark-option maybe",
    [],
    "GlueArgumentError",
    "invalid choice: 'maybe' (choose from 'job-bookmark-enable', 'job-bookmark-pause', 'job-bookmark-disable')",
  ],
  ["--encryption-type sse-kms", [], "GlueArgumentError", "invalid choice"],
  ["", ["JOB_ID"], "RuntimeError", "Using reserved arguments --JOB_ID"],
  ["", ["job-bookmark-from"], "RuntimeError", "Using reserved arguments --job-bookmark-from"],
  ["", ["job-bookmark-option"], "RuntimeError", "Using reserved arguments job-bookmark-option"],
  [
    "--job-bookmark-option job-bookmark-pause --job-bookmark-from r1",
    [],
    "RuntimeError",
    "Missing option or value for --job-bookmark-to",
  ],
  [
    "--job-bookmark-from r1 --job-bookmark-to r2",
    [],
    "RuntimeError",
    "Invalid option(s)--job-bookmark-from --job-bookmark-to",
  ],
] as const)("%s asking for %j is a %s", (args, names, name, message) => {
  expect(() => resolve(args, [...names])).toThrow(
    expect.objectContaining({ name, message: expect.stringContaining(message) }),
  );
});

test("values may be negative numbers, have blanks, be empty, or start with a dash after =", () => {
  const given = getResolvedOptions(
    ["s", "--n", "-5", "--text", "-a b", "--empty", "", "--dash=-x"],
    ["n", "text", "empty", "dash"],
  );
  expect(given).toMatchObject({ n: "-5", text: "-a b", empty: "", dash: "-x" });
});

test("a paused bookmark with both ends of its range, or neither", () => {
  expect(resolve("--job-bookmark-option job-bookmark-pause")).toMatchObject({ job_bookmark_from: null });
  expect(resolve("--job-bookmark-option job-bookmark-pause --job-bookmark-from r1 --job-bookmark-to r2")).toMatchObject(
    { job_bookmark_from: "r1", job_bookmark_to: "r2" },
  );
});

test("one of the two range options alone is let pass when the bookmark is not paused, as in Glue", () => {
  expect(resolve("--job-bookmark-from r1")).toMatchObject({
    job_bookmark_from: "r1",
    job_bookmark_option: "job-bookmark-disable",
  });
});

test("what is asked for by name has a type, the rest may be null", () => {
  const given = getResolvedOptions(["s", "--JOB_NAME", "j", "--my-day", "1"], ["JOB_NAME", "my-day", "TempDir"]);
  const certain: readonly [string, string] = [given.JOB_NAME, given.my_day];
  // @ts-expect-error TempDir may be absent though it was asked for
  const folder: string = given.TempDir;
  expect([...certain, folder]).toEqual(["j", "1", null]);
});

test("allowAbbrev: a beginning that one option has stands for it, one that several have is refused, as by argparse", () => {
  const abbreviated = (args: string, names: string[]) => getResolvedOptions(["s", ...args.split(" ")], names, true);
  expect(abbreviated("--tar a --da=2", ["target", "day"])).toMatchObject({ target: "a", day: "2" });
  expect(abbreviated("--day 1", ["day", "daytime"].slice(0, 1))).toMatchObject({ day: "1" });
  // a whole name is never a beginning
  expect(abbreviated("--day 1 --daytime 2", ["day", "daytime"])).toMatchObject({ day: "1", daytime: "2" });
  expect(() => abbreviated("--da 1", ["day", "daytime"])).toThrow(
    expect.objectContaining({
      name: "GlueArgumentError",
      message: "ambiguous option: --da could match --day, --daytime",
    }),
  );
  expect(() => resolve("--tar a", ["target"])).toThrow(
    expect.objectContaining({ message: "the following arguments are required: --target" }),
  );
});
