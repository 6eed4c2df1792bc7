/** Paths as text, as they appear in reports: `items[].price`; spelled as `parsePath` reads them. */
import { fieldStep, printPath } from "../types/path.js";

/** The path of a field of the struct at `parent` ("" is the record). */
export const fieldPath = (parent: string, name: string): string =>
  (parent === "" ? "" : `${parent}.`) + printPath([fieldStep(name)]);
/** The path of the elements of the array at `parent`. */
export const elementPath = (parent: string): string => `${parent}[]`;
