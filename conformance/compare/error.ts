/** Matching of a thrown error with what a case expects (FORMAT §3). */
import { asText, asTexts, member, type JsonObject } from "../case.js";
import { brief, type Mismatch } from "./values.js";

/** What is kept of anything thrown. */
export type ThrownError = { readonly name: string; readonly code?: string; readonly message: string };

export function thrownError(error: unknown): ThrownError {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const code = (error as { readonly code?: unknown }).code;
  return { name: error.name, message: error.message, ...(typeof code === "string" ? { code } : {}) };
}

/** `{}` is any error; `code` the error's code or name; `message` its text; `contains` parts of its text. */
export function compareError(actual: ThrownError, expected: JsonObject): Mismatch {
  const code = member(expected, "code");
  const message = member(expected, "message");
  const contains = member(expected, "contains");
  if (code !== undefined && code !== actual.code && code !== actual.name)
    return `error: expected code ${asText(code)}, found ${show(actual)}`;
  if (message !== undefined && message !== actual.message)
    return `error: expected message ${brief(message)}, found ${show(actual)}`;
  const absent = contains === undefined ? undefined : asTexts(contains).find((part) => !actual.message.includes(part));
  return absent === undefined ? undefined : `error: expected a message with ${brief(absent)}, found ${show(actual)}`;
}

export const show = ({ name, code, message }: ThrownError): string => `${code ?? name}: ${message}`;
