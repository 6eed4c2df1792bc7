/** Writes rows of frames into tables: modes, creation and merging, for every database, in one transaction. */
import type { RunOptions } from "../engine/index.js";
import type { DataType, StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { fieldStep, printPath, elementsStep, type PathStep } from "../types/path.js";
import { typeText } from "../types/type-text.js";
import type { Row } from "../types/value.js";
import type { Database, DatabaseWrite, SqlDialect } from "./index.js";
import { rowFitter, type FittedRow } from "./fit-value.js";
import { tableText, type TableName } from "./table-name.js";
import type { TargetColumn } from "./target-column.js";

/** `merge`: rows whose keys are in the table replace the columns they have, the others are added. */
export type TableMode = "append" | "overwrite" | "error" | "ignore" | "merge";

export type TableWrite = {
  readonly table: TableName;
  readonly mode: TableMode;
  readonly mergeKeys: readonly string[];
  readonly type: StructType;
  readonly rows: () => AsyncIterable<readonly Row[]>;
};
/** SQL before the first and after the last row, in the same transaction. */
export type AroundWrite = { readonly preactions: readonly string[]; readonly postactions: readonly string[] };

export type TableOutcome = { readonly written: number; readonly skipped: boolean; readonly created: boolean };

/**
 * All tables in one transaction, in their order; those that are not there are made first, because MySQL commits when it
 * makes one (and drops it again when the write fails).
 * @throws UNRESOLVED_CHOICE, TYPE_NOT_HELD, VALUE_NOT_HELD, COLUMN_NOT_FOUND, TARGET_EXISTS, DUPLICATE_KEY; then
 * nothing was written.
 */
export async function writeTables(
  database: Database,
  writes: readonly TableWrite[],
  around: AroundWrite,
  run: RunOptions = {},
): Promise<readonly TableOutcome[]> {
  checkWrites(writes);
  const session = await database.openWrite(run);
  try {
    const outcomes = await writeTablesIn(session, database, writes, around);
    await session.commit();
    return outcomes;
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

/** The same within a transaction that is open; whoever opened it commits it, or after an error undoes it. */
export async function writeTablesIn(
  session: DatabaseWrite,
  database: Database,
  writes: readonly TableWrite[],
  { preactions, postactions }: AroundWrite,
): Promise<readonly TableOutcome[]> {
  checkWrites(writes);
  for (const sql of preactions) await session.execute(sql);
  const fills: (() => Promise<TableOutcome>)[] = [];
  const outcomes: TableOutcome[] = [];
  for (const write of writes) fills.push(await preparedTable(session, database, write));
  for (const fill of fills) outcomes.push(await fill());
  // a table that was left alone had nothing done around it
  if (outcomes.some(({ skipped }) => !skipped)) for (const sql of postactions) await session.execute(sql);
  return outcomes;
}

function checkWrites(writes: readonly TableWrite[]): void {
  for (const write of writes) {
    refuseChoices(write.type, []);
    checkKeys(write);
  }
}

/** Looks at the table, or makes it; what is returned writes the rows. */
async function preparedTable(
  session: DatabaseWrite,
  { dialect }: Database,
  write: TableWrite,
): Promise<() => Promise<TableOutcome>> {
  const { table, mode, type, rows } = write;
  const existing = await session.describe(table);
  if (existing !== undefined && mode === "error") {
    throw new DynaframeError("TARGET_EXISTS", `Table ${tableText(table)} exists.`, {
      path: tableText(table),
      hint: "Use mode append, overwrite, merge or ignore, or another table.",
    });
  }
  if (existing !== undefined && mode === "ignore") return async () => ({ written: 0, skipped: true, created: false });
  if (type.fields.length === 0) return () => withoutFields(session, dialect, write, existing !== undefined);
  if (existing === undefined) {
    for (const f of type.fields) if (dialect.columnType(f.type) === undefined) throw noType(f.name, f.type);
    await session.create(table, type);
  }
  const columns = columnsFor(type, existing ?? (await session.describe(table)) ?? [], table);
  // refuses types before any row moves
  const cells = fitted(rows, rowFitter(type, columns));
  return async () => {
    if (existing !== undefined && mode === "overwrite") await session.execute(`DELETE FROM ${dialect.table(table)}`);
    const written =
      mode === "merge" && existing !== undefined
        ? await mergeRows(session, dialect, write, columns, cells())
        : await session.insert(table, columns, cells());
    return { written, skipped: false, created: existing === undefined };
  };
}

/**
 * Of a frame without records, which a source without new files gives, nothing is left to do; a record without fields
 * has no row.
 */
async function withoutFields(
  session: DatabaseWrite,
  dialect: SqlDialect,
  { table, mode, rows }: TableWrite,
  exists: boolean,
): Promise<TableOutcome> {
  for await (const batch of rows()) {
    if (batch.length === 0) continue;
    throw new DynaframeError(
      "TYPE_NOT_HELD",
      `The records for ${tableText(table)} have no fields, so no column holds them. Nothing was written.`,
      {
        path: tableText(table),
        expected: "at least one field",
        found: "struct{}",
        hint: "Leave such records out with filter, or give them a field.",
      },
    );
  }
  if (exists && mode === "overwrite") await session.execute(`DELETE FROM ${dialect.table(table)}`);
  return { written: 0, skipped: false, created: false };
}

const fitted = (rows: () => AsyncIterable<readonly Row[]>, fit: (row: Row) => FittedRow) =>
  async function* (): AsyncGenerator<readonly FittedRow[]> {
    for await (const batch of rows()) yield batch.map(fit);
  };

/** The columns of the table that the frame fills, in the frame's order. */
function columnsFor(type: StructType, columns: readonly TargetColumn[], table: TableName): readonly TargetColumn[] {
  const missing = columns.find(
    (c) => !c.nullable && !c.hasDefault && !c.generated && !type.fields.some((f) => f.name === c.name),
  );
  if (missing !== undefined) {
    throw new DynaframeError(
      "VALUE_NOT_HELD",
      `Column ${missing.name} of ${tableText(table)} is not null, has no default, and the frame has no such field.`,
      { path: missing.name, expected: missing.declared, hint: "Add the field, or give the column a default." },
    );
  }
  return type.fields.map((f) => {
    const column = columns.find((c) => c.name === f.name);
    if (column === undefined || column.generated) {
      throw new DynaframeError(
        "COLUMN_NOT_FOUND",
        column === undefined
          ? `Table ${tableText(table)} has no column ${f.name}.`
          : `Column ${f.name} of ${tableText(table)} is computed by the database.`,
        {
          path: f.name,
          expected: columns
            .filter((c) => !c.generated)
            .map((c) => c.name)
            .join(", "),
          hint: "Drop or rename the field, or add the column in preactions.",
        },
      );
    }
    return column;
  });
}

async function mergeRows(
  session: DatabaseWrite,
  dialect: SqlDialect,
  { table, mergeKeys }: TableWrite,
  columns: readonly TargetColumn[],
  rows: AsyncIterable<readonly FittedRow[]>,
): Promise<number> {
  const names = columns.map((c) => c.name);
  const incoming = await session.createLike(table, names);
  const count = await session.insert(incoming, columns, rows);
  const keys = mergeKeys.map(dialect.identifier);
  const twice = await session.firstRow(
    `SELECT ${keys.join(", ")} FROM ${dialect.table(incoming)} GROUP BY ${keys.join(", ")} HAVING count(*) > 1 LIMIT 1`,
  );
  if (twice !== undefined) {
    throw new DynaframeError(
      "DUPLICATE_KEY",
      `Several records have the same merge key ${mergeKeys.map((k, i) => `${k} = ${twice[i] ?? "null"}`).join(", ")}; which one counts is not known. Nothing was written.`,
      { path: mergeKeys.join(", "), hint: "Keep one record per key first." },
    );
  }
  await session.lock(table);
  const target = dialect.table(table);
  const source = dialect.table(incoming);
  const same = keys.map((key) => dialect.same(`t.${key}`, `s.${key}`)).join(" AND ");
  const others = names.filter((name) => !mergeKeys.includes(name));
  if (others.length > 0) await session.execute(dialect.updateFrom(target, source, mergeKeys, others));
  const list = names.map(dialect.identifier);
  const missing = `FROM ${source} AS s WHERE NOT EXISTS (SELECT 1 FROM ${target} AS t WHERE ${same})`;
  const expected = Number((await session.firstRow(`SELECT count(*) ${missing}`))?.[0] ?? 0);
  if (expected === 0) return count;
  const added = await session.execute(
    `INSERT INTO ${target} (${list.join(", ")}) SELECT ${list.map((c) => `s.${c}`).join(", ")} ${missing}`,
  );
  // a trigger may leave rows out
  return count - Math.max(0, expected - added);
}

function checkKeys({ mode, mergeKeys, type }: TableWrite): void {
  if ((mode === "merge") !== mergeKeys.length > 0) {
    throw new DynaframeError(
      "BAD_OPTION",
      mode === "merge" ? "mode merge needs mergeKeys." : "mergeKeys are for mode merge.",
      { path: "mergeKeys", hint: "Give mode: 'merge' and mergeKeys: ['id']." },
    );
  }
  const unknown =
    type.fields.length === 0 ? undefined : mergeKeys.find((key) => !type.fields.some((f) => f.name === key));
  if (unknown !== undefined) {
    throw new DynaframeError("FIELD_NOT_FOUND", `mergeKeys: ${unknown} is not a field of the frame.`, {
      path: unknown,
      expected: type.fields.map((f) => f.name).join(", "),
      hint: "Name top-level fields.",
    });
  }
}

function refuseChoices(type: DataType, steps: readonly PathStep[]): void {
  switch (type.kind) {
    case "choice":
      throw new DynaframeError(
        "UNRESOLVED_CHOICE",
        `${printPath(steps)} is ${typeText(type)}; a database column has one type. Nothing was written.`,
        {
          path: printPath(steps),
          found: typeText(type),
          hint: "Use resolveChoice first: cast, project, make_cols or make_struct.",
        },
      );
    case "struct":
      for (const f of type.fields) refuseChoices(f.type, [...steps, fieldStep(f.name)]);
      return;
    case "array":
    case "set":
      return refuseChoices(type.element, [...steps, elementsStep()]);
    case "map":
      return refuseChoices(type.value, steps);
    default:
  }
}

const noType = (name: string, type: DataType): DynaframeError =>
  new DynaframeError("TYPE_NOT_HELD", `This database has no column type for ${name}: ${typeText(type)}.`, {
    path: name,
    found: typeText(type),
    hint: "Cast the field, or create the table first.",
  });
