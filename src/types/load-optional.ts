import { DynaframeError } from "./error.js";

/** Loads a package that a user installs only when needed. */
export async function loadOptional<T>(name: string, load: () => Promise<T>, purpose: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new DynaframeError("OPTIONAL_DEPENDENCY", `${purpose} needs the package ${name}, which is not installed.`, {
      expected: name,
      hint: `npm install ${name}`,
      cause,
    });
  }
}
