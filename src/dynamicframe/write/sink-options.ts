import { nearestName } from "../../formats/check-options.js";
import { DynaframeError } from "../../types/error.js";

const NAMES = ["path", "partitionKeys", "compression", "enableUpdateCatalog", "updateBehavior", "catalogDatabase", "catalogTableName", "useFrameName", "connectionName"];
const BEHAVIORS = ["UPDATE_IN_DATABASE", "LOG"];

/** Checks the connection options of a file sink before anything is written: an unknown name, or a value of the wrong kind, is BAD_OPTION. */
export function checkSinkOptions(options: { readonly [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!NAMES.includes(name)) {
      const near = nearestName(name, NAMES);
      throw new DynaframeError("BAD_OPTION", `A file sink has no option ${name}.`, { path: name, found: name, expected: NAMES.join(", "), ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }) });
    }
  }
  if (typeof options["path"] !== "string" || options["path"] === "") throw new DynaframeError("BAD_ARGUMENT", "A file sink needs a path.", { path: "path", expected: "a folder", hint: "Give connectionOptions: { path: './out' }." });
  const { partitionKeys, updateBehavior } = options;
  if (partitionKeys !== undefined && !(Array.isArray(partitionKeys) && partitionKeys.every((key) => typeof key === "string"))) throw wrong("partitionKeys", "a list of field names", partitionKeys);
  checkUpdateBehavior(updateBehavior);
}

export function checkUpdateBehavior(value: unknown): void {
  if (value !== undefined && !BEHAVIORS.includes(String(value))) throw wrong("updateBehavior", BEHAVIORS.join(" or "), value);
}

const wrong = (option: string, expected: string, found: unknown): DynaframeError =>
  new DynaframeError("BAD_OPTION", `Sink option ${option} takes ${expected}, not ${JSON.stringify(found)}.`, { path: option, expected, found: JSON.stringify(found) });
