/** Entities in the SQLite store. Every function runs inside a transaction of the caller. */
import { concurrentModification } from "../../catalog-errors.js";
import type { Entity, EntityChange, EntityGroup, EntityListing, EntityOwner, EntityRef } from "../../entity.js";
import type { Page } from "../../model.js";
import { pageSize, pageToken, readPageToken } from "../../page-token.js";
import { databaseId } from "./databases.js";
import { partitionKey } from "./partitions.js";
import { docOf, numberOf, type Session, type SqlRow, type SqlValue, textOf } from "./session.js";
import { tableRow } from "./tables.js";

/** `id` is text, so that "no owner" is a value that a unique index compares. */
type OwnerRow = {
  readonly id: string;
  readonly column: "database_id" | "table_id" | "partition_id" | undefined;
  readonly row: number | null;
};

const COLUMNS = "id, name, scope, version, created, updated, doc";

export function getEntity(session: Session, ref: EntityRef): Entity | undefined {
  const row = find(session, ref, ownerOf(session, ref));
  return row === undefined ? undefined : entityOf(row);
}

export function listEntities(session: Session, group: EntityGroup, listing: EntityListing = {}): Page<Entity> {
  const size = pageSize(listing, 1000);
  const owner = ownerOf(session, group);
  const token = [
    "entities",
    group.kind,
    owner.id,
    group.scope ?? "*",
    listing.newestFirst === true ? "newest" : "name",
  ];
  const after = readPageToken(token, listing.nextToken);
  const scoped =
    group.scope === undefined ? { sql: "1", values: [] as SqlValue[] } : { sql: "scope = ?", values: [group.scope] };
  const [sql, bound] =
    listing.newestFirst === true
      ? ["id < ? ORDER BY id DESC", [Number(after ?? Number.MAX_SAFE_INTEGER)]]
      : [
          "(name, scope) > (?, ?) ORDER BY name, scope",
          after === undefined ? ["", ""] : (JSON.parse(after) as [string, string]),
        ];
  const rows = session.rows(
    `SELECT ${COLUMNS} FROM entities WHERE kind = ? AND owner = ? AND ${scoped.sql} AND ${sql} LIMIT ?`,
    group.kind,
    owner.id,
    ...scoped.values,
    ...bound,
    size + 1,
  );
  const items = rows.slice(0, size).map(entityOf);
  const last = rows[size - 1];
  if (rows.length <= size || last === undefined) return { items };
  return {
    items,
    nextToken: pageToken(
      token,
      listing.newestFirst === true
        ? String(numberOf(last, "id"))
        : JSON.stringify([textOf(last, "name"), textOf(last, "scope")]),
    ),
  };
}

export function listEntityKinds(session: Session, owner: EntityOwner): readonly string[] {
  return session
    .rows("SELECT DISTINCT kind FROM entities WHERE owner = ? ORDER BY kind", ownerOf(session, owner).id)
    .map((row) => textOf(row, "kind"));
}

export function changeEntity(session: Session, { ref, doc, ifVersion }: EntityChange): void {
  const owner = ownerOf(session, ref, doc !== undefined);
  const before = find(session, ref, owner);
  const version = before === undefined ? 0 : numberOf(before, "version");
  if (ifVersion !== undefined && ifVersion !== version) {
    throw concurrentModification(`${ref.kind} ${ref.name} was changed by another`, {
      path: ref.name,
      expected: `version ${ifVersion}`,
      found: `version ${version}`,
      hint: "read it again and repeat the change",
    });
  }
  if (doc === undefined) {
    session.run(
      "DELETE FROM entities WHERE kind = ? AND owner = ? AND scope = ? AND name = ?",
      ref.kind,
      owner.id,
      ref.scope ?? "",
      ref.name,
    );
  } else if (before === undefined) {
    session.insert(
      `INSERT INTO entities (kind, owner, scope, name, version, created, updated, doc${owner.column === undefined ? "" : `, ${owner.column}`})
       VALUES (?, ?, ?, ?, 1, ?, ?, ?${owner.column === undefined ? "" : ", ?"})`,
      ref.kind,
      owner.id,
      ref.scope ?? "",
      ref.name,
      session.now(),
      session.now(),
      JSON.stringify(doc),
      ...(owner.column === undefined ? [] : [owner.row]),
    );
  } else {
    session.run(
      "UPDATE entities SET version = version + 1, updated = ?, doc = ? WHERE id = ?",
      session.now(),
      JSON.stringify(doc),
      numberOf(before, "id"),
    );
  }
}

function find(session: Session, ref: EntityRef, owner: OwnerRow): SqlRow | undefined {
  return session.row(
    `SELECT ${COLUMNS} FROM entities WHERE kind = ? AND owner = ? AND scope = ? AND name = ?`,
    ref.kind,
    owner.id,
    ref.scope ?? "",
    ref.name,
  );
}

function ownerOf(session: Session, { database, table, partition }: EntityOwner, create = false): OwnerRow {
  if (database === undefined) return { id: "", column: undefined, row: null };
  if (table === undefined) return owner("database_id", databaseId(session, database));
  const found = tableRow(session, database, table);
  return partition === undefined
    ? owner("table_id", found.id)
    : owner("partition_id", partitionOwner(session, found.id, partitionKey(session, found, partition), create));
}

/** The number that what a partition owns names it by; 0, which none has, for one that owns nothing. */
function partitionOwner(session: Session, table: number, key: Uint8Array, create: boolean): number {
  const row = session.row("SELECT id FROM partition_owners WHERE table_id = ? AND sort_key = ?", table, key);
  if (row !== undefined) return numberOf(row, "id");
  return create ? session.insert("INSERT INTO partition_owners (table_id, sort_key) VALUES (?, ?)", table, key) : 0;
}

const owner = (column: "database_id" | "table_id" | "partition_id", row: number): OwnerRow => ({
  id: `${column} ${row}`,
  column,
  row,
});

const entityOf = (row: SqlRow): Entity => ({
  name: textOf(row, "name"),
  scope: textOf(row, "scope"),
  version: numberOf(row, "version"),
  created: numberOf(row, "created"),
  updated: numberOf(row, "updated"),
  doc: docOf(row),
});
