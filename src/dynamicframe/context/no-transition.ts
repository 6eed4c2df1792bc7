import { DynaframeError } from "../../types/error.js";

/** Nothing here moves objects between storage classes; saying nothing would leave a script believing that it did. */
export async function noTransition(what: string, transitionTo: string): Promise<never> {
  throw new DynaframeError("UNSUPPORTED", `${what} cannot be moved to the storage class ${transitionTo}.`, {
    path: what,
    hint: "Use a lifecycle rule of the bucket, or the S3 API.",
  });
}
