/** Paths as text, as they appear in reports: `items[].price`; spelled as `parsePath` reads them. */
export { elementPath, fieldPath } from "../types/path.js";
