/**
 * `getResolvedOptions`: the arguments of a job run out of the command line, as `awsglue.utils.getResolvedOptions` gives
 * them (docs/sources.md#jobs; parsing as Python's argparse does with `allow_abbrev=False`).
 */
import { DynaframeError } from "../types/error.js";

/**
 * Job arguments by name, dashes in names as underscores; those that Glue always reports are null when absent, those
 * asked for by name are there.
 */
export type ResolvedOptions<Name extends string = string> = { readonly [name: string]: string | null } & Asked<Name>;

type Asked<Name extends string> = string extends Name
  ? unknown
  : { readonly [name in Underscored<Exclude<Name, (typeof TEMPORARY)[number]>>]: string };
type Underscored<Name extends string> = Name extends `${infer Before}-${infer After}`
  ? `${Before}_${Underscored<After>}`
  : Name;

const BOOKMARK_OPTIONS = ["job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable"] as const;
const CONTINUATION_OPTIONS = ["continuation-enabled", "continuation-readonly", "continuation-ignore"] as const;
const RANGE = ["job-bookmark-from", "job-bookmark-to"] as const;

/** Options that every run has; a script may not ask for them by name, except for the temporary folders. */
const RESERVED: readonly { readonly name: string; readonly choices?: readonly string[]; readonly message: string }[] = [
  { name: "job-bookmark-option", choices: BOOKMARK_OPTIONS, message: "job-bookmark-option" },
  { name: "continuation-option", choices: CONTINUATION_OPTIONS, message: "continuation-option" },
  ...[...RANGE, "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION"].map((name) => ({ name, message: `--${name}` })),
  { name: "encryption-type", choices: ["sse-s3"], message: "--encryption-type" },
  { name: "enable-data-lineage", message: "--enable-data-lineage" },
];
const TEMPORARY = ["RedshiftTempDir", "TempDir"] as const;

/**
 * @param argv `process.argv`: the first entry is passed over, whatever is no option of the run too.
 * @param names options the script needs: `["JOB_NAME", "target"]`. TempDir may be absent all the same.
 * @param allowAbbrev an option may be written as a beginning of its name that no other option has, as Python's argparse
 * does. Default false.
 * @throws BAD_JOB_ARGUMENT (GlueArgumentError) for a missing option, one without a value or with a value that is none
 * of its choices; RESERVED_ARGUMENT (RuntimeError) for a reserved name or a bookmark range that does not fit the
 * bookmark option.
 * @example
 * const argv = ["etl.js", "--JOB_NAME", "orders", "--day", "2024-03-01"];
 * getResolvedOptions(argv, ["JOB_NAME", "day"]).day; // "2024-03-01"
 */
export function getResolvedOptions<Name extends string>(
  argv: readonly string[],
  names: readonly Name[],
  allowAbbrev?: boolean,
): ResolvedOptions<Name>;
export function getResolvedOptions(
  argv: readonly string[],
  names: readonly string[],
  allowAbbrev = false,
): ResolvedOptions {
  const texts = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === "string");
  if (!texts(argv) || !texts(names))
    throw argumentError(
      "getResolvedOptions takes two lists of texts",
      'Write getResolvedOptions(process.argv, ["JOB_NAME"]).',
    );
  for (const { name, message } of RESERVED) {
    if (names.includes(name))
      throw runtimeError(
        `Using reserved arguments ${message}`,
        "Every job gets this argument; leave it out of the list.",
      );
  }
  const required = names.filter((name) => !(TEMPORARY as readonly string[]).includes(name));
  const known = new Map<string, readonly string[] | undefined>([
    ...RESERVED.map(({ name, choices }) => [name, choices] as const),
    ...TEMPORARY.map((name) => [name, undefined] as const),
    ...required.map((name) => [name, undefined] as const),
  ]);
  const given = parse(argv.slice(1), known, allowAbbrev);
  const missing = required.filter((name) => !given.has(name));
  if (missing.length > 0) {
    throw argumentError(
      `the following arguments are required: ${missing.map((name) => `--${name}`).join(", ")}`,
      `Start the job with ${missing.map((name) => `--${name} VALUE`).join(" ")}.`,
    );
  }
  return settle(given, known);
}

