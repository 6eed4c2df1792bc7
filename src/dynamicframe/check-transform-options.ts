import { nearestNames } from "../types/nearest-name.js";
import { DynaframeError } from "../types/error.js";

const COMMON = ["transformationCtx", "info", "stageThreshold", "totalThreshold", "strictPaths"];

/**
 * The options of a call of a verb, a source or a sink, of which `own` are its own.
 * @throws BAD_OPTION for a name it does not have, or a value of another kind.
 */
export function checkTransformOptions(verb: string, options: object, own: readonly string[] = []): void {
  const known = [...own, ...COMMON];
  const given: unknown = options;
  if (typeof given !== "object" || given === null) {
    throw new DynaframeError("BAD_OPTION", `${verb}: options are an object.`, {
      expected: known.join(", "),
      found: given === null ? "null" : typeof given,
      hint: 'Leave them out, or write for instance { transformationCtx: "orders" }.',
    });
  }
  for (const [name, value] of Object.entries(options) as readonly (readonly [string, unknown])[]) {
    if (!known.includes(name)) throw unknownOption(verb, name, known);
    const expected = value === undefined ? undefined : expectedOf(name, value);
    if (expected !== undefined) {
      throw new DynaframeError("BAD_OPTION", `${verb}: ${name} should be ${expected} but is ${String(value)}.`, {
        path: name,
        expected,
        found: String(value),
        hint: `Give ${name} ${expected}, or leave it out.`,
      });
    }
  }
}

/** What an option that several calls have takes, if the value is not of it. */
function expectedOf(name: string, value: unknown): string | undefined {
  switch (name) {
    case "stageThreshold":
    case "totalThreshold":
    case "accumulatorSize":
      return Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : "a whole number from 0";
    case "strictPaths":
    case "preservesPartitioning":
      return typeof value === "boolean" ? undefined : "true or false";
    case "transformationCtx":
    case "info":
      return typeof value === "string" ? undefined : "a text";
    default:
      return undefined;
  }
}

function unknownOption(verb: string, name: string, known: readonly string[]): DynaframeError {
  const [near] = nearestNames(name, known, 1);
  return new DynaframeError("BAD_OPTION", `${verb} has no option ${name}.`, {
    path: name,
    found: name,
    expected: known.join(", "),
    hint: near === undefined ? `Its options are ${known.join(", ")}.` : `Did you mean ${near}?`,
  });
}
