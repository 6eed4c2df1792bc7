import { DynaframeError } from "../types/error.js";

/** A caller without types may give anything where a name or an address is meant. @throws BAD_ARGUMENT */
export function requireText(call: string, argument: string, value: unknown): asserts value is string {
  if (typeof value === "string") return;
  throw new DynaframeError("BAD_ARGUMENT", `${call}: ${argument} is a text.`, {
    name: "TypeError",
    path: argument,
    expected: "a text",
    found: value === null ? "null" : typeof value,
    hint: `Give ${argument}.`,
  });
}

/** The same for the names in a call's one object. @throws BAD_ARGUMENT */
export function requireTexts(call: string, options: unknown, ...names: readonly string[]): void {
  requireOptions(call, options);
  for (const name of names) requireText(call, name, (options as Readonly<Record<string, unknown>>)[name]);
}

/** The same for the context of a call, by the part of it that the call needs. @throws BAD_ARGUMENT */
export function requireContext(call: string, glue: unknown, part: "environment" | "catalog"): void {
  if (typeof glue === "object" && glue !== null && part in glue) return;
  throw new DynaframeError("BAD_ARGUMENT", `${call} takes a GlueContext.`, {
    name: "TypeError",
    path: "glue",
    expected: "a GlueContext",
    found: glue === null ? "null" : typeof glue,
    hint: "Give what GlueContext.open gave.",
  });
}

/** The same for a list. @throws BAD_ARGUMENT */
export function requireList(call: string, argument: string, value: unknown): void {
  if (Array.isArray(value)) return;
  throw new DynaframeError("BAD_ARGUMENT", `${call}: ${argument} is a list.`, {
    name: "TypeError",
    path: argument,
    expected: "a list",
    found: value === null ? "null" : typeof value,
    hint: `Give ${argument} as [...].`,
  });
}

/**
 * The same for what an action runs with: a signal that is none would be found out in the middle of it.
 * @throws BAD_ARGUMENT
 */
export function requireRun(call: string, run: unknown): void {
  requireOptions(call, run);
  const { signal } = run as { readonly signal?: unknown };
  if (signal === undefined || (typeof signal === "object" && signal !== null && "throwIfAborted" in signal)) return;
  throw new DynaframeError("BAD_ARGUMENT", `${call}: signal is an AbortSignal.`, {
    name: "TypeError",
    path: "signal",
    expected: "an AbortSignal",
    found: signal === null ? "null" : typeof signal,
    hint: "Give for instance AbortSignal.timeout(600_000), or leave it out.",
  });
}

/** The same for the one object of a call's options. @throws BAD_ARGUMENT */
export function requireOptions(call: string, options: unknown): asserts options is object {
  if (typeof options === "object" && options !== null) return;
  throw new DynaframeError("BAD_ARGUMENT", `${call} takes an object of options.`, {
    name: "TypeError",
    path: call,
    expected: "an object",
    found: options === null ? "null" : typeof options,
    hint: "Give the options by name.",
  });
}
