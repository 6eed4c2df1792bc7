/** forEachBatch over folders and streams of records: nothing committed is repeated, nothing is lost. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamicFrame, GlueContext, type DataFrame, type StreamRecord } from "../../../src/index.js";

let root: string;
let glue: GlueContext;
const warnings: string[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dynaframe-stream-"));
  warnings.length = 0;
  glue = await open();
});
afterEach(async () => {
  await glue.close();
  await rm(root, { recursive: true, force: true });
});

const open = (engine = "duckdb"): Promise<GlueContext> =>
  GlueContext.open({
    catalog: join(root, "catalog"),
    engine,
    threads: 1,
    onWarning: (code) => {
      warnings.push(code);
    },
  });
const folder = (): string => join(root, "in");
const options = (more: object = {}) => ({
  windowSize: "20 milliseconds",
  checkpointLocation: join(root, "checkpoint"),
  availableNow: true,
  ...more,
});

/** As a producer should: the file appears whole. */
async function arrive(name: string, ...records: readonly object[]): Promise<void> {
  await mkdir(folder(), { recursive: true });
  await writeFile(join(root, name), records.map((r) => `${JSON.stringify(r)}\n`).join(""));
  await rename(join(root, name), join(folder(), name));
}

const files = (context = glue, more: object = {}): DataFrame =>
  context.createDataFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: folder(), ...more },
    format: "json",
  });

async function written(path = join(root, "out")): Promise<number[]> {
  const names = (await readdir(path).catch(() => [])).filter((name) => !name.startsWith("."));
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), "utf8")));
  return texts
    .flatMap((text) =>
      text
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { id: number }).id),
    )
    .sort((a, b) => a - b);
}

const write = (frame: DynamicFrame, context = glue): Promise<unknown> =>
  context.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path: join(root, "out") },
    format: "json",
  });
const frames = (context = glue): DynamicFrame =>
  context.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: folder() },
    format: "json",
  });

test.each(["duckdb", "reference"])(
  "%s: each batch has the files that came since, under the next number, also in another process' context",
  async (engine) => {
    const seen: (readonly [number, number[]])[] = [];
    const pass = async (context: GlueContext): Promise<void> => {
      await context.forEachBatch({
        frame: files(context),
        options: options(),
        batchFunction: async (df, batchId) => {
          seen.push([batchId, (await df.rows()).map((r) => Number(r["id"]))]);
        },
      });
    };
    const first = await open(engine);
    await arrive("a.json", { id: 1 }, { id: 2 });
    await pass(first);
    await pass(first);
    await arrive("b.json", { id: 3 });
    await pass(first);
    await first.close();
    const second = await open(engine);
    await arrive("c.json", { id: 4 });
    await arrive("d.json", { id: 5 });
    await pass(second);
    await second.close();
    expect(seen).toEqual([
      [0, [1, 2]],
      [1, [3]],
      [2, [4, 5]],
    ]);
  },
);

test("a folder that is not there is an error, which tells what would wait for it", async () => {
  const query = glue.forEachBatch({
    frame: files(),
    options: options({ availableNow: false }),
    batchFunction: () => undefined,
  });
  await expect(query).rejects.toMatchObject({
    code: "PATH_NOT_FOUND",
    file: folder(),
    hint: expect.stringContaining("waitForPaths: true"),
  });
});

test("once a batch was committed its folder may go, and come again", async () => {
  const seen: number[] = [];
  const pass = () =>
    glue.forEachBatch({
      frame: files(),
      options: options(),
      batchFunction: async (df) => {
        seen.push(await df.count());
      },
    });
  await arrive("a.json", { id: 1 });
  await pass();
  await rm(folder(), { recursive: true });
  expect(await pass()).toMatchObject({ batches: 0, reason: "ended" });
  await arrive("b.json", { id: 2 }, { id: 3 });
  await pass();
  expect(seen).toEqual([1, 2]);
});

test("a folder that is empty is waited for", async () => {
  await mkdir(folder());
  const query = glue.forEachBatch({
    frame: files(),
    options: options({ availableNow: false }),
    batchFunction: () => {
      void query.stop();
    },
  });
  await arrive("late.json", { id: 1 });
  expect(await query).toMatchObject({ batches: 1 });
});

