/**
 * Files scanned and shredded on the executors: the ledgers and rows that this process makes, whole; and what happens
 * where executors cannot.
 */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { EngineEnvironment } from "../../../src/engine/index.js";
import { startLocalServer, type LocalServer } from "../../../src/engine/spark/local/local-server.js";
import { SparkWorkspace } from "../../../src/engine/spark/workspace.js";
import type { ScanContext, StageResult } from "../../../src/formats/index.js";
import { formatOf } from "../../../src/formats/registry.js";
import type { FileLedger } from "../../../src/shapes/ledger.js";
import { mergeLedgers } from "../../../src/shapes/merge-ledgers.js";
import { ledgerType } from "../../../src/shapes/ledger-type.js";
import type { TaskCluster } from "../../../src/shapes/task-cluster.js";
import { fileStorage } from "../../../src/storage/file.js";
import type { FileRef } from "../../../src/storage/index.js";
import type { StructType } from "../../../src/types/data-type.js";
import { GlueContext } from "../../../src/index.js";
import { seen } from "../../dynamicframe/drifting-lines.js";
import { describeSpark } from "./spark-server.js";

const storage = fileStorage();
const WORK = { worthAbove: 0, shareBytes: 256 << 10 };

describeSpark("scanning on the executors", () => {
  let folder: string;
  let server: LocalServer;
  let workspace: SparkWorkspace;
  let warnings: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaframe-executors-"));
    server = await startLocalServer();
    warnings = [];
    const environment: EngineEnvironment = {
      storage,
      stagingDirectory: join(folder, "staging"),
      onWarning: (code, message) => {
        warnings.push(`${code} ${message}`);
      },
    };
    workspace = await SparkWorkspace.open(server.address, environment, { clusterWork: WORK, release: server.release });
    await writeFiles(folder);
  });
  afterAll(async () => {
    await workspace.close();
    await rm(folder, { recursive: true, force: true });
  });

  const executors = (): TaskCluster => {
    if (workspace.executors === undefined) throw new Error("a session with executors");
    return workspace.executors;
  };
  const refs = async (path: string): Promise<readonly FileRef[]> => {
    const found: FileRef[] = [];
    for await (const ref of storage.list(join(folder, path))) found.push(ref);
    return found;
  };
  const ledgers = async (
    format: "json" | "csv",
    files: readonly FileRef[],
    context: Partial<ScanContext>,
  ): Promise<readonly FileLedger[]> => {
    const found: FileLedger[] = [];
    for await (const ledger of formatOf(format).scan(files, {}, { storage, workers: 1, ...context }))
      found.push(ledger);
    return found;
  };

  it.each(["json", "csv"] as const)(
    "ledgers of %s files are those of this process: counts, first places, malformed records, shapes, hazards",
    async (format) => {
      const files = await refs(format);
      let asked = 0;
      let bytes = 0;
      const cluster: TaskCluster = {
        ...WORK,
        refuse: (why) => {
          throw new Error(why);
        },
        run: (...work) => {
          asked += work[1].length;
          return executors().run(...work);
        },
      };
      const [here, there] = [
        await ledgers(format, files, {}),
        await ledgers(format, files, {
          cluster,
          onBytesScanned: (count) => {
            bytes += count;
          },
        }),
      ];
      expect(asked).toBeGreaterThan(format === "json" ? 4 : 0);
      expect(bytes).toBe(files.reduce((sum, { size }) => sum + size, 0));
      expect(plain(there)).toEqual(plain(here));
      expect(here.reduce((sum, { malformed }) => sum + malformed, 0)).toBeGreaterThan(0);
    },
    600_000,
  );

  it.each(["nested", "tables"] as const)(
    "staged %s: the same rows, numbers of rows that count on over all files, misfits",
    async (layout) => {
      const files = await refs("json");
      const type = ledgerType(mergeLedgers(await ledgers("json", files, {})));
      const narrowed: StructType = {
        ...type,
        fields: type.fields.map((f) => (f.name === "price" ? { ...f, type: { kind: "int" } } : f)),
      };
      const stage = async (name: string, cluster?: TaskCluster): Promise<StageResult> => {
        const directory = join(folder, `${layout}-${name}`);
        await mkdir(directory);
        return formatOf("json").stage(files, {}, narrowed, layout, {
          storage,
          workers: 1,
          directory,
          ...(cluster && { cluster }),
        });
      };
      const here = await stage("here");
      const there = await stage("there", executors());
      expect(there).toEqual({
        ...here,
        clusterTasks: expect.any(Number),
        tables: here.tables.map((table) => ({ ...table, files: expect.any(Array) })),
      });
      expect(here.misfits?.size).toBe(1);
      for (const [i, { files: own }] of here.tables.entries()) {
        const sums = async (paths: readonly string[]): Promise<unknown> => {
          const view = await workspace.parquetView(paths, undefined, {});
          return workspace.numbers(
            `SELECT count(*), CAST(sum(hash(*)) AS BIGINT), CAST(sum(xxhash64(*) % 1000000007) AS BIGINT) FROM ${view}`,
            {},
          );
        };
        expect(await sums(there.tables[i]?.files ?? [])).toEqual(await sums(own));
      }
    },
    600_000,
  );

  it("a file that executors do not see: the driver reads it, and says so once", async () => {
    const files = await refs("json");
    const environment: EngineEnvironment = {
      storage,
      stagingDirectory: join(folder, "staging-2"),
      onWarning: (code, message) => {
        warnings.push(`${code} ${message}`);
      },
    };
    const own = await startLocalServer();
    const other = await SparkWorkspace.open(own.address, environment, { clusterWork: WORK, release: own.release });
    try {
      const cluster = other.executors;
      if (cluster === undefined) throw new Error("a session with executors");
      // the executors are told of files that are nowhere
      const moved: TaskCluster = {
        ...WORK,
        refuse: (why) => {
          cluster.refuse(why);
        },
        run: (kind, inputs, hooks) =>
          cluster.run(kind, JSON.parse(JSON.stringify(inputs).replaceAll(folder, "/nowhere")) as typeof inputs, hooks),
      };
      const here = await ledgers("json", files, {});
      expect(plain(await ledgers("json", files, { cluster: moved }))).toEqual(plain(here));
      expect(plain(await ledgers("json", files, { cluster: moved }))).toEqual(plain(here));
      expect(warnings).toEqual([expect.stringMatching(/^SPARK_EXECUTORS_UNUSED .*nowhere/)]);
    } finally {
      await other.close();
    }
  }, 600_000);
});

