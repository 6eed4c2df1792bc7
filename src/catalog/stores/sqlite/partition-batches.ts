/**
 * Batches of partitions: each is done or reported on its own. Every function runs inside a transaction of the caller.
 */
import { DynaframeError } from "../../../types/error.js";
import type { Partition, PartitionError } from "../../model.js";
import type { PartitionBatch, PartitionUpdate } from "../../partition-requests.js";
import { deletePartition, getPartition, updatePartition } from "./partitions.js";
import type { Session } from "./session.js";
import { tableRow } from "./tables.js";

export function batchGetPartition(
  session: Session,
  database: string,
  name: string,
  all: readonly (readonly string[])[],
): PartitionBatch {
  tableRow(session, database, name);
  const partitions: Partition[] = [];
  const unprocessed: (readonly string[])[] = [];
  for (const values of all) {
    try {
      partitions.push(getPartition(session, database, name, values));
    } catch (error) {
      if (!(error instanceof DynaframeError) || error.code !== "ENTITY_NOT_FOUND") throw error;
      unprocessed.push(values);
    }
  }
  return { partitions, unprocessed };
}

export function batchUpdatePartition(
  session: Session,
  database: string,
  name: string,
  updates: readonly PartitionUpdate[],
): readonly PartitionError[] {
  tableRow(session, database, name);
  return updates.flatMap(({ values, input }) =>
    attempt(values, () => {
      updatePartition(session, database, name, values, input);
    }),
  );
}

export function batchDeletePartition(
  session: Session,
  database: string,
  name: string,
  all: readonly (readonly string[])[],
): readonly PartitionError[] {
  tableRow(session, database, name);
  return all.flatMap((values) =>
    attempt(values, () => {
      deletePartition(session, database, name, values);
    }),
  );
}

// each of these functions checks before it writes, so a refused one has changed nothing
function attempt(values: readonly string[], change: () => void): readonly PartitionError[] {
  try {
    change();
    return [];
  } catch (error) {
    if (!(error instanceof DynaframeError) || error.name === "DynaframeError") throw error;
    return [{ PartitionValues: [...values], ErrorDetail: { ErrorCode: error.name, ErrorMessage: error.message } }];
  }
}
