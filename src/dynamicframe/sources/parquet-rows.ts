/** Rows of single Parquet files through the context's engine, for metadata that is kept in Parquet. */
import type { RunOptions } from "../../engine/index.js";
import type { ParquetRows } from "../../formats/delta/read-checkpoint.js";
import { DynaframeError } from "../../types/error.js";
import type { FrameSession } from "../frame-node.js";
import { filesNode, scanAll } from "./files.js";
import { sourceSelection } from "./source-options.js";

/**
 * @throws the code of the damage, for a file that a frame would report as a malformed record: of metadata nothing may
 * be missing.
 */
export const parquetRows = (session: FrameSession, run: RunOptions): ParquetRows =>
  async function* (ref) {
    const [ledger] = await scanAll("parquet", [ref], {}, session, run);
    const [damage] = ledger?.malformedRecords ?? [];
    if (damage !== undefined)
      throw new DynaframeError(damage.code, damage.reason, { file: ref.path, offset: damage.offset });
    const node = filesNode(
      { paths: [ref.path], format: "parquet", formatOptions: {}, selection: sourceSelection({}) },
      {},
    );
    const { relation } = await node.resolve([], session, run);
    for await (const batch of (await session.engine()).rows(relation, run)) yield* batch;
  };
