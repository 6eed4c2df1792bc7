import { checkTransformOptions } from "./check-transform-options.js";
import type { FrameNode, FrameSession } from "./frame-node.js";
import { requireText } from "./require-text.js";
import { requireCatalog } from "./require-catalog.js";
import { field, struct, STRING, type StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { parseHiveType } from "../types/hive.js";
import type { Table } from "../catalog/index.js";
import { verbNode } from "./verb-node.js";
import { parseAction, resolveChoice } from "./verbs/resolve-choice.js";
import type { TransformOptions } from "./verbs/verb.js";

/** Exactly one of `specs` and `choice`, else BAD_ARGUMENT; with `match_catalog` also `database` and `tableName`. */
export type ResolveChoiceOptions = TransformOptions & {
  /** [path, action] pairs; `list[].price` reaches the elements of a list. */
  readonly specs?: readonly (readonly [path: string, action: string])[];
  /** One action for every choice: as in `specs`, or `match_catalog`. */
  readonly choice?: string;
  /** For `match_catalog`: the table whose column types decide. */
  readonly database?: string;
  /** Belongs to `database`. */
  readonly tableName?: string;
  /** Accepted; a context has one catalog. */
  readonly catalogId?: string;
};

/** Glue's texts: exactly one of specs and choice. Source: docs/sources.md#methods. */
export function resolveChoiceNode(input: FrameNode, options: ResolveChoiceOptions): FrameNode {
  checkTransformOptions("resolveChoice", options, ["specs", "choice", "database", "tableName", "catalogId"]);
  const { specs, choice, database, tableName, catalogId: _, ...transform } = options;
  requirePairs(specs);
  if (choice !== undefined && typeof choice !== "string")
    throw invalid("resolveChoice: choice is a text, such as make_cols.");
  const hasSpecs = specs !== undefined && specs.length > 0;
  if (hasSpecs && choice) throw invalid("Parameter specs and option are both specified, choose one.");
  if (!hasSpecs && !choice) throw invalid("Parameter specs and option are both missing, add one.");
  if (hasSpecs) {
    const parsed = specs.map(([path, action]) => ({ path, action: parseAction(action) }));
    return verbNode(resolveChoice, { specs: parsed }, [input], transform);
  }
  if (choice?.trim().toLowerCase() !== "match_catalog")
    return verbNode(resolveChoice, { choice: parseAction(choice ?? "") }, [input], transform);
  if (!database || !tableName) throw invalid("match_catalog needs database and tableName.");
  requireText("resolveChoice", "database", database);
  requireText("resolveChoice", "tableName", tableName);
  return matchCatalogNode(input, database, tableName, transform);
}

function requirePairs(specs: unknown): void {
  const isPair = (spec: unknown): boolean =>
    Array.isArray(spec) && spec.length === 2 && spec.every((part) => typeof part === "string");
  if (specs === undefined || (Array.isArray(specs) && specs.every(isPair))) return;
  throw new DynaframeError("BAD_ARGUMENT", "resolveChoice: specs is a list of pairs of a path and an action.", {
    name: "TypeError",
    path: "specs",
    expected: "[[path, action], …]",
    found: JSON.stringify(specs),
    hint: 'Write specs: [["price", "cast:double"]].',
  });
}

function matchCatalogNode(input: FrameNode, database: string, tableName: string, options: TransformOptions): FrameNode {
  return {
    kind: "resolveChoice",
    args: { choice: "match_catalog", database, tableName },
    inputs: [input],
    options,
    resolve: async ([resolved], session) => {
      if (!resolved) throw new Error("resolveChoice has one input");
      const catalog = await catalogColumns(session, database, tableName);
      return { ...resolved, relation: resolveChoice.lower([resolved.relation], { catalog }) };
    },
  };
}

/** A catalog table's columns and partition keys, typed. */
export const catalogColumns = async (session: FrameSession, database: string, tableName: string): Promise<StructType> =>
  tableType(await requireCatalog(session).getTable(database, tableName));

/** The columns of a catalog table, then its partition columns. */
export const tableType = (table: Table): StructType =>
  struct(
    [...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])].map((c) =>
      field(c.Name, c.Type ? parseHiveType(c.Type) : STRING),
    ),
  );

const invalid = (message: string): DynaframeError =>
  new DynaframeError("BAD_ARGUMENT", message, {
    name: "ValueError",
    hint: "Give either specs: [[path, action], …] or choice: action.",
  });
