/** Checks inputs against their schemas, with messages that name the member and never its value: it may be a secret. */
import type { Ajv, ErrorObject, ValidateFunction } from "ajv";
import { invalidInput } from "./catalog-errors.js";
import { INPUT_SCHEMAS, type InputKind } from "./input-schemas.js";
import { nearestName } from "../types/nearest-name.js";

/** Rejects with InvalidInputException and the path of the first member that is wrong. */
export type InputCheck = (kind: InputKind, ...inputs: readonly unknown[]) => Promise<void>;

/** A checker that loads ajv, and compiles each schema, on first use: who only reads a catalog pays for neither. */
export function inputCheck(): InputCheck {
  let loaded: Promise<Ajv> | undefined;
  const compiled = new Map<InputKind, ValidateFunction>();
  return async (kind, ...inputs) => {
    const validate = compiled.get(kind) ?? (await (loaded ??= loadAjv())).compile(INPUT_SCHEMAS[kind]);
    compiled.set(kind, validate);
    for (const input of inputs) {
      if (validate(input)) continue;
      const [error] = (validate.errors ?? []).filter((e) => e.keyword !== "if");
      throw complaint(kind, error);
    }
  };
}

async function loadAjv(): Promise<Ajv> {
  const { Ajv: Validator } = await import("ajv");
  // the schemas are ours and checked by a test: checking them again at each start would double the time
  return new Validator({
    meta: false,
    validateSchema: false,
    allErrors: false,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    allowUnionTypes: true,
    unicodeRegExp: true,
    verbose: true,
  });
}

function complaint(kind: InputKind, error: ErrorObject | undefined): Error {
  const label = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Input`;
  const path = `${label}${(error?.instancePath ?? "").replaceAll("/", ".")}`;
  const params = (error?.params ?? {}) as Record<string, unknown>;
  switch (error?.keyword) {
    case "required":
      return invalidInput(`${path}: ${String(params["missingProperty"])} is required`, { path });
    case "additionalProperties": {
      const found = String(params["additionalProperty"]);
      return invalidInput(`${path}: unknown member ${found}`, { path, found, ...hint(found, error) });
    }
    case "enum":
      return invalidInput(`${path} must be one of ${String(params["allowedValues"])}`, {
        path,
        expected: String(params["allowedValues"]),
      });
    case "pattern":
      return invalidInput(`${path} has characters or a form that is not allowed`, {
        path,
        expected: String(params["pattern"]),
      });
    default:
      return invalidInput(`${path} ${error?.message ?? "is invalid"}`, { path });
  }
}

function hint(found: string, error: ErrorObject): { readonly hint?: string } {
  const schema: unknown = error.parentSchema ?? error.schema;
  const known =
    typeof schema === "object" && schema !== null && "properties" in schema
      ? Object.keys(schema.properties as object)
      : [];
  const near = nearestName(found, known);
  return near === undefined ? {} : { hint: `did you mean ${near}?` };
}
