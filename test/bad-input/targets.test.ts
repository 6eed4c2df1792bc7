/**
 * Targets that are there already, cannot be written or are full: the report or the error says so, and nothing partial
 * is left.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DynamicFrameCollection,
  GlueContext,
  type CollectionReport,
  type WriteMode,
  type WriteReport,
} from "../../src/index.js";
import { duckdb, openWorld, parquetRows, refused, text, type World } from "./world.js";

let world: World;
const mounts: string[] = [];
beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  // lazily: the store's driver lets go of its file when it is collected
  for (const mount of mounts.splice(0)) execFileSync("umount", ["--lazy", mount]);
  await world.close();
});

const rows = (n: number, from = 0): object[] =>
  Array.from({ length: n }, (_, i) => ({ i: from + i, s: `text ${from + i}` }));
const write = (
  records: readonly object[],
  path: string,
  mode?: WriteMode,
  format: "parquet" | "json" | "csv" | "avro" = "parquet",
): Promise<WriteReport> =>
  world.glue.writeDynamicFrame.fromOptions({
    frame: world.glue.createDynamicFrame.fromRows(records),
    connectionType: "file",
    connectionOptions: { path },
    format,
    ...(mode ? { mode } : {}),
  });
const names = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile())
    .map((f) => f.name);
const numbers = async (folder: string): Promise<number[]> =>
  (await parquetRows(folder)).map((r) => Number(r["i"])).sort((a, b) => a - b);
const upTo = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

test("append adds files, overwrite replaces them, ignore leaves them, error refuses them", async () => {
  const path = world.at("out");
  const first = await write(rows(3), path, "error");
  expect([first.read, first.written, first.balanced, first.skipped]).toEqual([3, 3, true, false]);
  expect((await write(rows(2, 3), path)).written).toBe(2);
  expect(await numbers(path)).toEqual(upTo(5));

  const before = names(path).sort();
  expect(await write(rows(9), path, "ignore")).toMatchObject({
    read: 0,
    written: 0,
    files: [],
    skipped: true,
    balanced: true,
  });
  expect(await refused(() => write(rows(9), path, "error"))).toMatchObject({ code: "TARGET_EXISTS", file: path });
  expect(names(path).sort()).toEqual(before);

  writeFileSync(join(path, "_SUCCESS"), "");
  const last = await write(rows(4, 100), path, "overwrite");
  expect([last.read, last.written, last.balanced]).toEqual([4, 4, true]);
  expect(names(path).filter((n) => n.endsWith(".parquet"))).toHaveLength(last.files.length);
  expect(names(path)).toContain("_SUCCESS");
});

test.each(["json", "csv"] as const)("overwrite of a folder by what was read from it: %s", async (format) => {
  const path = world.at("self");
  await write(rows(5), path, "append", format);
  const formatOptions = format === "csv" ? { withHeader: true } : {};
  const frame = world.glue.createDynamicFrame
    .fromOptions({ connectionType: "file", connectionOptions: { paths: [path] }, format, formatOptions })
    .filter((r) => Number(r["i"]) < 3);
  const report = await world.glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path },
    format,
    mode: "overwrite",
  });
  expect([report.read, report.written, report.filtered, report.balanced]).toEqual([5, 3, 2, true]);
  const lines = names(path).flatMap((n) => readFileSync(join(path, n), "utf8").trim().split("\n"));
  expect(lines).toEqual(
    format === "json"
      ? rows(3).map((r) => expect.stringContaining(`${String((r as { i: number }).i)}`) as string)
      : ["i,s", "0,text 0", "1,text 1", "2,text 2"],
  );
});

test("a write that fails half way leaves the old files as they were, in every mode", async () => {
  const path = world.at("out");
  await write(rows(3), path);
  world.write("data/a.json", '{"i":1}\n');
  for (const mode of ["append", "overwrite"] as const) {
    const frame = world.glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { paths: [world.at("data")] },
      format: "json",
    });
    await frame.schema();
    writeFileSync(world.at("data/a.json"), '{"i":1}\n{"i":2}\n');
    await refused(() =>
      world.glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path },
        format: "parquet",
        mode,
      }),
    );
    expect(await numbers(path)).toEqual(upTo(3));
    writeFileSync(world.at("data/a.json"), '{"i":1}\n');
  }
  expect(readdirSync(world.root).filter((n) => n.startsWith("."))).toEqual([]);
});

test("a target that is a file, or lies below one, is refused", async () => {
  const file = world.write("taken", "not a folder");
  for (const path of [file, join(file, "below")]) {
    const error = await refused(() => write(rows(1), path));
    expect(error.code).toMatch(/^(PATH_NOT_FOUND|TARGET_EXISTS|IS_A_FOLDER|NOT_A_FOLDER|WRITE_FAILED|IO_ERROR)$/);
    expect(readFileSync(file, "utf8")).toBe("not a folder");
  }
});

(process.platform === "linux" ? test : test.skip)(
  "a target where the system makes no folder, and says that the one above is not there, is refused",
  async () => {
    const error = await refused(() => write(rows(1), "/proc/dynaframe-target"));
    expect([error.code, error.file?.startsWith("/proc/")]).toEqual(["PATH_NOT_FOUND", true]);
  },
);

test("frames that relationalize names after keys of the data have folders below the target, whatever the keys spell", async () => {
  const keys = ["/../../evil", "..", "x/y", "x%2Fy", "back\\slash", "nul\u0000", "line\nbreak", "é [*]"];
  world.write(
    "spelled/a.json",
    `${JSON.stringify(Object.fromEntries(keys.map((key, i) => [key, Array.from({ length: i + 1 }, () => i)])))}\n`,
  );
  const frame = world.glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [world.at("spelled")] },
    format: "json",
  });
  const before = readdirSync(world.root).sort();
  const path = world.at("below", "deep");
  const report = await world.glue.writeDynamicFrame.fromOptions({
    frame: frame.relationalize("root"),
    connectionType: "file",
    connectionOptions: { path },
    format: "json",
  });
  if (!("tables" in report)) throw new Error("one report for several frames");
  expect(readdirSync(world.root).sort()).toEqual([...before, "below"].sort());
  expect(readdirSync(path).sort()).toEqual(
    [
      "root",
      "root_%2F..%2F..%2Fevil",
      "root_..",
      "root_back%5Cslash",
      "root_line%0Abreak",
      "root_nul%00",
      "root_x%252Fy",
      "root_x%2Fy",
      "root_é [*]",
    ].sort(),
  );
  keys.forEach((key, i) => {
    expect(report.tables[`root_${key}`]).toMatchObject({ read: i + 1, written: i + 1, balanced: true });
  });
});

/** A file system of our own, or undefined where we may not mount one. */
function mountTmpfs(options: string): string | undefined {
  const path = world.at("mount");
  mkdirSync(path);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  mounts.push(path);
  return path;
}
const skipLoudly = (what: string): void => {
  process.stderr.write(`SKIPPED: ${what}: this user may not mount file systems\n`);
};

