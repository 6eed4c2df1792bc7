/** Results as the server may send them: packed batches, VARIANT, batches in parts, a row of 200 MB. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlPlan } from "../../../src/engine/spark/connect/client.js";
import type { Row } from "../../../src/types/value.js";
import { SparkWorkspace } from "../../../src/engine/spark/workspace.js";
import { SparkSession } from "../../../src/engine/spark/session.js";
import { parseAddress, type ServerAddress } from "../../../src/engine/spark/connect/address.js";
import { startLocalServer, type LocalServer } from "../../../src/engine/spark/local/local-server.js";
import { fileStorage } from "../../../src/storage/file.js";
import { describeSpark, openSpark, sparkAddress, type OpenedSpark } from "./spark-server.js";

const everyType = (
  rows: number,
): string => `select id, cast(id as double) / 3 as d, cast(id as decimal(38, 10)) as dec, if(id % 7 = 0, null, repeat('x', cast(id % 50 as int))) as s,
  array(id, null, id + 1) as a, named_struct('b', id % 2 = 0, 't', timestamp_micros(id * 1000003)) as n, map('k', id) as m, date_add(date'1970-01-01', cast(id as int)) as day from range(0, ${rows}, 1, 3)`;

describeSpark("results", () => {
  let opened: OpenedSpark;
  let local: LocalServer | undefined;
  let address: ServerAddress;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaframe-results-"));
    if (!sparkAddress.startsWith("sc://")) local = await startLocalServer();
    address = local?.address ?? parseAddress(sparkAddress);
    opened = await openSpark();
  });
  afterAll(async () => {
    await opened.close();
    await local?.release();
    await rm(folder, { recursive: true, force: true });
  });

  async function rowsOf(sql: string, session = opened.session): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const batch of (await session.sql(sql, new Map())).rows()) rows.push(...batch);
    return rows;
  }

  // the server's own packer of LZ4 is very slow: seconds for a megabyte
  test.each([
    ["zstd", 20_000],
    ["lz4", 500],
  ])("batches packed by %s are those that are not", async (codec, count) => {
    const workspace = await SparkWorkspace.open(address, {
      storage: fileStorage(),
      stagingDirectory: join(folder, codec),
    });
    const session = new SparkSession(workspace);
    try {
      await workspace.client.setConfig({ "spark.sql.execution.arrow.compression.codec": codec });
      const [packed, plain] = [await rowsOf(everyType(count), session), await rowsOf(everyType(count))];
      expect(packed.length).toBe(count);
      expect(packed).toEqual(plain);
    } finally {
      await session.close();
    }
  });

  test("VARIANT is JSON text, wherever it is", async () => {
    expect(
      await rowsOf(`select parse_json('{"b":[1,2.5,"x"],"a":null}') as v, array(parse_json('1'), parse_json('"t"'), null) as list,
      named_struct('in', parse_json('true'), 'n', 1) as s, map('k', parse_json('[]')) as m, cast(null as variant) as nothing, parse_json('null') as json_null,
      cast(null as struct<v: variant>) as no_struct`),
    ).toEqual([
      {
        v: '{"a":null,"b":[1,2.5,"x"]}',
        list: ["1", '"t"', null],
        s: { in: "true", n: 1 },
        m: new Map([["k", "[]"]]),
        nothing: null,
        json_null: "null",
        no_struct: null,
      },
    ]);
  });

  test("a batch that comes in parts is whole", async () => {
    const workspace = await SparkWorkspace.open(address, {
      storage: fileStorage(),
      stagingDirectory: join(folder, "parts"),
    });
    const session = new SparkSession(workspace);
    try {
      await workspace.client.setConfig({ "spark.connect.session.resultChunking.maxChunkSize": "1024" });
      const parts: bigint[] = [];
      for await (const { responseType } of workspace.client.execute(sqlPlan("select repeat('y', 100000) as s"))) {
        if (responseType.case === "arrowBatch") parts.push(responseType.value.numChunksInBatch ?? 1n);
      }
      expect(parts.length).toBeGreaterThan(10);
      expect(await rowsOf(everyType(5000), session)).toEqual(await rowsOf(everyType(5000)));
    } finally {
      await session.close();
    }
  });
});
