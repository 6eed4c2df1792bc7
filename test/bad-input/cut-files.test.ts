/**
 * Files of every format and packing, cut anywhere: what is whole is read, the cut is counted with its place, and the
 * report adds up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bothWays, malformedCodes, openWorld, text, written, type World } from "./world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const PACKED = join(__dirname, "../shapes/packed");
const lines = Buffer.from(Array.from({ length: 30_000 }, (_, i) => `{"i":${i}}\n`).join(""));

test.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
  ["lines.json.gz", () => gzipSync(lines)],
  ["lines.json.zst", async () => (await (await import("../../src/formats/pack/zstd.js")).zstdPacker())(lines)],
  ...[
    "lines.bz2",
    "lines-in-streams.bz2",
    "lines.sz",
    "lines.snappy",
    "lines.lz4",
    "lines-linked.lz4",
    "lines.zip",
  ].map((name): [string, () => Uint8Array] => [name, () => readFileSync(join(PACKED, name))]),
])("%s", async (name, packed) => {
  const whole = await packed();
  for (const part of [0.9, 0.4]) {
    world.write(`data-${part}/${name}`, whole.subarray(0, Math.floor(whole.length * part)));
    const frame = world.glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { paths: [world.at(`data-${part}`)] },
      format: "json",
    });
    const { report, rows } = await written(world, frame);
    // the record that is cut in two, and the end of the file; where packing gives nothing before its end is whole, the
    // end alone
    expect([1, 2]).toContain(report.errors);
    expect(rows.map((r) => Number(r["i"])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: report.written }, (_, i) => i),
    );
    const errors = (await frame.errorsAsDynamicFrame().records()) as { error: { msg: string; source: string } }[];
    expect(errors.at(-1)?.error.msg).toContain("ends too early");
    expect(errors.at(-1)?.error.source).toContain(name);
  }
});

test.each<
  [
    string,
    { readonly format: "csv" | "xml" | "json"; readonly formatOptions: Record<string, unknown> },
    string,
    number?,
  ]
>([
  ["csv in quotes", { format: "csv", formatOptions: { withHeader: true, multiLine: true } }, 'i,s\n0,"a"\n1,"b"\n2,"c'],
  [
    "xml in a row",
    { format: "xml", formatOptions: { rowTag: "row" } },
    "<rows><row><i>0</i><s>a</s></row><row><i>1</i><s>b</s></row><row><i>2</i><s>c",
  ],
  ["json in a record", { format: "json", formatOptions: {} }, '{"i":0,"s":"a"}\n{"i":1,"s":"b"}\n{"i":2,"s":"c'],
  [
    "an array of json",
    { format: "json", formatOptions: { multiLine: true } },
    '[{"i":0,"s":"a"},\n{"i":1,"s":"b"},\n{"i":2,"s":"c',
    2,
  ],
])("%s", async (_name, format, content, errors = 1) => {
  world.write("data/a.txt", content);
  const frame = world.glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [world.at("data")] },
    ...format,
  });
  const { report, rows } = await written(world, frame);
  // of an array the record that is cut in two, and the array that does not end
  expect([report.read, report.written, report.errors]).toEqual([2 + errors, 2, errors]);
  expect(rows.map((r) => [Number(r["i"]), r["s"]])).toEqual([
    [0, "a"],
    [1, "b"],
  ]);
  const [error] = (await frame.errorsAsDynamicFrame().records()) as { error: { source: string } }[];
  expect(error?.error.source).toMatch(new RegExp(`a\\.txt:\\d+-${content.length}$`));
});

test("avro, cut in a block and damaged in one", async () => {
  const path = world.at("avro");
  const frame = world.glue.createDynamicFrame.fromRows(
    Array.from({ length: 10_000 }, (_, i) => ({ i, s: `text ${i}` })),
  );
  for (const compression of ["none", "deflate", "snappy", "zstd", "bzip2"]) {
    const {
      files: [file],
    } = await world.glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(path, compression), compression },
      format: "avro",
    });
    const whole = readFileSync(String(file?.path));
    const damaged = Buffer.from(whole);
    damaged.fill(0x55, Math.floor(whole.length * 0.7), Math.floor(whole.length * 0.7) + 40);
    for (const [name, bytes] of [
      ["cut", whole.subarray(0, Math.floor(whole.length * 0.7))],
      ["damaged", damaged],
    ] as const) {
      world.write(`${compression}-${name}/a.avro`, bytes);
      const { report, rows } = await written(
        world,
        world.glue.createDynamicFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { paths: [world.at(`${compression}-${name}`)] },
          format: "avro",
        }),
      );
      // neither plain blocks nor deflated ones have a check sum: bytes of a text are a text
      if (name === "damaged" && ["none", "deflate"].includes(compression)) continue;
      expect([compression, name, report.errors >= 1, report.written > 0]).toEqual([compression, name, true, true]);
      expect(rows.every((r) => r["s"] === `text ${String(r["i"])}`)).toBe(true);
    }
  }
});

test("a cut file beside whole ones: they are one table, with all of its records and one error", async () => {
  world.write("data/a.json.gz", gzipSync('{"i":1}\n{"i":2}\n'));
  const cut = gzipSync(lines);
  world.write("data/b.json.gz", cut.subarray(0, cut.length - 4));
  for (const { frame, crawl } of await bothWays(world, world.at("data"), "bad")) {
    const { report, rows } = await written(world, frame);
    // all text was there; what is missing are the last bytes of the check sum
    expect([report.written, report.errors]).toEqual([30_002, 1]);
    expect(
      text(
        rows
          .map((r) => Number(r["i"]))
          .sort((a, b) => a - b)
          .slice(0, 5),
      ),
    ).toBe("[0,1,1,2,2]");
    if (crawl) expect(malformedCodes(crawl)).toEqual(["TRUNCATED"]);
  }
});
