/** A write that fails half-way leaves nothing of itself visible. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamicFrameContext } from "../../src/dynamicframe/glue-context.js";
import { referenceEngine } from "../../src/engine/reference/index.js";
import type { Engine } from "../../src/engine/index.js";
import { fileStorage } from "../../src/storage/file.js";
import { DynaframeError } from "../../src/types/error.js";

test.each(["append", "overwrite"] as const)(
  "mode %s: the second of three partitions cannot be published",
  async (mode) => {
    const folder = await mkdtemp(join(tmpdir(), "dynaframe-fails-"));
    const storage = fileStorage();
    let published = 0;
    let fails = false;
    const failing: typeof storage = {
      ...storage,
      publish: (...args: Parameters<typeof storage.publish>) => {
        if (fails && ++published === 2) throw new DynaframeError("NO_SPACE", "no room left");
        return storage.publish(...args);
      },
    };
    const glue = new DynamicFrameContext({
      storage: failing,
      engine: referenceEngine,
      stagingRoot: join(folder, "staging"),
      threads: 1,
    });
    try {
      const path = join(folder, "out");
      const write = (rows: object[], how: "append" | "overwrite") =>
        glue.writeDynamicFrame.fromOptions({
          frame: glue.createDynamicFrame.fromRows(rows),
          connectionType: "file",
          connectionOptions: { path, partitionKeys: ["k"] },
          format: "json",
          mode: how,
        });
      await write([{ k: "old", v: 1 }], "append");
      const before = (await readdir(path, { recursive: true })).filter((name) => name.endsWith(".json"));
      fails = true;
      await expect(
        write(
          [
            { k: "a", v: 1 },
            { k: "b", v: 2 },
            { k: "c", v: 3 },
          ],
          mode,
        ),
      ).rejects.toMatchObject({ code: "NO_SPACE" });
      expect(published).toBe(3); // files are published side by side
      expect((await readdir(path, { recursive: true })).filter((name) => name.endsWith(".json"))).toEqual(before);
    } finally {
      await glue.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);

test("a file that holds less than the plan gave for it makes the report unbalanced", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-fails-"));
  const losing: Engine = {
    ...referenceEngine,
    open: async (environment) => {
      const session = await referenceEngine.open(environment);
      const write = session.write.bind(session);
      session.write = async (...args) =>
        (await write(...args)).map((file) => ({ ...file, rows: file.rows - 1, given: file.rows }));
      return session;
    },
  };
  const glue = new DynamicFrameContext({
    storage: fileStorage(),
    engine: losing,
    stagingRoot: join(folder, "staging"),
    threads: 1,
  });
  try {
    const other = glue.createDynamicFrame.fromRows([{ id: 1 }, { id: 2 }, { id: 3 }]);
    const frame = glue.createDynamicFrame.fromRows([{ k: 1 }, { k: 2 }, { k: 4 }]).join("k", "id", other);
    const report = await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(folder, "out") },
      format: "json",
    });
    expect([report.read, report.written, report.balanced]).toEqual([2, 1, false]);
    expect(report.files.every((file) => !("given" in file))).toBe(true);
  } finally {
    await glue.close();
    await rm(folder, { recursive: true, force: true });
  }
});
