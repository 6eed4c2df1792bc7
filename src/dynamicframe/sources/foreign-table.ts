/**
 * Tables of other libraries as frames: Arrow tables, Polars DataFrames, plain objects. Recognised by shape; no library
 * is loaded for it.
 */
import type { Table as ArrowTable } from "apache-arrow";
import type { DataFrame as PolarsFrame } from "nodejs-polars";
import { DynaframeError } from "../../types/error.js";
import { DataFrame } from "../data-frame.js";
import type { FrameNode } from "../frame-node.js";
import { arrowRows, isArrowTable } from "../interop/from-arrow.js";
import { isPolarsFrame, polarsNode } from "../interop/polars.js";
import { rowsNode, sourceOf } from "./rows.js";

export type ForeignTable = DataFrame | ArrowTable | PolarsFrame | readonly object[];

/** The source that reads it. @throws NOT_A_TABLE for anything else. */
export function foreignNode(table: ForeignTable, name: string): FrameNode {
  if (table instanceof DataFrame) return table.node;
  if (Array.isArray(table)) return rowsNode(table as readonly object[], { name });
  if (isArrowTable(table)) return arrowNode(table, name);
  if (isPolarsFrame(table)) return polarsNode(table);
  throw new DynaframeError(
    "NOT_A_TABLE",
    "fromDF: this is no DataFrame, Arrow table, Polars DataFrame or array of objects.",
    { hint: "Use fromRows for other sources of records." },
  );
}

const arrowNode = (table: ArrowTable, name: string): FrameNode => ({
  kind: "fromDF",
  args: { arrow: [table.numRows, table.numCols] },
  inputs: [],
  options: {},
  resolve: async (_, session, run) => {
    const { type, rows } = await arrowRows(table);
    const engine = await session.engine();
    return sourceOf(await engine.load(rows(), type, run), table.numRows, session.nextId(), name);
  },
});
