import { readFile } from "node:fs/promises";
import { DynaframeError } from "../types/error.js";

/**
 * What a file given on the command line must be: `code` of the error when it is not, and the JSON schema that says so.
 */
export type FileKind = {
  readonly what: string;
  readonly code: string;
  readonly schema: object;
  readonly expected: string;
  readonly hint: string;
};

/**
 * A JSON file checked against the schema of its kind. PATH_NOT_FOUND, or the kind's code with the place of the first
 * problem.
 */
export async function readJsonFile<T>(file: string, kind: FileKind): Promise<T> {
  const json = parse(file, await read(file, kind), kind);
  const { Ajv } = await import("ajv");
  const validate = new Ajv({ strict: false }).compile<T>(kind.schema);
  if (validate(json)) return json;
  const [problem] = validate.errors ?? [];
  const parameters: Readonly<Record<string, unknown>> = problem?.params ?? {};
  const extra = typeof parameters["additionalProperty"] === "string" ? `: ${parameters["additionalProperty"]}` : "";
  throw new DynaframeError(kind.code, `${kind.what} ${problem?.message ?? "has another form"}${extra}`, {
    file,
    path: problem?.instancePath || "/",
    expected: kind.expected,
    hint: kind.hint,
  });
}

async function read(file: string, { what, hint }: FileKind): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new DynaframeError("PATH_NOT_FOUND", `${what} cannot be read`, { file, hint, cause });
  }
}

function parse(file: string, text: string, { what, code, hint }: FileKind): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DynaframeError(code, `${what} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      file,
      hint,
      cause,
    });
  }
}
