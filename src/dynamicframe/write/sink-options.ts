import { nearestName } from "../../types/nearest-name.js";
import { DynaframeError } from "../../types/error.js";
import { requireOptions } from "../require-text.js";

const NAMES = [
  "path",
  "partitionKeys",
  "compression",
  "enableUpdateCatalog",
  "updateBehavior",
  "catalogDatabase",
  "catalogTableName",
  "useFrameName",
  "connectionName",
];
const MODES = ["append", "overwrite", "error", "ignore"];
const TABLE_NAMES = ["partitionKeys", "enableUpdateCatalog", "updateBehavior"];
const BEHAVIORS = ["UPDATE_IN_DATABASE", "LOG"];

/**
 * Checks the connection options of a file sink before anything is written: an unknown name, or a value of the wrong
 * kind, is BAD_OPTION.
 */
export function checkSinkOptions(options: { readonly [name: string]: unknown } = {}): void {
  requireOptions("write: connectionOptions", options);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!NAMES.includes(name)) {
      const near = nearestName(name, NAMES);
      throw new DynaframeError("BAD_OPTION", `A file sink has no option ${name}.`, {
        path: name,
        found: name,
        expected: NAMES.join(", "),
        ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
      });
    }
  }
  if (typeof options["path"] !== "string" || options["path"] === "") {
    throw new DynaframeError("BAD_ARGUMENT", "A file sink needs a path.", {
      path: "path",
      expected: "a folder",
      hint: "Give connectionOptions: { path: './out' }.",
    });
  }
  const { partitionKeys, updateBehavior } = options;
  if (partitionKeys !== undefined && !isNames(partitionKeys))
    throw wrong("partitionKeys", "a list of field names", partitionKeys);
  checkUpdateBehavior(updateBehavior);
}

function checkUpdateBehavior(value: unknown): void {
  if (value !== undefined && !BEHAVIORS.includes(String(value)))
    throw wrong("updateBehavior", BEHAVIORS.join(" or "), value);
}

/** A misspelt mode must not be taken for the one that adds. Databases have `merge` beside those of files. */
export function checkWriteMode(mode: unknown, sink: "files" | "database"): void {
  const modes = sink === "files" ? MODES : [...MODES, "merge"];
  if (mode === undefined || modes.includes(String(mode))) return;
  const near = nearestName(String(mode), modes);
  throw new DynaframeError(
    "BAD_OPTION",
    `There is no mode ${JSON.stringify(mode)} of writing ${sink === "files" ? "files" : "to a database"}.`,
    {
      path: "mode",
      expected: modes.join(", "),
      found: String(mode),
      hint: near === undefined ? `Use ${modes.join(", ")}.` : `Did you mean ${near}?`,
    },
  );
}

/** The additional options of a write into a catalog table. */
export function checkTableOptions(options: { readonly [name: string]: unknown }): void {
  const unknown = Object.keys(options).find((name) => !TABLE_NAMES.includes(name));
  if (unknown !== undefined) {
    const near = nearestName(unknown, TABLE_NAMES);
    throw new DynaframeError("BAD_OPTION", `writeDynamicFrame.fromCatalog has no option ${unknown}.`, {
      path: unknown,
      found: unknown,
      expected: TABLE_NAMES.join(", "),
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    });
  }
  const { partitionKeys, enableUpdateCatalog, updateBehavior } = options;
  if (partitionKeys !== undefined && !isNames(partitionKeys))
    throw wrong("partitionKeys", "a list of field names", partitionKeys);
  if (enableUpdateCatalog !== undefined && typeof enableUpdateCatalog !== "boolean")
    throw wrong("enableUpdateCatalog", "true or false", enableUpdateCatalog);
  checkUpdateBehavior(updateBehavior);
}

const isNames = (value: unknown): boolean => Array.isArray(value) && value.every((key) => typeof key === "string");

const wrong = (option: string, expected: string, found: unknown): DynaframeError =>
  new DynaframeError("BAD_OPTION", `Sink option ${option} takes ${expected}, not ${JSON.stringify(found)}.`, {
    path: option,
    expected,
    found: JSON.stringify(found),
  });