test("error records are told to the function and by the report, batch by batch, where a DataFrame does not show them", async () => {
  await mkdir(folder());
  await writeFile(join(folder(), "a.json"), '{ broken\n{"id":1}\nalso broken\n');
  await writeFile(join(folder(), "b.json"), '{"id":2}\n');
  await writeFile(join(folder(), "c.json"), '{"id":\n');
  const told: unknown[] = [];
  const report = await glue.forEachBatch({
    frame: files(glue, { boundedFiles: "1" }),
    options: options(),
    batchFunction: async (df, batchId, { errors }) => {
      told.push([batchId, errors, await df.count()]);
    },
  });
  expect(told).toEqual([
    [0, 2, 1],
    [1, 0, 1],
    [2, 1, 0],
  ]);
  expect(report).toEqual({
    batches: 3,
    lastBatchId: 2,
    reason: "ended",
    errors: 3,
    errorBatches: [
      { batchId: 0, errors: 2 },
      { batchId: 2, errors: 1 },
    ],
  });
});

test("with waitForPaths a folder that is not there yet is waited for", async () => {
  const seen: number[] = [];
  const query = glue.forEachBatch({
    frame: files(),
    options: options({ availableNow: false, waitForPaths: true }),
    batchFunction: async (df) => {
      seen.push(await df.count());
      void query.stop();
    },
  });
  await arrive("late.json", { id: 1 }, { id: 2 }, { id: 3 });
  expect(await query).toEqual({ batches: 1, lastBatchId: 0, reason: "stopped", errors: 0, errorBatches: [] });
  expect(seen).toEqual([3]);
});

test("a file that is rewritten is new; one that is only touched by listing is not", async () => {
  const seen: number[] = [];
  const pass = () =>
    glue.forEachBatch({
      frame: files(),
      options: options(),
      batchFunction: async (df) => {
        seen.push(await df.count());
      },
    });
  await arrive("a.json", { id: 1 });
  await pass();
  await arrive("a.json", { id: 1 }, { id: 2 });
  await pass();
  await pass();
  expect(seen).toEqual([1, 2]);
});

test("the signal ends it, and the batch that it broke off is read again by the next start", async () => {
  await arrive("a.json", { id: 1 });
  const stop = new AbortController();
  const report = await glue.forEachBatch({
    frame: files(),
    signal: stop.signal,
    options: options(),
    batchFunction: () => {
      stop.abort();
      throw new Error("interrupted");
    },
  });
  expect(report).toEqual({ batches: 0, lastBatchId: undefined, reason: "stopped", errors: 0, errorBatches: [] });
  const seen: (readonly [number, number])[] = [];
  await glue.forEachBatch({
    frame: files(),
    options: options(),
    batchFunction: async (df, id) => {
      seen.push([id, await df.count()]);
    },
  });
  expect(seen).toEqual([[0, 1]]);
});

test("what a batch wrote is taken away when its function fails, and the batch is tried again", async () => {
  await arrive("a.json", { id: 1 }, { id: 2 });
  let attempts = 0;
  await glue.forEachBatch({
    frame: frames(),
    options: options({ batchMaxRetries: "1" }),
    batchFunction: async (frame, batchId) => {
      await write(frame);
      expect([batchId, await written()]).toEqual([0, []]);
      if (++attempts === 1) throw new Error("the network");
    },
  });
  expect([attempts, await written(), warnings]).toEqual([2, [1, 2], ["BATCH_RETRIED"]]);
  expect((await readdir(root)).filter((name) => name.includes("staging"))).toEqual([]);
});

test("an error that stays is thrown, and nothing of its batch is there or remembered", async () => {
  await arrive("a.json", { id: 1 });
  const failing = glue.forEachBatch({
    frame: frames(),
    options: options({ batchMaxRetries: 0 }),
    batchFunction: async (frame) => {
      await write(frame);
      throw new Error("bad");
    },
  });
  await expect(failing).rejects.toThrow("bad");
  expect(await written()).toEqual([]);
  await glue.forEachBatch({ frame: frames(), options: options(), batchFunction: (frame) => write(frame) });
  expect(await written()).toEqual([1]);
});