test("a read-only target is refused, and stays as it was", async () => {
  const mount = mountTmpfs("size=4m");
  if (mount !== undefined) {
    mkdirSync(join(mount, "out"));
    execFileSync("mount", ["-o", "remount,ro", mount]);
    for (const format of ["parquet", "json", "csv", "avro"] as const) {
      const error = await refused(() => write(rows(10), join(mount, "out"), "append", format));
      expect([error.code, error.file?.startsWith(mount)]).toEqual(["READ_ONLY", true]);
    }
    // nor can a catalog be made there
    expect(await refused(() => GlueContext.open({ catalog: join(mount, "new", "catalog") }))).toMatchObject({
      code: "CATALOG_READ_ONLY",
      file: join(mount, "new", "catalog"),
    });
    expect(readdirSync(mount, { recursive: true })).toEqual(["out"]);
    return;
  }
  if (process.getuid?.() === 0) return skipLoudly("read-only target");
  mkdirSync(world.at("out"));
  chmodSync(world.at("out"), 0o500);
  expect((await refused(() => write(rows(10), world.at("out")))).code).toBe("ACCESS_DENIED");
  expect(readdirSync(world.at("out"))).toEqual([]);
});

test("a full target is refused, and nothing partial is visible under a final name", async () => {
  const mount = mountTmpfs("size=1m");
  if (mount === undefined) return skipLoudly("full target");
  const path = join(mount, "out");
  expect((await write(rows(10), path)).written).toBe(10);
  const [kept] = names(path);
  await duckdb(
    `copy (select range as i, md5(range::varchar) || md5((range * 7)::varchar) as s from range(100000)) to '${world.at("big.parquet")}'`,
  );
  const frame = world.glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [world.at("big.parquet")] },
    format: "parquet",
  });
  for (const [format, compression = "none"] of [
    ["parquet"],
    ["json"],
    ["csv"],
    ["json", "snappy"],
    ["csv", "bzip2"],
    ["avro"],
    ["avro", "zstd"],
  ] as const) {
    for (const mode of ["append", "overwrite"] as const) {
      const error = await refused(() =>
        world.glue.writeDynamicFrame.fromOptions({
          frame,
          connectionType: "file",
          connectionOptions: { path, compression },
          format,
          mode,
        }),
      );
      expect([format, error.code, error.hint, error.file?.startsWith(mount)]).toEqual([
        format,
        "NO_SPACE",
        expect.stringMatching(/[Ff]ree/),
        true,
      ]);
      expect(names(path)).toEqual([kept]);
    }
  }
  expect(await numbers(path)).toEqual(upTo(10));
  expect(readdirSync(mount)).toEqual(["out"]);
});

