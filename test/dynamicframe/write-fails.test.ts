/** A write that fails half-way leaves nothing of itself visible. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamicFrameContext } from "../../src/dynamicframe/glue-context.js";
import { referenceEngine } from "../../src/engine/reference/index.js";
import { fileStorage } from "../../src/storage/file.js";
import { DynaframeError } from "../../src/types/error.js";

test.each(["append", "overwrite"] as const)("mode %s: the second of three partitions cannot be published", async (mode) => {
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-fails-"));
  const storage = fileStorage();
  let published = 0, fails = false;
  const failing: typeof storage = {
    ...storage,
    publish: (...args: Parameters<typeof storage.publish>) => {
      if (fails && ++published === 2) throw new DynaframeError("NO_SPACE", "no room left");
      return storage.publish(...args);
    },
  };
  const glue = new DynamicFrameContext({ storage: failing, engine: referenceEngine, stagingRoot: join(folder, "staging"), threads: 1 });
  try {
    const path = join(folder, "out");
    const write = (rows: object[], how: "append" | "overwrite") => glue.writeDynamicFrame.fromOptions({
      frame: glue.createDynamicFrame.fromRows(rows), connectionType: "file", connectionOptions: { path, partitionKeys: ["k"] }, format: "json", mode: how,
    });
    await write([{ k: "old", v: 1 }], "append");
    const before = (await readdir(path, { recursive: true })).filter((name) => name.endsWith(".json"));
    fails = true;
    await expect(write([{ k: "a", v: 1 }, { k: "b", v: 2 }, { k: "c", v: 3 }], mode)).rejects.toMatchObject({ code: "NO_SPACE" });
    expect(published).toBe(3); // files are published side by side
    expect((await readdir(path, { recursive: true })).filter((name) => name.endsWith(".json"))).toEqual(before);
  } finally {
    await glue.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