test("the steps of the frame are run over each batch, choices and errors included", async () => {
  await arrive("a.json", { id: 1, v: 1 }, { id: 2, v: "x" });
  await writeFile(join(folder(), "b.json"), '{ broken\n{"id":3,"v":7}\n');
  const told: unknown[] = [];
  await glue.forEachBatch({
    frame: frames()
      .resolveChoice({ specs: [["v", "cast:long"]] })
      .filter((r) => r["id"] !== 1),
    options: options(),
    batchFunction: async (frame) => {
      told.push(await frame.errorsCount(), (await frame.records()).map((r) => [r["id"], r["v"]]).sort());
    },
  });
  expect(told).toEqual([
    1,
    [
      [2, null],
      [3, 7],
    ],
  ]);
});

test("a batch may lack a field that the plan names", async () => {
  await arrive("a.json", { id: 1 });
  const told: unknown[] = [];
  const frame = frames().resolveChoice({ specs: [["v", "cast:long"]] });
  await expect(frame.count()).rejects.toMatchObject({ code: "UNKNOWN_PATH" });
  await glue.forEachBatch({
    frame,
    options: options(),
    batchFunction: async (batch) => {
      told.push(await batch.records());
    },
  });
  expect(told).toEqual([[{ id: 1 }]]);
});

test("relationalize goes on numbering where the batch before ended", async () => {
  const keys: unknown[] = [];
  const pass = () =>
    glue.forEachBatch({
      frame: frames(),
      options: options(),
      batchFunction: async (frame) => {
        keys.push(
          ...(await frame.relationalize("t", undefined, { transformationCtx: "rel" }).select("t_l").records()).map(
            (r) => r["id"],
          ),
        );
      },
    });
  await arrive("a.json", { id: 1, l: [1] }, { id: 2, l: [2] });
  await pass();
  await arrive("b.json", { id: 3, l: [3] });
  await pass();
  expect(keys.sort()).toEqual([1, 2, 3]);
});

test("boundedFiles is what one batch takes, the oldest first", async () => {
  for (let i = 0; i < 5; i++) await arrive(`f${i}.json`, { id: i });
  const seen: number[][] = [];
  await glue.forEachBatch({
    frame: files(glue, { boundedFiles: "2" }),
    options: options(),
    batchFunction: async (df) => {
      seen.push((await df.rows()).map((r) => Number(r["id"])));
    },
  });
  expect(seen.map((ids) => ids.length)).toEqual([2, 2, 1]);
  expect(seen.flat().sort()).toEqual([0, 1, 2, 3, 4]);
});

test("many batches are gathered into one record, and none is read again", async () => {
  const seen: number[] = [];
  const pass = (context: GlueContext) =>
    context.forEachBatch({
      frame: files(context, { boundedFiles: "1" }),
      options: options({ persistDataFrame: "false", storageLevel: "MEMORY_ONLY" }),
      batchFunction: async (df) => {
        seen.push(...(await df.rows()).map((r) => Number(r["id"])));
      },
    });
  for (let i = 0; i < 40; i++) await arrive(`f${String(i).padStart(2, "0")}.json`, { id: i });
  await pass(glue);
  await arrive("z.json", { id: 40 });
  const report = await pass(glue);
  expect([report.batches, report.lastBatchId, seen.sort((a, b) => a - b)]).toEqual([
    1,
    40,
    Array.from({ length: 41 }, (_, i) => i),
  ]);
  expect((await readdir(join(root, "checkpoint", "batches"))).length).toBeLessThan(25);
});

test("what the batches staged does not pile up", async () => {
  const staged: number[] = [];
  for (let i = 0; i < 4; i++) await arrive(`f${i}.json`, { id: i });
  await glue.forEachBatch({
    frame: files(glue, { boundedFiles: "1" }),
    options: options(),
    batchFunction: async (df) => {
      await df.count();
      const mine = (await readdir(join(root, "catalog", "staging"))).filter((name) =>
        name.startsWith(`${process.pid}-`),
      );
      const names = await Promise.all(mine.map((name) => readdir(join(root, "catalog", "staging", name))));
      staged.push(names.flat().filter((name) => name.startsWith("scan-")).length);
    },
  });
  expect(staged).toEqual([1, 1, 1, 1]);
});