/**
 * As argparse: what looks like an option is one; an option takes the next argument unless that looks like an option
 * too.
 */
function parse(
  args: readonly string[],
  known: ReadonlyMap<string, readonly string[] | undefined>,
  allowAbbrev: boolean,
): Map<string, string> {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") break;
    if (!arg.startsWith("--")) continue;
    const equals = arg.indexOf("=");
    const written = known.has(arg.slice(2)) || equals < 0 ? arg.slice(2) : arg.slice(2, equals);
    const name = known.has(written) ? written : allowAbbrev ? beginningWith(written, known) : undefined;
    if (name === undefined) continue;
    const value = written.length + 2 < arg.length ? arg.slice(equals + 1) : args[++i];
    if (value === undefined || (written.length + 2 === arg.length && looksLikeOption(value, known))) {
      throw argumentError(
        `argument --${name}: expected one argument`,
        `Give the value after the name, or as --${name}=VALUE when it starts with a dash.`,
      );
    }
    const choices = known.get(name);
    if (choices && !choices.includes(value)) {
      throw argumentError(
        `argument --${name}: invalid choice: '${value}' (choose from ${choices.map((c) => `'${c}'`).join(", ")})`,
        "Use one of the choices.",
      );
    }
    given.set(name, value);
  }
  return given;
}

/** The one option whose name begins so; none, if there is none. */
function beginningWith(written: string, known: ReadonlyMap<string, unknown>): string | undefined {
  const [name, ...others] = [...known.keys()].filter((candidate) => candidate.startsWith(written));
  if (others.length === 0) return name;
  throw argumentError(
    `ambiguous option: --${written} could match ${[name, ...others].map((candidate) => `--${candidate}`).join(", ")}`,
    "Write the name in full.",
  );
}

function looksLikeOption(arg: string, known: ReadonlyMap<string, unknown>): boolean {
  if (!arg.startsWith("-") || arg === "-") return false;
  if (known.has(arg.replace(/^--/, "").replace(/=.*$/s, ""))) return true;
  return !/^-\d+$|^-\d*\.\d+$/.test(arg) && !arg.includes(" ");
}

function settle(given: ReadonlyMap<string, string>, known: ReadonlyMap<string, unknown>): ResolvedOptions {
  const options: Record<string, string | null> = {};
  for (const name of known.keys()) if (name !== "continuation-option") options[key(name)] = given.get(name) ?? null;
  const folder = given.get("TempDir") ?? given.get("RedshiftTempDir") ?? null;
  options["TempDir"] = folder;
  options["RedshiftTempDir"] = folder;
  const bookmark = given.get("job-bookmark-option") ?? fromContinuation(given.get("continuation-option"));
  options["job_bookmark_option"] = bookmark;
  const absent = RANGE.filter((name) => !given.has(name));
  if (bookmark === "job-bookmark-pause" && absent.length === 1) {
    throw runtimeError(
      `Missing option or value for --${absent[0] ?? ""}`,
      "A paused bookmark takes both ends of the range of runs, or neither.",
    );
  }
  if (bookmark !== "job-bookmark-pause" && absent.length === 0) {
    throw runtimeError(
      `Invalid option(s)${RANGE.map((name) => `--${name}`).join(" ")}`,
      "A range of runs is for --job-bookmark-option job-bookmark-pause.",
    );
  }
  return Object.freeze(options);
}

/** The old names of the bookmark options. */
function fromContinuation(option: string | undefined): string {
  const at = (CONTINUATION_OPTIONS as readonly string[]).indexOf(option ?? "continuation-ignore");
  return BOOKMARK_OPTIONS[at] ?? "job-bookmark-disable";
}

const key = (name: string): string => name.replaceAll("-", "_");
const argumentError = (message: string, hint: string): DynaframeError =>
  new DynaframeError("BAD_JOB_ARGUMENT", message, { name: "GlueArgumentError", hint });
const runtimeError = (message: string, hint: string): DynaframeError =>
  new DynaframeError("RESERVED_ARGUMENT", message, { name: "RuntimeError", hint });
