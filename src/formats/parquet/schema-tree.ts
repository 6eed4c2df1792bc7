import { DynaframeError } from "../../types/error.js";
import type { SchemaElement } from "./footer.js";

/** A node of a Parquet schema with its children found. */
export type SchemaNode = {
  readonly name: string;
  readonly element: SchemaElement;
  readonly repetition: "required" | "optional" | "repeated";
  readonly children: readonly SchemaNode[];
  /** Names from the top, as `path_in_schema` of a leaf has them. */
  readonly path: readonly string[];
  /** Below or at a repeated node: there may be several values, or none, per record. */
  readonly inList: boolean;
};

/** As deep as records may be (TOO_DEEP), counting the groups of lists. */
const MAX_DEPTH = 1000;
const REPETITIONS = ["required", "optional", "repeated"] as const;

/** The top-level columns. A schema that does not add up is INVALID_PARQUET. */
export function schemaTree(elements: readonly SchemaElement[], file: string): readonly SchemaNode[] {
  const cursor = { at: 1 };
  const root = elements[0];
  const columns = root === undefined ? [] : childrenOf(elements, cursor, root, { path: [], inList: false }, file);
  if (root === undefined || cursor.at !== elements.length) throw broken(file);
  return columns;
}

type Above = Pick<SchemaNode, "path" | "inList">;

function childrenOf(
  elements: readonly SchemaElement[],
  cursor: { at: number },
  parent: SchemaElement,
  above: Above,
  file: string,
): SchemaNode[] {
  if (above.path.length > MAX_DEPTH)
    throw new DynaframeError("TOO_DEEP", `${file} has a schema nested deeper than ${MAX_DEPTH} levels`, { file });
  const children: SchemaNode[] = [];
  for (let i = 0; i < (parent.num_children ?? 0); i++) {
    const element = elements[cursor.at++];
    if (element === undefined) throw broken(file);
    const repetition = REPETITIONS[element.repetition_type ?? 0] ?? "optional";
    const own = { path: [...above.path, element.name], inList: above.inList || repetition === "repeated" };
    children.push({
      name: element.name,
      element,
      repetition,
      ...own,
      children: childrenOf(elements, cursor, element, own, file),
    });
  }
  return children;
}

const broken = (file: string): DynaframeError =>
  new DynaframeError("INVALID_PARQUET", `${file} is not a readable Parquet file: its schema does not add up`, {
    file,
    hint: "Write the file again.",
  });
