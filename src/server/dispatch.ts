/** From a target and a body to an answer: finds the operation, checks its input, runs it. Knows nothing of HTTP. */
import { DynaframeError } from "../types/error.js";
import { GLUE_OPERATIONS, OTHER_OPERATIONS } from "./generated/glue-shapes.js";
import { checkGuest } from "./guest-access.js";
import { requestCheck, withoutNulls } from "./model/request-check.js";
import { contextOf } from "./nested-catalogs.js";
import type { Operation, OperationContext, OperationTable } from "./operation.js";
import { GLUE_HANDLERS } from "./operations/index.js";
import { OWN_HANDLERS, OWN_SCHEMAS } from "./own-operations.js";

export const GLUE_TARGET = "AWSGlue.";
export const OWN_TARGET = "Dynaframe.";

/** The answer of one request. @throws DynaframeError, by Glue's names where the caller is at fault. */
export type Dispatch = (target: string, body: string, context: OperationContext) => Promise<object>;

export function dispatcher(): Dispatch {
  const check = requestCheck(OWN_SCHEMAS);
  return async (target, body, context) => {
    const { name, run } = operationOf(target);
    const input = parse(body);
    check(name, input);
    if (context.isGuest) checkGuest(name, input);
    const { CatalogId: catalogId } = input;
    const group = target.startsWith(GLUE_TARGET) ? GLUE_OPERATIONS[name]?.group : undefined;
    if (typeof catalogId !== "string" || group === undefined || group.includes("multi-catalog"))
      return run(input, context);
    return run(input, await contextOf(context, catalogId, group));
  };
}

function operationOf(target: string): { readonly name: string; readonly run: Operation } {
  const own = target.startsWith(OWN_TARGET);
  const name = target.slice((own ? OWN_TARGET : GLUE_TARGET).length);
  const known: OperationTable = own ? OWN_HANDLERS : GLUE_HANDLERS;
  const run = (own || target.startsWith(GLUE_TARGET)) && Object.hasOwn(known, name) ? known[name] : undefined;
  if (run !== undefined) return { name, run };
  if (!own && (Object.hasOwn(GLUE_OPERATIONS, name) || OTHER_OPERATIONS.includes(name))) {
    throw new DynaframeError("UNSUPPORTED", `${name} is not implemented by dynaframe`, {
      name: "OperationNotSupportedException",
      path: name,
      hint: "dynaframe serve --coverage lists what is",
    });
  }
  throw new DynaframeError("UNKNOWN_OPERATION", `There is no operation ${printable(target) || "without a name"}`, {
    name: "UnknownOperationException",
    hint: "X-Amz-Target is AWSGlue.<operation>",
  });
}

function parse(body: string): { readonly [member: string]: unknown } {
  let input: unknown;
  try {
    const parsed: unknown = JSON.parse(body === "" ? "{}" : body);
    // few requests have nulls; the others need not be copied
    input = body.includes("null") ? withoutNulls(parsed) : parsed;
  } catch {
    throw new DynaframeError("BAD_REQUEST", "The request body is not valid JSON", { name: "SerializationException" });
  }
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw new DynaframeError("BAD_REQUEST", "The request body is not a JSON object", {
      name: "SerializationException",
    });
  return input as { readonly [member: string]: unknown };
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
