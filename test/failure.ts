import { DynaframeError } from "../src/types/error.js";

/** The error of ours that a call throws; any other, and none, fails the test. */
export function failure(run: () => unknown): DynaframeError {
  try {
    run();
  } catch (error) {
    if (error instanceof DynaframeError) return error;
    throw error;
  }
  throw new Error("accepted");
}
