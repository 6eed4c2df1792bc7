/** Batches whose items fail one by one, each with its place in the answer's Errors. */
import { DynaframeError } from "../types/error.js";

export type ErrorDetail = { readonly ErrorCode: string; readonly ErrorMessage: string };

export async function batchErrors<T>(
  items: readonly T[],
  change: (item: T) => Promise<void>,
  describe: (item: T, detail: ErrorDetail) => object,
): Promise<object> {
  const errors: object[] = [];
  for (const item of items) {
    try {
      await change(item);
    } catch (error) {
      if (!(error instanceof DynaframeError) || error.name === "DynaframeError") throw error;
      errors.push(describe(item, { ErrorCode: error.name, ErrorMessage: error.message }));
    }
  }
  return errors.length === 0 ? {} : { Errors: errors };
}
