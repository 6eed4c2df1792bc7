/** Rows from JavaScript go to the engine in chunks: counted, not timed. */
import type { RowEngine } from "../../src/dynamicframe/batch-feed.js";
import { looseRows } from "../../src/dynamicframe/loaded-rows.js";
import { rowsNode } from "../../src/dynamicframe/sources/rows.js";
import type { FrameSession } from "../../src/dynamicframe/frame-node.js";
import { values } from "../../src/plan/ir/build.js";
import { struct } from "../../src/types/data-type.js";

/** Notes the size of each batch that it is given. */
function countingEngine(): { readonly engine: RowEngine; readonly sizes: number[] } {
  const sizes: number[] = [];
  return {
    sizes,
    engine: {
      batches: () => {
        throw new Error("nothing is read");
      },
      loadBatches: async (batches, type) => {
        for await (const batch of batches) sizes.push(batch.rows.length);
        return values([], type);
      },
    },
  };
}

test("what was added is handed on when a chunk is full", async () => {
  const { engine, sizes } = countingEngine();
  const loader = looseRows(engine, struct(), {});
  for (let i = 0; i < 5000; i++) {
    loader.add({ id: i }, undefined, -1);
    if (loader.full()) await loader.flush();
  }
  await loader.finish();
  expect(sizes).toEqual([1024, 1024, 1024, 1024, 904]);
});

test("fromRows loads chunks", async () => {
  const { engine, sizes } = countingEngine();
  const session = { engine: () => Promise.resolve(engine), nextId: () => "rows" } as unknown as FrameSession;
  await rowsNode(
    Array.from({ length: 5000 }, (_, id) => ({ id })),
    {},
  ).resolve([], session, {});
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5000);
  expect(sizes.length).toBe(5);
});
