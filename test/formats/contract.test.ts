/**
 * What every format must do: the same records in, the same ledger, the same rows out. A new format is a line in
 * FORMATS, and in the registry: one that is there and not here fails.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import avsc from "avsc";
import type { FormatName, FormatOptions, ScanContext } from "../../src/formats/index.js";
import { formatNames, formatOf } from "../../src/formats/registry.js";
import type { FileLedger } from "../../src/shapes/ledger.js";
import { ledgerType } from "../../src/shapes/ledger-type.js";
import { mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import { fileStorage } from "../../src/storage/file.js";
import type { FileRef } from "../../src/storage/index.js";
import { INT, STRING, structOf } from "../../src/types/data-type.js";
import { batchReader } from "../../src/types/record-batch.js";
import { duckdb } from "../bad-input/world.js";

type Entry = {
  readonly options: FormatOptions;
  readonly write: (path: string, records: readonly Person[]) => Promise<void> | void;
  /** False where the bytes alone do not tell. */ readonly isDetected: boolean;
};
type Person = { readonly id: number; readonly name: string };

const text = (
  path: string,
  records: readonly Person[],
  line: (record: Person) => string,
  head = "",
  tail = "",
): void => {
  writeFileSync(path, `${head}${records.map(line).join("")}${tail}`);
};
const FORMATS: { readonly [name in Exclude<FormatName, "orc">]: Entry } = {
  json: {
    options: {},
    isDetected: true,
    write: (path, records) => {
      text(path, records, (record) => `${JSON.stringify(record)}\n`);
    },
  },
  csv: {
    options: { withHeader: true, inferTypes: true },
    isDetected: true,
    write: (path, records) => {
      text(path, records, ({ id, name }) => `${id},${name}\n`, "id,name\n");
    },
  },
  xml: {
    options: { rowTag: "row" },
    isDetected: true,
    write: (path, records) => {
      text(path, records, ({ id, name }) => `<row><id>${id}</id><name>${name}</name></row>\n`, "<rows>", "</rows>");
    },
  },
  grokLog: {
    options: { logFormat: "%{NUMBER:id:int} %{WORD:name}" },
    isDetected: false,
    write: (path, records) => {
      text(path, records, ({ id, name }) => `${id} ${name}\n`);
    },
  },
  parquet: {
    options: {},
    isDetected: true,
    write: async (path, records) =>
      void (await duckdb(
        `copy (select id::int as id, name from (values ${records.map(({ id, name }) => `(${id}, '${name}')`).join()}) t(id, name)) to '${path}' (format parquet)`,
      )),
  },
  avro: {
    options: {},
    isDetected: true,
    write: async (path, records) => {
      const encoder = new avsc.streams.BlockEncoder({
        type: "record",
        name: "person",
        fields: [
          { name: "id", type: "int" },
          { name: "name", type: "string" },
        ],
      });
      for (const record of records) encoder.write(record);
      encoder.end();
      writeFileSync(path, Buffer.concat(await all<Uint8Array>(encoder)));
    },
  },
};

const PEOPLE: readonly (readonly Person[])[] = [
  [
    { id: 1, name: "Ada" },
    { id: 2, name: "Bo" },
  ],
  [{ id: 3, name: "Cy" }],
];
const TYPE = structOf({ id: INT, name: STRING });

let folder: string;
let scanned: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-format-"));
  scanned = 0;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const context = (more: Partial<ScanContext> = {}): ScanContext => ({
  storage: fileStorage(),
  workers: 1,
  onBytesScanned: (bytes) => {
    scanned += bytes;
  },
  ...more,
});
async function filesOf({ write }: Entry): Promise<readonly FileRef[]> {
  const refs: FileRef[] = [];
  for (const [i, records] of PEOPLE.entries()) {
    const path = join(folder, `people-${i}`);
    await write(path, records);
    const ref = await fileStorage().stat(path);
    if (ref !== undefined) refs.push(ref);
  }
  return refs;
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("every format of the registry is here", () => {
  expect(Object.keys(FORMATS).sort()).toEqual([...formatNames()].sort());
});

describe.each(Object.entries(FORMATS))("%s", (name, entry) => {
  const format = formatOf(name);
  const { options } = entry;

  test("its name, its options, and how it is known by its bytes", async () => {
    expect(format.name).toBe(name);
    expect(() => {
      format.checkOptions({ ...options, "no such option": 1 });
    }).toThrow(expect.objectContaining({ code: "BAD_OPTION", path: "no such option" }) as Error);
    const [file] = await filesOf(entry);
    expect(format.detect(readFileSync(file?.path ?? ""), file?.path ?? "")).toBe(entry.isDetected);
    expect(format.detect(Buffer.from([0, 1, 2, 3, 255, 254, 0, 0]), "x")).toBe(false);
  });

  test("one ledger for each file, in their order; together they have the type of the records", async () => {
    const files = await filesOf(entry);
    const ledgers: FileLedger[] = await all(format.scan(files, options, context()));
    expect(
      ledgers.map(({ file, records, malformed, etag, size }) => ({ file, records, malformed, etag, size })),
    ).toEqual(
      files.map(({ path, etag, size }, i) => ({ file: path, records: PEOPLE[i]?.length, malformed: 0, etag, size })),
    );
    expect(ledgerType(mergeLedgers(ledgers))).toEqual(TYPE);
    expect(scanned).toBeGreaterThan(0);
  });

  test("staged, and in batches, the records come in their order", async () => {
    const files = await filesOf(entry);
    const directory = mkdtempSync(join(folder, "staged-"));
    if (name === "parquet") {
      // engines read it as it is
      await expect(format.stage(files, options, TYPE, "nested", { ...context(), directory })).rejects.toMatchObject({
        code: "UNSUPPORTED",
      });
      return;
    }
    const { tables, records, malformed } = await format.stage(files, options, TYPE, "nested", {
      ...context(),
      directory,
    });
    expect([records, malformed, tables.map(({ domain, rows }) => [domain, rows])]).toEqual([3, 0, [["", 3]]]);
    const staged = tables
      .flatMap((table) => table.files)
      .map((path) => `'${path}'`)
      .join();
    expect(
      (await duckdb(`select id, name from read_parquet([${staged}]) order by id`)).map(({ id, name: who }) => ({
        id: Number(id),
        name: who,
      })),
    ).toEqual(PEOPLE.flat());
    if (format.batches === undefined) return;
    const read = batchReader(TYPE);
    const batches = await all(format.batches(files, options, TYPE, context()));
    expect(batches.flatMap(read)).toEqual(PEOPLE.flat());
  });

  test("a file that is not what was listed, and a signal, end the scan", async () => {
    const files = await filesOf(entry);
    await expect(
      all(format.scan(files, options, context({ signal: AbortSignal.abort(new Error("no more")) }))),
    ).rejects.toThrow("no more");
    appendFileSync(files[1]?.path ?? "", "\n");
    await expect(all(format.scan(files, options, context()))).rejects.toMatchObject({
      code: "SOURCE_CHANGED",
      file: files[1]?.path,
    });
    rmSync(files[0]?.path ?? "");
    await expect(all(format.scan(files, options, context()))).rejects.toMatchObject({
      code: expect.stringMatching(/^(SOURCE_VANISHED|PATH_NOT_FOUND)$/) as string,
      file: files[0]?.path,
    });
  });
});
