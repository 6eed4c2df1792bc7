import type { Progress } from "../../formats/index.js";

/** Shows long work on the error stream. */
export type ProgressDisplay = { readonly update: (progress: Progress) => void; readonly stop: () => void };
