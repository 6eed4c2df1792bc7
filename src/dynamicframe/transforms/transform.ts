/**
 * What Glue's transform classes have in common: `X.apply(…)` and descriptions of themselves. A transform is a table row
 * and a call of a verb.
 */
import { nearestName } from "../../types/nearest-name.js";
import { DynaframeError } from "../../types/error.js";

/** An argument of a transform, as `describeArgs` tells it. */
export type ArgumentDescription = {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly optional: boolean;
  readonly defaultValue: string | null;
};
/** An error that a transform raises: its code, and when. */
export type ErrorDescription = { readonly type: string; readonly description: string };
/** What a transform gives. */
export type ReturnDescription = { readonly type: string; readonly description: string };
/** All that a transform says of itself. */
export type TransformDescription = {
  readonly transform: {
    readonly name: string;
    readonly args: readonly ArgumentDescription[];
    readonly returns: ReturnDescription;
    readonly description: string;
    readonly raises: readonly ErrorDescription[];
    readonly location: "internal";
  };
};

/**
 * A transform of Glue: `apply` takes the arguments in Glue's order, or one object with their names, as Python's keyword
 * arguments are written: `DropFields.apply(frame, ["a"], "ctx")` is
 * `DropFields.apply({ frame, paths: ["a"], transformationCtx: "ctx" })`.
 */
export type GlueTransform<P extends readonly unknown[], N extends object, R> = {
  readonly apply: { (named: N): R; (...args: P): R };
  readonly name: () => string;
  readonly describeArgs: () => readonly ArgumentDescription[];
  readonly describeReturn: () => ReturnDescription;
  readonly describeTransform: () => string;
  readonly describeErrors: () => readonly ErrorDescription[];
  readonly describe: () => TransformDescription;
};

type Definition<N extends object, R> = {
  readonly name: string;
  readonly about: string;
  readonly args: readonly ArgumentDescription[];
  readonly returns: ReturnDescription;
  readonly raises?: readonly ErrorDescription[];
  /** The argument that takes names which are no other argument's, as Python's `**options`. */
  readonly rest?: string;
  readonly run: (args: N) => R;
};

export function defineTransform<P extends readonly unknown[], N extends object, R>(
  definition: Definition<N, R>,
): GlueTransform<P, N, R> {
  const { name, about, args, returns, raises = [], run } = definition;
  return Object.freeze({
    apply: (...given: readonly unknown[]): R => run(namedArguments(definition, given) as N),
    name: () => name,
    describeArgs: () => args,
    describeReturn: () => returns,
    describeTransform: () => about,
    describeErrors: () => raises,
    describe: (): TransformDescription => ({
      transform: { name, args, returns, description: about, raises, location: "internal" },
    }),
  });
}

export const required = (name: string, type: string, description: string): ArgumentDescription => ({
  name,
  type,
  description,
  optional: false,
  defaultValue: null,
});
export const optional = (
  name: string,
  type: string,
  description: string,
  defaultValue: string | null = null,
): ArgumentDescription => ({ name, type, description, optional: true, defaultValue });

/** Source: docs/sources.md#methods. */
export const CONTEXT = optional(
  "transformationCtx",
  "String",
  "Names this step in errors and in the state of a job.",
  "",
);
export const COMMON: readonly ArgumentDescription[] = [
  CONTEXT,
  optional("info", "String", "Text copied to the call site of this step's error records.", ""),
  optional("stageThreshold", "Integer", "Error records of this step at most; 0 is any number.", "0"),
  optional("totalThreshold", "Integer", "Error records up to and with this step at most; 0 is any number.", "0"),
];

type Shape = Pick<Definition<object, unknown>, "name" | "args" | "rest">;

function namedArguments({ name, args, rest }: Shape, given: readonly unknown[]): Readonly<Record<string, unknown>> {
  const [first] = given;
  const named =
    given.length === 1 && isPlain(first)
      ? fromNames({ name, args, ...(rest === undefined ? {} : { rest }) }, first)
      : fromPositions({ name, args }, given);
  const missing = args.find((arg) => !arg.optional && named[arg.name] === undefined);
  for (const { name: argument, type } of args) {
    const value = named[argument];
    if (value !== undefined && FRAMES.includes(type) && !isMade(value)) {
      throw new DynaframeError("BAD_ARGUMENT", `${name}.apply: ${argument} is no ${type}.`, {
        name: "TypeError",
        path: argument,
        expected: type,
        found: value === null ? "null" : typeof value,
        hint: `Write ${signature({ name, args })}.`,
      });
    }
  }
  if (missing)
    throw new DynaframeError("BAD_ARGUMENT", `${name}.apply lacks the argument ${missing.name}.`, {
      path: missing.name,
      expected: signature({ name, args }),
      hint: missing.description,
    });
  return named;
}

function fromPositions({ name, args }: Shape, given: readonly unknown[]): Readonly<Record<string, unknown>> {
  if (given.length > args.length) {
    throw new DynaframeError("BAD_ARGUMENT", `${name}.apply takes ${args.length} arguments, not ${given.length}.`, {
      expected: signature({ name, args }),
      found: `${given.length} arguments`,
    });
  }
  return Object.fromEntries(
    given.flatMap((value, i) => (args[i] === undefined || value === undefined ? [] : [[args[i].name, value]])),
  );
}

function fromNames(
  { name, args, rest }: Shape,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = args.map((arg) => arg.name);
  const unknown = Object.keys(given).filter((key) => !names.includes(key));
  if (unknown[0] === undefined) return given;
  if (rest !== undefined) {
    const known = Object.fromEntries(names.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])));
    const more = Object.fromEntries(unknown.map((key) => [key, given[key]]));
    return { ...known, [rest]: { ...(isPlain(given[rest]) ? given[rest] : {}), ...more } };
  }
  const near = nearestName(unknown[0], names);
  throw new DynaframeError("BAD_ARGUMENT", `${name}.apply has no argument ${unknown[0]}.`, {
    path: unknown[0],
    expected: signature({ name, args }),
    found: unknown[0],
    ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
  });
}

/** Types of arguments that only a context or a verb makes. */
const FRAMES = ["DynamicFrame", "DynamicFrameCollection"];
const isMade = (value: unknown): boolean =>
  typeof value === "object" && value !== null && ("node" in value || "flatmap" in value);

const signature = ({ name, args }: Shape): string =>
  `${name}.apply(${args.map((arg) => (arg.optional ? `${arg.name}?` : arg.name)).join(", ")})`;

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
