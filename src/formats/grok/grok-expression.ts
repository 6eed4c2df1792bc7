/** Grok patterns as one regular expression that is matched in linear time. */
import { RE2JS, type Matcher } from "re2js";
import { DynaframeError } from "../../types/error.js";
import { nearestName } from "../../types/nearest-name.js";
import { GROK_PATTERNS } from "./grok-patterns.js";
import { translateRegex } from "./translate-regex.js";

export const GROK_TYPES = ["string", "byte", "boolean", "double", "short", "int", "long", "float"] as const;
export type GrokType = (typeof GROK_TYPES)[number];

/** A capture: the group's number, the field it fills, and the type that was asked for. */
export type GrokCapture = { readonly group: number; readonly field: string; readonly type: GrokType };
export type GrokExpression = {
  readonly captures: readonly GrokCapture[];
  /** In RE2's syntax. */
  readonly source: string;
  /** Steps of the program: matching takes time steps × characters at most. */
  readonly steps: number;
  /** The first match in the line; undefined when there is none. */
  readonly match: (line: string) => Matcher | undefined;
};

/** Name of a capture that is thrown away. */
const UNWANTED = "UNWANTED";
/** Characters of the whole expression, and steps of its program: what one line may cost. */
const MAX_SOURCE = 100_000;
const MAX_PROGRAM = 20_000;
const MAX_NESTING = 100;
const REFERENCE = /%\{(\w+)(?::([^:{}]+))?(?::([^:{}]+))?\}/g;

/**
 * The expression of a log format. Patterns in `custom`, one `NAME regex` per line, come before the built-in ones.
 * @throws BAD_OPTION for what cannot be compiled: an unknown name, one that contains itself, an unknown type,
 * look-ahead, back-references.
 */
export function grokExpression(logFormat: string, custom: string): GrokExpression {
  const patterns = new Map([...Object.entries(GROK_PATTERNS), ...customPatterns(custom)]);
  const fields: { readonly field: string; readonly type: GrokType }[] = [];
  const capture = (field: string, type: GrokType): string => `(?P<f${fields.push({ field, type }) - 1}>`;
  let length = 0;
  const expand = (source: string, above: readonly string[]): string => {
    if (above.length > MAX_NESTING)
      throw refused("logFormat", `patterns are nested more than ${MAX_NESTING} deep`, above.at(-1) ?? "");
    const expanded = translateRegex(source, (name) => capture(name, "string")).replace(
      REFERENCE,
      (_, name: string, field: string | undefined, type: string | undefined) => {
        const inner = patterns.get(name);
        if (inner === undefined) throw unknownPattern(name, [...patterns.keys()]);
        if (above.includes(name))
          throw refused("customPatterns", `the pattern ${name} contains itself`, [...above, name].join(" → "));
        const open = field === undefined || field === UNWANTED ? "(?:" : capture(field, grokType(type, field));
        const body = expand(inner, [...above, name]);
        length += body.length;
        if (length > MAX_SOURCE)
          throw refused("logFormat", `the patterns make an expression of more than ${MAX_SOURCE} characters`, name);
        return `${open}${body})`;
      },
    );
    return expanded;
  };
  return compiled(expand(logFormat, []), fields);
}

function compiled(
  source: string,
  fields: readonly { readonly field: string; readonly type: GrokType }[],
): GrokExpression {
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(source, RE2JS.LOOKBEHINDS);
  } catch (cause) {
    throw new DynaframeError(
      "BAD_OPTION",
      `the log format is no regular expression that can be matched in linear time: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        path: "logFormat",
        expected: "RE2 syntax: no look-ahead, no back-references",
        cause,
        hint: "Rewrite the part named above without it.",
      },
    );
  }
  if (regex.programSize() > MAX_PROGRAM)
    throw refused(
      "logFormat",
      `the log format makes a program of more than ${MAX_PROGRAM} steps`,
      String(regex.programSize()),
    );
  const groups = regex.namedGroups();
  const match = (line: string): Matcher | undefined => {
    const matcher = regex.matcher(line);
    // a match at the start is the first one, and an anchored search is five times as fast
    return matcher.lookingAt() || matcher.find(0) ? matcher : undefined;
  };
  return {
    source,
    steps: regex.programSize(),
    match,
    captures: fields.flatMap(({ field, type }, i) => {
      const group = groups[`f${i}`];
      return group === undefined ? [] : [{ group, field, type }];
    }),
  };
}

/** `NAME regex` per line; blank lines and those that begin with # are passed over. */
function customPatterns(text: string): readonly (readonly [string, string])[] {
  return text.split(/\r?\n/).flatMap((line, i): readonly (readonly [string, string])[] => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [, name, regex] = /^\s*(\w+)[ \t]+(.*\S)\s*$/.exec(line) ?? [];
    if (name === undefined || regex === undefined) {
      throw new DynaframeError("BAD_OPTION", `customPatterns: line ${i + 1} is no pattern`, {
        path: "customPatterns",
        expected: "NAME regex",
        found: line.slice(0, 80),
        hint: "One pattern per line, its name of letters, digits and _.",
      });
    }
    return [[name, regex]];
  });
}

function grokType(name: string | undefined, field: string): GrokType {
  const type = GROK_TYPES.find((known) => known === (name ?? "string"));
  if (type !== undefined) return type;
  throw new DynaframeError("BAD_OPTION", `logFormat: the field ${field} has the type ${String(name)}`, {
    path: "logFormat",
    expected: GROK_TYPES.join(", "),
    found: String(name),
    hint: "Write %{PATTERN:field:type}.",
  });
}

function unknownPattern(name: string, known: readonly string[]): DynaframeError {
  const near = nearestName(name, known);
  return new DynaframeError("BAD_OPTION", `there is no grok pattern ${name}`, {
    path: "logFormat",
    found: name,
    hint:
      near === undefined
        ? "Define it in customPatterns, one NAME regex per line."
        : `Did you mean ${near}? Else define it in customPatterns.`,
  });
}

const refused = (path: string, message: string, found: string): DynaframeError =>
  new DynaframeError("BAD_OPTION", message, { path, found, hint: "Use a simpler pattern." });
