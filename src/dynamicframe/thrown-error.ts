/** What a user's function threw, told in text: it may be anything, also something that fails when it is looked at. */
export type ThrownError = { readonly message: string; readonly stackTrace: string };

/** Never throws. An error's message has its name before it, unless that is `Error`. */
export function thrownError(thrown: unknown): ThrownError {
  try {
    const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { message: `${name === "Error" ? "" : `${name}: `}${message}`, stackTrace: typeof stack === "string" ? stack : "" };
  } catch {
    return { message: "The function threw something that cannot be told: looking at it failed.", stackTrace: "" };
  }
}

/** Its name, where it has one that can be looked at. */
export function thrownName(thrown: unknown): unknown {
  try { return (thrown as { readonly name?: unknown } | null | undefined)?.name; }
  catch { return undefined; }
}
