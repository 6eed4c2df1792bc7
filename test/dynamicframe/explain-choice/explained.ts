export * from "../../../src/index.js";
export { parsePath } from "../../../src/types/path.js";
