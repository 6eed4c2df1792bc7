/** Polars DataFrames, by way of one Parquet file in staging: types stay exact and neither side holds the rows twice. */
import { join } from "node:path";
import type { DataFrame as PolarsFrame } from "nodejs-polars";
import type { RunOptions } from "../../engine/index.js";
import type { Environment } from "../environment.js";
import type { FrameNode } from "../frame-node.js";
import { sourceSelection } from "../sources/source-options.js";
import { filesNode } from "../sources/files.js";
import { loadOptional } from "./load-optional.js";

/**
 * Its methods are read, not looked for: a Polars DataFrame is a proxy that denies to have any (`"lazy" in frame` is
 * false).
 */
export function isPolarsFrame(value: unknown): value is PolarsFrame {
  if (typeof value !== "object" || value === null) return false;
  const { writeParquet, lazy } = value as { readonly [method in "writeParquet" | "lazy"]?: unknown };
  return typeof writeParquet === "function" && typeof lazy === "function";
}

/** The frame as a Polars DataFrame. */
export async function toPolars(
  { resolve, session }: Environment,
  node: FrameNode,
  run: RunOptions,
): Promise<PolarsFrame> {
  const { default: polars } = await loadOptional("nodejs-polars", () => import("nodejs-polars"), "toPolars()");
  const { relation } = await resolve(node, run);
  const engine = await session.engine();
  const directory = await session.stagingFolder("polars");
  const written = await engine.write(
    relation,
    { format: "parquet", options: {}, directory, partitionKeys: [], compression: "none" },
    run,
  );
  const parts = written.map((f) => polars.readParquet(f.localFile));
  const [first, ...rest] = parts;
  return first
    ? rest.length > 0
      ? polars.concat(parts)
      : first
    : polars.DataFrame(Object.fromEntries(relation.type.fields.map((f) => [f.name, []])));
}

/** A source that reads a Polars DataFrame; it is written once, when the frame is first used. */
export const polarsNode = (frame: PolarsFrame): FrameNode => ({
  kind: "fromDF",
  args: { polars: frame.shape },
  inputs: [],
  options: {},
  resolve: async (_, session, run) => {
    const path = join(await session.stagingFolder("polars"), "frame.parquet");
    frame.writeParquet(path, { compression: "uncompressed" });
    const files = filesNode(
      { paths: [path], format: "parquet", formatOptions: {}, selection: sourceSelection({ recurse: false }) },
      {},
    );
    return files.resolve([], session, run);
  },
});
