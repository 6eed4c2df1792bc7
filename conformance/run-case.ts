/** Runs one case from its file's content to a verdict; never throws. */
import { Ajv } from "ajv";
import schema from "./case.schema.json" with { type: "json" };
import { isObject, type ConformanceCase, type Json } from "./case.js";
import { CaseEnvironment, NotBuilt, type EngineName } from "./environment.js";
import { operations } from "./ops/index.js";
import { show, thrownError } from "./compare/error.js";

export type Verdict =
  { readonly status: "PASS" } | { readonly status: "FAIL" | "SKIP" | "UNSUPPORTED"; readonly reason: string };

/** The verdict that needs no run, or undefined. An operation the runner does not know is no mistake of the case. */
export function judgeUnrun(testCase: Json, known: (op: string) => string | undefined): Verdict | undefined {
  if (!isObject(testCase)) return { status: "FAIL", reason: "the file does not hold a case" };
  const { skip, op } = testCase;
  if (typeof skip === "string") return { status: "SKIP", reason: skip };
  const reason = typeof op === "string" ? known(op) : undefined;
  if (reason !== undefined) return { status: "UNSUPPORTED", reason };
  const problem = caseProblem(testCase);
  return problem === undefined ? undefined : { status: "FAIL", reason: `not a valid case: ${problem}` };
}

export async function runCase(testCase: ConformanceCase, engine: EngineName): Promise<Verdict> {
  const operation = operations[testCase.op];
  if (!operation) return { status: "UNSUPPORTED", reason: "not built yet" };
  let environment: CaseEnvironment | undefined;
  try {
    environment = await CaseEnvironment.open(testCase, engine);
    const mismatch = await operation(testCase, environment);
    return mismatch === undefined ? { status: "PASS" } : { status: "FAIL", reason: mismatch };
  } catch (error) {
    if (error instanceof NotBuilt) return { status: "UNSUPPORTED", reason: error.message };
    return { status: "FAIL", reason: `the runner failed: ${show(thrownError(error))}` };
  } finally {
    await environment?.close().catch(() => undefined);
  }
}

/** What is wrong with a case by `case.schema.json`; ids are free, since a verdict must not depend on them. */
function caseProblem(testCase: Json): string | undefined {
  const validate = new Ajv({ strict: false, allErrors: false }).compile({
    ...schema,
    properties: { ...schema.properties, id: { type: "string" } },
  });
  if (validate(testCase)) return undefined;
  const first = validate.errors?.[0];
  return `${first?.instancePath ?? ""} ${first?.message ?? ""}`.trim();
}
