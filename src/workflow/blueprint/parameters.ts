/** The parameters of a blueprint's run, checked against what the blueprint asks for. Pure. */
import { DynaframeError } from "../../types/error.js";
import { type BlueprintParameter, isRecord, type ParameterSpec } from "./define-blueprint.js";

/**
 * The values with the defaults of those that are not given.
 * @throws BAD_PARAMETERS (InvalidInputException), naming the parameter and never its value.
 */
export function runParameters(spec: ParameterSpec, given: unknown): { readonly [name: string]: unknown } {
  if (!isRecord(given)) throw bad("Parameters", "they are no JSON object");
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(spec, name));
  if (unknown !== undefined)
    throw bad(unknown.slice(0, 128), `there is no parameter ${unknown.slice(0, 128)}`, Object.keys(spec).join(", "));
  return Object.fromEntries(
    Object.entries(spec).map(([name, parameter]) => {
      const value = Object.hasOwn(given, name) ? given[name] : parameter.defaultValue;
      if (value === undefined) throw bad(name, `${name} is not given and has no default`);
      const values = parameter.collection === true ? value : [value];
      if (!Array.isArray(values)) throw bad(name, `${name} is a list of ${parameter.type}`);
      for (const each of values as readonly unknown[]) {
        if (!isOf(parameter.type, each)) throw bad(name, `${name} is of type ${parameter.type}`);
        if (parameter.enum !== undefined && !parameter.enum.includes(each))
          throw bad(name, `${name} is one of ${parameter.enum.map(String).join(", ")}`);
      }
      return [name, value] as const;
    }),
  );
}

function isOf(type: BlueprintParameter["type"], value: unknown): boolean {
  switch (type) {
    case "String":
      return typeof value === "string";
    case "Integer":
      return Number.isSafeInteger(value);
    case "Double":
      return typeof value === "number" && Number.isFinite(value);
    case "Boolean":
      return typeof value === "boolean";
    case "Date":
      return typeof value === "string" && isDate(value);
    case "S3Uri":
      return typeof value === "string" && /^s3:\/\/[^/]+(\/|$)/.test(value);
    case "IAMRoleArn":
      return typeof value === "string" && /^arn:aws[^:]*:iam::\d*:role\/.+$/.test(value);
  }
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A value from a command line: texts as they are, the rest as JSON. */
export function parameterFromText(spec: ParameterSpec, name: string, text: string): unknown {
  const parameter = Object.hasOwn(spec, name) ? spec[name] : undefined;
  if (
    parameter === undefined
    || (parameter.collection !== true && !["Integer", "Double", "Boolean"].includes(parameter.type))
  )
    return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  } // the check says what it should be
}

const bad = (path: string, why: string, expected?: string): DynaframeError =>
  new DynaframeError("BAD_PARAMETERS", `The parameters do not fit the blueprint: ${why}.`, {
    name: "InvalidInputException",
    path,
    ...(expected === undefined ? {} : { expected }),
    hint: "dynaframe blueprint get NAME, or GetBlueprint with IncludeParameterSpec, tells what it takes.",
  });