describeSpark("frames over files that the executors read", () => {
  it("have the types and rows of DuckDB's, relationalized too; explain() says who read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dynaframe-executors-"));
    process.env["DYNAFRAME_SPARK_EXECUTORS"] = "0";
    const open = (engine: string): Promise<GlueContext> =>
      GlueContext.open({ catalog: join(folder, engine), engine, threads: 2 });
    const [spark, duckdb] = [await open("spark-local"), await open("duckdb")];
    try {
      await writeFile(join(folder, "a.json"), Array.from({ length: 500 }, (_, i) => record(i)).join("\n"));
      const seenBy = async (glue: GlueContext): Promise<unknown> => {
        const frame = glue.createDynamicFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { path: join(folder, "a.json") },
          format: "json",
        });
        return Promise.all((await frame.resolveChoice({ choice: "make_cols" }).relationalize("t").values()).map(seen));
      };
      expect(await seenBy(spark)).toEqual(await seenBy(duckdb));
      const frame = spark.createDynamicFrame
        .fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, "a.json") }, format: "json" })
        .selectFields(["id"]);
      expect(await frame.count()).toBe(499);
      expect(String(await frame.explain())).toMatch(/staged nested by 1 tasks of the executors/);
    } finally {
      delete process.env["DYNAFRAME_SPARK_EXECUTORS"];
      await spark.close();
      await duckdb.close();
      await rm(folder, { recursive: true, force: true });
    }
  }, 600_000);
});

/** Trees are read through getters: as plain values. */
const plain = (ledgers: readonly FileLedger[]): unknown =>
  ledgers.map((ledger) => JSON.parse(JSON.stringify({ ...ledger, root: ledger.root })) as unknown);

async function writeFiles(folder: string): Promise<void> {
  for (const name of ["json", "csv"]) await mkdir(join(folder, name));
  const lines = Array.from({ length: 20_000 }, (_, i) => record(i));
  // of several ranges, and so tasks
  await writeFile(join(folder, "json", "a.json"), `${lines.join("\n")}\n`);
  await writeFile(
    join(folder, "json", "b.json.gz"),
    gzipSync(`${lines.slice(0, 5000).join("\n")}\n{"late": {"x": [1, "two", {"deep": true}]}}\n`),
  );
  await writeFile(
    join(folder, "json", "c.json"),
    '[{"price": 12345678901234567890}, {"price": "free"}, {"price": 1.5e400}]',
  );
  await writeFile(join(folder, "csv", "a.csv"), 'id,name\n1,"x\ny"\n2,ü\n3,"open');
  await appendFile(join(folder, "csv", "b.csv"), "id,name\n1.5,true\n,\n");
}

function record(i: number): string {
  if (i % 5003 === 7) return `{"id": ${i}, "broken`;
  const price = i % 3 === 0 ? "12.50" : i % 3 === 1 ? "7" : '"n/a"';
  return `{"id": ${i}, "price": ${price}, "tags": [${i % 5 === 0 ? "" : `"t${i % 7}", ${i % 11}`}], "customer": {"name": "n${i % 1000}"${i % 50 === 0 ? ', "vip": true' : ""}}}`;
}
