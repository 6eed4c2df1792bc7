import type { Catalog } from "../../catalog/index.js";
import { ledgerNodes, withoutArms } from "../../shapes/ledger-nodes.js";
import { TAGS, type Place, type Tag } from "../../shapes/ledger.js";
import type { SchemaChange } from "../../shapes/change-evidence.js";
import { DynaframeError } from "../../types/error.js";
import type { DriftChange } from "./drift-report.js";
import { noHistory } from "./tell-drift.js";

/** A path of a table. */
export type BlameRequest = {
  /** Database of the catalog. */
  readonly database: string;
  /** Table of the database. */
  readonly tableName: string;
  /** Such as `price` or `items[].sku`. */
  readonly path: string;
};

/** One type of a path as the data has it now, and the version that brought it. */
export type BlamedType = {
  readonly tag: Tag;
  readonly count: number;
  readonly first: Place;
  /** Undefined when the history does not go back that far. */
  readonly since?: DriftChange;
};

/** Which file brought which type to a path, and when. */
export type BlameReport = {
  readonly table: string;
  readonly path: string;
  /** Types the path has now; none when it is gone. */
  readonly types: readonly BlamedType[];
  /** Every change of the path, of what is inside it, and of what it came with; oldest first. */
  readonly changes: readonly DriftChange[];
};

/**
 * Who made a path what it is: each type it holds with its first record, and the versions that changed it.
 * @throws PATH_NOT_FOUND for a path that the table never had, NO_LEDGER.
 */
export async function blamePath(catalog: Catalog, { database, tableName, path }: BlameRequest): Promise<BlameReport> {
  const table = await catalog.getTable(database, tableName);
  const name = `${table.DatabaseName}.${table.Name}`;
  const history = await catalog.getSchemaChanges(database, tableName);
  if (history.length === 0) throw noHistory(table);
  const changes: readonly DriftChange[] = history.flatMap(({ versionId, at, changes: all }) =>
    all.filter((change) => concerns(change, path)).map((change) => ({ ...change, versionId, at })),
  );
  const ledger = await catalog.getLedger(database, tableName);
  const node = ledger === undefined ? undefined : ledgerNodes(ledger).get(path)?.node;
  if (node === undefined && changes.length === 0) {
    throw new DynaframeError("PATH_NOT_FOUND", `${name} has never had a path ${path}`, {
      path,
      hint: `See its paths: dynaframe show ${name}`,
    });
  }
  const types = TAGS.flatMap((tag) => {
    const stats = node?.tags[tag];
    if (stats === undefined) return [];
    const since = changes.findLast((change) => brings(change, path, tag));
    return [{ tag, count: stats.count, first: stats.first, ...(since === undefined ? {} : { since }) }];
  });
  return { table: name, path, types, changes };
}

/** Changes at the path or inside it, and of what is above it those with which it came or went. */
function concerns(change: SchemaChange, path: string): boolean {
  const changed = withoutArms(change.path);
  if (changed === path || within(changed, path)) return true;
  if (!within(path, changed)) return false;
  return change.rule === "FIELD_REMOVED" || change.rule === "FIELD_RENAMED_CASE" || newKinds(change).some(holdsPaths);
}

const within = (inner: string, outer: string): boolean =>
  inner.startsWith(outer) && /^[.[{]/.test(inner.slice(outer.length));

/** Whether a change is how a type came to the path: by itself, or within a struct, list or map that came. */
function brings(change: SchemaChange, path: string, tag: Tag): boolean {
  const changed = withoutArms(change.path);
  const kinds = newKinds(change);
  return changed === path
    ? kinds.includes(tag === "bigint" ? "decimal" : tag)
    : within(path, changed) && kinds.some(holdsPaths);
}

const holdsPaths = (kind: string): boolean => ["struct", "array", "set", "map"].includes(kind);

/** Kinds that are in the type after a change and not in the one before. */
function newKinds({ rule, before, after }: SchemaChange): readonly string[] {
  if (rule === "FIELD_RENAMED_CASE" || rule === "ENUM_OPTION_ADDED" || rule === "ENUM_OPTION_REMOVED") return [];
  const old = kindsOf(before);
  return kindsOf(after).filter((kind) => !old.includes(kind));
}

/** `choice{int,struct{a,b}}` → int, struct. */
function kindsOf(typeText: string | undefined): readonly string[] {
  if (typeText === undefined) return [];
  const arms = /^choice\{(.*)\}$/s.exec(typeText)?.[1];
  if (arms === undefined) return [/^[a-z]+/.exec(typeText)?.[0] ?? ""];
  let depth = 0;
  let start = 0;
  const kinds: string[] = [];
  for (let i = 0; i <= arms.length; i++) {
    const c = arms[i];
    if (c === "{" || c === "<" || c === "(") depth++;
    else if (c === "}" || c === ">" || c === ")") depth--;
    else if (c === undefined || (c === "," && depth === 0)) {
      kinds.push(/^[a-z]+/.exec(arms.slice(start, i))?.[0] ?? "");
      start = i + 1;
    }
  }
  return kinds;
}
