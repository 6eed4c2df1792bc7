import { DynaframeError } from "../types/error.js";

/** The one error of work that the caller stopped, whatever the engine made of it. */
export const interrupted = (cause?: unknown): DynaframeError =>
  new DynaframeError("INTERRUPTED", "The query was interrupted.", cause === undefined ? {} : { cause });
