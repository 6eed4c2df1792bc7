/** A catalog as lines of JSON: one file that any catalog can be filled from. Secrets are never in it. */
import type { FileLedger } from "../../shapes/ledger.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { EntityGroup } from "../entity.js";
import type { ConnectionInput, DatabaseInput, PartitionInput, TableInput } from "../model.js";
import type { PartitionIndex } from "../partition-requests.js";

export const TRANSFER_FORMAT = 1;

type InTable = { readonly database: string; readonly table: string };

export type TransferLine =
  | { readonly kind: "catalog"; readonly format: number }
  | { readonly kind: "database"; readonly input: DatabaseInput }
  /** Versions and exact types oldest first; `version` tells which belong together. */
  | {
      readonly kind: "table";
      readonly database: string;
      readonly versions: readonly { readonly version: string; readonly input: TableInput }[];
      readonly schemas: readonly { readonly version: string; readonly schema: StructType }[];
    }
  | (InTable & { readonly kind: "partitions"; readonly inputs: readonly PartitionInput[] })
  | (InTable & { readonly kind: "index"; readonly index: PartitionIndex })
  | (InTable & { readonly kind: "ledgers"; readonly ledgers: readonly FileLedger[] })
  | { readonly kind: "connection"; readonly input: ConnectionInput }
  | {
      readonly kind: "entities";
      readonly group: EntityGroup;
      readonly entities: readonly { readonly name: string; readonly scope: string; readonly doc: unknown }[];
    }
  /** Last: a file without it was cut off. */
  | { readonly kind: "end"; readonly lines: number };

/** How many of each were moved; the connections without their secrets. */
export type TransferCount = {
  readonly databases: number;
  readonly tables: number;
  readonly versions: number;
  readonly partitions: number;
  readonly ledgers: number;
  readonly connections: number;
  readonly definitions: number;
};

export const NOTHING: TransferCount = {
  databases: 0,
  tables: 0,
  versions: 0,
  partitions: 0,
  ledgers: 0,
  connections: 0,
  definitions: 0,
};

export function counted(count: TransferCount, line: TransferLine): TransferCount {
  switch (line.kind) {
    case "database":
      return { ...count, databases: count.databases + 1 };
    case "table":
      return { ...count, tables: count.tables + 1, versions: count.versions + line.versions.length };
    case "partitions":
      return { ...count, partitions: count.partitions + line.inputs.length };
    case "ledgers":
      return { ...count, ledgers: count.ledgers + line.ledgers.length };
    case "connection":
      return { ...count, connections: count.connections + 1 };
    case "entities":
      return { ...count, definitions: count.definitions + line.entities.length };
    case "catalog":
    case "index":
    case "end":
      return count;
  }
}

/** Members that a line must have, by its kind. */
const MEMBERS: {
  readonly [K in TransferLine["kind"]]: { readonly [member: string]: "string" | "number" | "object" | "array" };
} = {
  catalog: { format: "number" },
  database: { input: "object" },
  table: { database: "string", versions: "array", schemas: "array" },
  partitions: { database: "string", table: "string", inputs: "array" },
  index: { database: "string", table: "string", index: "object" },
  ledgers: { database: "string", table: "string", ledgers: "array" },
  connection: { input: "object" },
  entities: { group: "object", entities: "array" },
  end: { lines: "number" },
};

/** @throws EXPORT_INVALID for a line that is none; `number` counts from 1. */
export function readTransferLine(text: string, number: number): TransferLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw invalidExport(`line ${number} is not JSON`);
  }
  if (
    typeof line !== "object"
    || line === null
    || !("kind" in line)
    || typeof line.kind !== "string"
    || !Object.hasOwn(MEMBERS, line.kind)
  )
    throw invalidExport(`line ${number} is of no kind that an export has`);
  const found = line as { readonly [member: string]: unknown };
  const wrong = Object.entries(MEMBERS[line.kind as TransferLine["kind"]]).find(([member, type]) =>
    type === "array" ? !Array.isArray(found[member]) : typeof found[member] !== type || found[member] === null,
  );
  if (wrong !== undefined) throw invalidExport(`line ${number} (${line.kind}) has no ${wrong[0]}`);
  return line as TransferLine;
}

export const invalidExport = (what: string): DynaframeError =>
  new DynaframeError("EXPORT_INVALID", `The file is no whole export of a catalog: ${what}`, {
    hint: "make it with: dynaframe catalog export",
  });
