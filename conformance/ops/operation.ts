/** An operation of FORMAT §4: runs a case, and compares what came out. */
import type { ConformanceCase } from "../case.js";
import { compareExpectation, type Observed } from "../compare/frame.js";
import { thrownError } from "../compare/error.js";
import type { Mismatch } from "../compare/values.js";
import { NotBuilt, type CaseEnvironment } from "../environment.js";
import type { JsonObject } from "../case.js";

/** undefined when the case holds, else what differs. */
export type Operation = (testCase: ConformanceCase, environment: CaseEnvironment) => Promise<Mismatch>;
export type OperationTable = { readonly [op: string]: Operation };

/** `run` does the operation and forces its result; `compare` judges what it gave when it did not throw. */
export function operation<T>(
  run: (testCase: ConformanceCase, environment: CaseEnvironment) => Promise<T>,
  compare: (expected: JsonObject, value: T, testCase: ConformanceCase) => Mismatch,
): Operation {
  return async (testCase, environment) => {
    const observed = await attempt(() => run(testCase, environment));
    return compareExpectation(testCase.expected, observed, (expected, value) => compare(expected, value, testCase));
  };
}

export async function attempt<T>(run: () => Promise<T>): Promise<Observed<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    if (error instanceof NotBuilt) throw error;
    const thrown = thrownError(error);
    // the package itself says so
    if (thrown.code === "UNSUPPORTED_OPTION") throw new NotBuilt(thrown.message);
    return { thrown };
  }
}