describe("a stream of records", () => {
  /** `partitions` of records; a finite one ends. */
  const streamOf = (partitions: Readonly<Record<string, readonly (object | string)[]>>) => ({
    name: "broker:orders",
    async *read(after: ReadonlyMap<string, string>): AsyncGenerator<StreamRecord> {
      for (const [partition, values] of Object.entries(partitions)) {
        for (let at = after.has(partition) ? Number(after.get(partition)) + 1 : 0; at < values.length; at++)
          yield { partition, offset: BigInt(at), value: values[at] ?? {} };
      }
    },
  });
  const from = (stream: ReturnType<typeof streamOf>, more: object = {}) =>
    glue.createDataFrame.fromOptions({ connectionType: "stream", connectionOptions: { stream }, ...more });

  test("goes on after the offsets that were committed", async () => {
    const seen: unknown[] = [];
    const pass = (stream: ReturnType<typeof streamOf>) =>
      glue.forEachBatch({
        frame: from(stream),
        options: options(),
        batchFunction: async (df) => {
          seen.push((await df.rows()).map((r) => r["id"]));
        },
      });
    expect(await pass(streamOf({ a: [{ id: 1 }, { id: 2 }], b: [{ id: 3 }] }))).toMatchObject({
      batches: 1,
      lastBatchId: 0,
      reason: "ended",
    });
    await pass(streamOf({ a: [{ id: 1 }, { id: 2 }, { id: 4 }], b: [{ id: 3 }], c: [{ id: 5 }] }));
    expect(seen).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  test("a batch that was broken off is the same one again, whatever has come since", async () => {
    const broken = glue.forEachBatch({
      frame: from(streamOf({ a: [{ id: 1 }, { id: 2 }] })),
      options: options({ batchMaxRetries: 0 }),
      batchFunction: () => {
        throw new Error("no");
      },
    });
    await expect(broken).rejects.toThrow("no");
    const seen: unknown[] = [];
    await glue.forEachBatch({
      frame: from(streamOf({ a: [{ id: 1 }, { id: 2 }, { id: 3 }], b: [{ id: 9 }] })),
      options: options(),
      batchFunction: async (df, id) => {
        seen.push([id, (await df.rows()).map((r) => r["id"])]);
      },
    });
    expect(seen).toEqual([
      [0, [1, 2]],
      [1, [3, 9]],
    ]);
  });

  test("offsets that the stream has no more are told", async () => {
    const broken = glue.forEachBatch({
      frame: from(streamOf({ a: [{ id: 1 }] })),
      options: options({ batchMaxRetries: 0 }),
      batchFunction: () => {
        throw new Error("no");
      },
    });
    await expect(broken).rejects.toThrow("no");
    await expect(
      glue.forEachBatch({ frame: from(streamOf({})), options: options(), batchFunction: () => undefined }),
    ).rejects.toMatchObject({ code: "STREAM_OFFSETS_LOST" });
  });

  test("texts of JSON go through the scanner: exact types, malformed ones counted", async () => {
    const told: unknown[] = [];
    await glue.forEachBatch({
      frame: from(streamOf({ a: ['{"id":9007199254740993}', "{oops", '{"id":\n 2}'] }), { format: "json" }),
      options: options(),
      batchFunction: async (df) => {
        told.push(
          (await df.rows()).map((r) => String(r["id"])),
          (await df.environment.resolve(df.node)).errors.map(({ count }) => count),
        );
      },
    });
    expect(told).toEqual([["9007199254740993", "2"], [1]]);
  });

  test("what no text can hold is told: bytes that are not UTF-8, half a surrogate pair", async () => {
    const told: unknown[] = [];
    const values = [
      Buffer.from([0xff, 0xfe, 0x7b, 0x00]),
      Buffer.from('{"s":"\u{1f600}"}'),
      Buffer.concat([Buffer.from('{"s":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
      '{"s":"\ud83d"}',
    ];
    await glue.forEachBatch({
      frame: from(streamOf({ a: values }), { format: "json" }),
      options: options(),
      batchFunction: async (df) => {
        told.push(
          (await df.rows()).map((r) => r["s"]),
          (await df.environment.resolve(df.node)).errors.map(({ count }) => count),
          (await DynamicFrame.fromDF(df, glue, "told").hazards()).LONE_SURROGATE?.count,
        );
      },
    });
    expect(told).toEqual([["\u{1f600}", "\ufffd"], [2], 1]);
  });

  test("no more than maxRecordsPerBatch are held: the stream waits", async () => {
    let given = 0;
    const stream = {
      name: "long",
      async *read(): AsyncGenerator<StreamRecord> {
        for (; given < 25; given++) yield { offset: given, value: { id: given } };
      },
    };
    const sizes: number[] = [];
    await glue.forEachBatch({
      frame: glue.createDataFrame.fromOptions({
        connectionType: "stream",
        connectionOptions: { stream, maxRecordsPerBatch: 10 },
      }),
      options: options(),
      batchFunction: async (df) => {
        sizes.push(await df.count());
        expect(given).toBeLessThanOrEqual(sizes.length * 10 + 10);
      },
    });
    expect(sizes).toEqual([10, 10, 5]);
  });

  test("an error of the stream is thrown after what came before it was committed", async () => {
    const seen: number[] = [];
    const stream = {
      name: "breaks",
      async *read(): AsyncGenerator<StreamRecord> {
        yield { offset: 0, value: { id: 0 } };
        throw new Error("broker gone");
      },
    };
    const query = glue.forEachBatch({
      frame: glue.createDataFrame.fromOptions({ connectionType: "stream", connectionOptions: { stream } }),
      options: options(),
      batchFunction: async (df) => {
        seen.push(await df.count());
      },
    });
    await expect(query).rejects.toThrow("broker gone");
    expect(seen).toEqual([1]);
  });

  test("it is not read outside of forEachBatch, and brokers are refused by name", async () => {
    await expect(from(streamOf({})).count()).rejects.toMatchObject({ code: "STREAM_ONLY" });
    expect(() =>
      glue.createDataFrame.fromOptions({ connectionType: "kinesis", connectionOptions: {}, format: "json" } as never),
    ).toThrow(/no client of kinesis/);
  });
});

describe("what is refused", () => {
  const call = (request: object) =>
    glue.forEachBatch({ frame: files(), batchFunction: () => undefined, options: options(), ...request } as never);

  test.each([
    [{ windowSize: "soon" }],
    [{ windowSize: "20" }],
    [{ checkpointLocation: undefined }],
    [{ batchMaxRetries: 101 }],
    [{ batchMaxRetries: "few" }],
    [{ checkpointlocation: "x" }],
    [{ persistDataFrame: 1 }],
    [{ waitForPaths: "yes" }],
  ])("options %j", async (more) => {
    await expect(call({ options: options(more) })).rejects.toMatchObject({ code: "BAD_OPTION" });
  });

  test("what is no function", async () => {
    await expect(call({ batchFunction: "print" })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  test("frames that read nothing that grows, or two things", async () => {
    await expect(call({ frame: glue.createDynamicFrame.fromRows([{ id: 1 }]) })).rejects.toMatchObject({
      code: "NOT_CONTINUOUS",
    });
    await expect(
      call({
        frame: frames().union(
          glue.createDynamicFrame.fromOptions({
            connectionType: "file",
            connectionOptions: { path: root },
            format: "json",
          }),
        ),
      }),
    ).rejects.toMatchObject({ code: "NOT_CONTINUOUS" });
  });

  test("a checkpoint of another source, one in use, one that is damaged", async () => {
    await arrive("a.json", { id: 1 });
    await glue.forEachBatch({
      frame: files(),
      options: options(),
      batchFunction: async () => {
        await expect(call({})).rejects.toMatchObject({ code: "CHECKPOINT_IN_USE" });
      },
    });
    await expect(
      call({
        frame: glue.createDataFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { path: folder() },
          format: "csv",
        }),
      }),
    ).rejects.toMatchObject({ code: "CHECKPOINT_MISMATCH" });
    await writeFile(join(root, "checkpoint", "batches", "000000000000.commit.json"), "{");
    await expect(call({})).rejects.toMatchObject({ code: "CHECKPOINT_DAMAGED" });
  });
});
