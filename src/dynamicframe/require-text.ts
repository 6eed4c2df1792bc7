import { DynaframeError } from "../types/error.js";

/** A caller without types may give anything where a name or an address is meant. @throws BAD_ARGUMENT */
export function requireText(call: string, argument: string, value: unknown): asserts value is string {
  if (typeof value === "string") return;
  throw new DynaframeError("BAD_ARGUMENT", `${call}: ${argument} is a text.`, { name: "TypeError", path: argument, expected: "a text", found: value === null ? "null" : typeof value, hint: `Give ${argument}.` });
}

/** The same for the one object of a call's options. @throws BAD_ARGUMENT */
export function requireOptions(call: string, options: unknown): asserts options is object {
  if (typeof options === "object" && options !== null) return;
  throw new DynaframeError("BAD_ARGUMENT", `${call} takes an object of options.`, { name: "TypeError", path: call, expected: "an object", found: options === null ? "null" : typeof options, hint: "Give the options by name." });
}
