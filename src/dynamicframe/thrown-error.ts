/** What a user's function threw, told in text: it may be anything, also something that fails when it is looked at. */
import { DynaframeError } from "../types/error.js";

export type ThrownError = { readonly message: string; readonly stackTrace: string };

/** Never throws. An error's message has its name before it, unless that is `Error`. */
export function thrownError(thrown: unknown): ThrownError {
  try {
    if (thrown instanceof DynaframeError) return { message: toldBy(thrown), stackTrace: thrown.stack ?? "" };
    const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
    return {
      message: `${name === "Error" ? "" : `${name}: `}${message}`,
      stackTrace: typeof stack === "string" ? stack : "",
    };
  } catch {
    return { message: "The function threw something that cannot be told: looking at it failed.", stackTrace: "" };
  }
}

/** What no type can carry is told by its code and place, and what to do. */
const toldBy = ({ code, message, path, hint }: DynaframeError): string =>
  `${code}: ${message}${path === undefined || message.includes(path) ? "" : ` (at ${path})`}${hint === undefined ? "" : `; ${hint}`}`;

/** Its name, where it has one that can be looked at. */
export function thrownName(thrown: unknown): unknown {
  try {
    return (thrown as { readonly name?: unknown } | null | undefined)?.name;
  } catch {
    return undefined;
  }
}