test("a full disk below the catalog fails a crawl with a code, and the catalog still opens", async () => {
  const mount = mountTmpfs("size=1m");
  if (mount === undefined) return skipLoudly("full catalog");
  const { GlueContext } = await import("../../src/index.js");
  const glue = await GlueContext.open({ catalog: join(mount, "catalog"), onWarning: () => undefined });
  world.write("small/a.json", '{"a":1}\n');
  await glue.crawl({ database: "d", includes: [world.at("small")] });
  const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field_${i}_${"x".repeat(60)}`, i]));
  world.write("wide/a.json", `${JSON.stringify(wide)}\n`);
  const error = await refused(() => glue.crawl({ database: "d", includes: [world.at("wide")] }));
  expect(error.code).toMatch(/^(NO_SPACE|CATALOG_FULL)$/);
  await glue.close();
  const again = await GlueContext.open({
    catalog: join(mount, "catalog"),
    stagingPath: world.at("staging"),
    onWarning: () => undefined,
  });
  expect((await again.catalog.getTables("d")).items.map(({ Name }) => Name)).toEqual(["small"]);
  expect(text(await again.createDynamicFrame.fromCatalog({ database: "d", tableName: "small" }).records())).toBe(
    '[{"a":1}]',
  );
  await again.close();
  expect(existsSync(mount)).toBe(true);
});

describe("a collection is written whole, or not at all", () => {
  const nested = [{ i: 1, deep: { a: 1 } }];
  const collection = (last: readonly object[]): DynamicFrameCollection =>
    DynamicFrameCollection.of({
      one: world.glue.createDynamicFrame.fromRows(rows(3)),
      two: world.glue.createDynamicFrame.fromRows(rows(2)),
      last: world.glue.createDynamicFrame.fromRows(last),
    });
  const writeAll = (
    path: string,
    last: readonly object[],
    mode: WriteMode = "append",
    more: object = {},
  ): Promise<CollectionReport> =>
    world.glue.writeDynamicFrame.fromOptions({
      frame: collection(last),
      connectionType: "file",
      connectionOptions: { path, ...more },
      format: "csv",
      mode,
    });
  const tables = async (): Promise<readonly string[]> =>
    (await world.glue.catalog?.getTables("out"))?.items.map((table) => table.Name) ?? [];

  test.each<WriteMode>(["append", "overwrite"])(
    "%s: when the last frame cannot be written, those before it are as they were",
    async (mode) => {
      const path = world.at("out");
      expect(await refused(() => writeAll(path, nested, mode))).toMatchObject({ code: "UNSUPPORTED_TYPE" });
      expect(existsSync(path) ? names(path) : []).toEqual([]);
      expect(Object.values((await writeAll(path, rows(1), mode)).tables).map(({ written }) => written)).toEqual([
        3, 2, 1,
      ]);
      const before = names(path).sort();
      await refused(() => writeAll(path, nested, mode));
      expect(names(path).sort()).toEqual(before);
    },
  );

  test("when a folder is taken, nothing is written and no table is made", async () => {
    const path = world.at("out");
    const update = { enableUpdateCatalog: true, catalogDatabase: "out" };
    await world.glue.catalog?.createDatabase({ Name: "out" });
    mkdirSync(path);
    writeFileSync(join(path, "last"), "a file of that name");
    await refused(() => writeAll(path, rows(1), "append", update));
    expect([names(path), await tables()]).toEqual([["last"], []]);
    mkdirSync(world.at("other"));
    await writeAll(world.at("other"), rows(1), "append", update);
    expect((await tables()).toSorted()).toEqual(["last", "one", "two"]);
  });

  test("in mode error, data of one frame's name refuse all", async () => {
    const path = world.at("out");
    mkdirSync(join(path, "last"), { recursive: true });
    writeFileSync(join(path, "last", "old.csv"), "i\n1\n");
    expect(await refused(() => writeAll(path, rows(1), "error"))).toMatchObject({ code: "TARGET_EXISTS" });
    expect(names(path)).toEqual(["old.csv"]);
  });
});
