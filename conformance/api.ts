/** The package under test, through its root import only. */
export * from "../src/index.js";
