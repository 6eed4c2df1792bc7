/**
 * Paths that a call names are looked up in the schema: a misspelt one is an error, not a step that quietly does nothing
 * (decision 0045).
 */
import { nearestNames } from "../types/nearest-name.js";
import type { Relation } from "../plan/ir/relation.js";
import { fieldOf, type DataType, type StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { elementsStep, fieldStep, parsePath, printPath, type PathStep } from "../types/path.js";
import type { NamedPath, Reach } from "./verbs/verb.js";

/** Paths looked at to find one like a misspelt one; records of maps may have any number. */
const MOST_PATHS = 2000;
/** Levels of a path shown as a suggestion. */
const MOST_LEVELS = 12;

/**
 * A path below a field that is null in all records cannot be known yet and passes, and so does any path of a frame
 * without fields.
 * @throws UNKNOWN_PATH with the nearest paths there are.
 */
export function checkPaths(verb: string, paths: readonly NamedPath[], inputs: readonly Relation[]): void {
  for (const { path, input = 0, reach = {} } of paths) {
    const type = inputs[input]?.type;
    if (type && type.fields.length > 0 && !reaches(type, parsePath(path), reach)) throw unknownPath(verb, path, type);
  }
}

function reaches(type: DataType, path: readonly PathStep[], reach: Reach): boolean {
  const [step, ...rest] = path;
  if (!step || type.kind === "null" || type.kind === "unknown") return true;
  if (type.kind === "choice")
    return reach.choices === true && type.choices.some((member) => isContainer(member) && reaches(member, path, reach));
  if (step.kind === "elements")
    return reach.elements === true && type.kind === "array" && reaches(type.element, rest, reach);
  if (type.kind === "array") return reach.lists === true && reaches(type.element, path, reach);
  return type.kind === "struct" && named(type, step.name, reach).some((next) => reaches(next, rest, reach));
}

const isContainer = (type: DataType): boolean => type.kind === "struct" || type.kind === "array";

function named(type: StructType, name: string, { anyCase }: Reach): readonly DataType[] {
  const exact = fieldOf(type, name);
  if (exact || !anyCase) return exact ? [exact.type] : [];
  return type.fields.filter((f) => f.name.toLowerCase() === name.toLowerCase()).map((f) => f.type);
}

function unknownPath(verb: string, path: string, type: StructType): DynaframeError {
  const near = nearestNames(path, knownPaths(type), 3);
  return new DynaframeError("UNKNOWN_PATH", `${verb}: no record has a field ${path}, or ${verb} cannot reach it.`, {
    path,
    found: path,
    expected: type.fields.map((f) => printPath([fieldStep(f.name)])).join(", "),
    hint: `${near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : ""}See printSchema(); a name that holds a dot goes in backticks. strictPaths: false lets it pass, as Glue does.`,
  });
}

/** All paths of the type, parents first. */
function knownPaths(type: StructType): readonly string[] {
  const paths: string[] = [];
  const walk = (of: DataType, steps: readonly PathStep[]): void => {
    if (paths.length >= MOST_PATHS || steps.length > MOST_LEVELS) return;
    if (of.kind === "choice") for (const member of of.choices) walk(member, steps);
    if (of.kind === "array") walk(of.element, [...steps, elementsStep()]);
    if (of.kind !== "struct") return;
    for (const f of of.fields) {
      const own = [...steps, fieldStep(f.name)];
      paths.push(printPath(own));
      walk(f.type, own);
    }
  };
  walk(type, []);
  return paths;
}
