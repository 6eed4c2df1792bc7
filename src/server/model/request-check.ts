/**
 * Checks requests against the service model. Messages name the member, as Glue's do, and never its value: it may be a
 * secret.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { invalidInput } from "../../catalog/catalog-errors.js";
import { nearestName } from "../../types/nearest-name.js";
import { DynaframeError } from "../../types/error.js";
import { GLUE_OPERATIONS } from "../generated/glue-shapes.js";
import { type JsonSchema, requestSchema } from "./request-schema.js";
import { textPattern } from "./text-pattern.js";

/**
 * Throws ValidationException for a member that breaks a constraint, InvalidInputException for one that the operation
 * does not have.
 */
export type RequestCheck = (operation: string, input: unknown) => void;

/**
 * A checker that compiles the schema of each operation on its first request. `own`: schemas of operations beside the
 * service model.
 */
export function requestCheck(own: { readonly [operation: string]: JsonSchema } = {}): RequestCheck {
  const ajv = new Ajv({ meta: false, validateSchema: false, strict: false, verbose: true });
  ajv.addKeyword({ keyword: "textPattern", type: "string", compile: (pattern: string) => textPattern(pattern) });
  ajv.addKeyword({ keyword: "base64", type: "string", validate: (_: unknown, text: string) => isBase64(text) });
  const compiled = new Map<string, ValidateFunction>();
  return (operation, input) => {
    let validate = compiled.get(operation);
    if (validate === undefined) {
      validate = ajv.compile(own[operation] ?? requestSchema(GLUE_OPERATIONS[operation]?.input ?? ""));
      compiled.set(operation, validate);
    }
    if (validate(input)) return;
    const error = validate.errors?.find((each) => each.keyword !== "propertyNames") ?? validate.errors?.[0];
    throw error === undefined ? invalidInput("the request is not valid") : complaint(error);
  };
}

/**
 * Members that are null count as absent, at every level of structures (the wire protocol allows clients to send them).
 */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/=]/.test(text) && !/=[^=]/.test(text) && !text.endsWith("===");
}

function complaint(error: ErrorObject): DynaframeError {
  const params = error.params as Record<string, unknown>;
  if (error.keyword === "additionalProperties") {
    const found = String(params["additionalProperty"]);
    const path = memberPath(`${error.instancePath}/${found}`, false);
    const near = nearestName(
      found,
      Object.keys(((error.parentSchema ?? {})["properties"] as object | undefined) ?? {}),
    );
    return invalidInput(`The request has an unknown member ${path}`, {
      path,
      found,
      ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
    });
  }
  const missing = error.keyword === "required" ? `/${String(params["missingProperty"])}` : "";
  const path = memberPath(`${error.instancePath}${missing}`, true);
  return new DynaframeError(
    "VALIDATION_FAILED",
    `1 validation error detected: Value at '${path}' failed to satisfy constraint: ${constraint(error, params)}`,
    { name: "ValidationException", path },
  );
}

/** The AWS services' way of naming a member: `tableInput.storageDescriptor.columns.1.member.type`. */
function memberPath(pointer: string, lower: boolean): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const name = part.replaceAll("~1", "/").replaceAll("~0", "~").slice(0, 100);
      if (/^\d+$/.test(name)) return `${Number(name) + 1}.member`;
      return lower ? name.charAt(0).toLowerCase() + name.slice(1) : name;
    })
    .join(".");
}

function constraint(error: ErrorObject, params: Record<string, unknown>): string {
  const limit = String(params["limit"]);
  switch (error.keyword) {
    case "required":
      return "Member must not be null";
    case "minLength":
    case "minItems":
      return `Member must have length greater than or equal to ${limit}`;
    case "maxLength":
    case "maxItems":
      return `Member must have length less than or equal to ${limit}`;
    case "minimum":
      return `Member must have value greater than or equal to ${limit}`;
    case "maximum":
      return `Member must have value less than or equal to ${limit}`;
    case "enum":
      return `Member must satisfy enum value set: [${(params["allowedValues"] as readonly string[]).join(", ")}]`;
    case "textPattern":
      return `Member must satisfy regular expression pattern: ${String(error.schema).replace(/^\/(.*)\/[a-z]*$/s, "$1")}`;
    case "base64":
      return "Member must be base64";
    case "type":
      return `Member must be of type ${String(params["type"])}`;
    default:
      return `Member ${error.message ?? "is not valid"}`;
  }
}
