/**
 * The same ledgers from one thread, from workers on whole files and on ranges of lines, and through a storage without
 * local paths.
 */
import { rmSync } from "node:fs";
import zlib from "node:zlib";
import { scanWorkerSource } from "../../src/shapes/generated/scan-worker-source.js";
import { createKeptThreads } from "../../src/shapes/kept-threads.js";
import type { FileLedger, LedgerField } from "../../src/shapes/ledger.js";
import { mergeLedgers } from "../../src/shapes/merge-ledgers.js";
import { scanJsonFiles } from "../../src/shapes/scan-json.js";
import type { FileRef } from "../../src/storage/index.js";
import { makeFixture, makeStorage } from "./scan-fixture.js";
import type { Fixture } from "./scan-fixture.js";

let fixture: Fixture;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

/** Lines that drift, with bad ones, duplicates, long lines and blank ones among them. */
function drifting(lines: number, seed: number): string {
  const text: string[] = [];
  for (let i = 0; i < lines; i++) {
    const k = (i * 2654435761 + seed) % 97;
    if (k === 3) text.push(`{"a":${i},}`);
    else if (k === 5) text.push(`{"a":1,"a":"twice","n":${i}}`);
    else if (k === 7) text.push("");
    else if (k === 11) text.push(`{"long":"${"x".repeat(3000 + (i % 5000))}"}`);
    else
      text.push(
        JSON.stringify({
          a: k % 2 ? i : `s${i}`,
          b: Array.from({ length: k % 6 }, (_, j) => ({ j, v: j * 1.5 })),
          [`f${k % 13}`]: null,
          A: true,
        }),
      );
  }
  return text.join(seed % 2 ? "\n" : "\r\n");
}

test("workers on ranges and on whole files give exactly what one thread gives", async () => {
  const refs: FileRef[] = [
    fixture.write("plain-1.json", drifting(4000, 1)),
    fixture.write("marked.json", `\ufeff${drifting(3000, 2)}`),
    fixture.write("empty.json", ""),
    fixture.write("packed.gz", zlib.gzipSync(drifting(2000, 3))),
    fixture.write("array.json", JSON.stringify([{ a: 1 }, { a: "x" }])),
    fixture.write("long.json", `{"s":"${"y".repeat(300_000)}"}\n{"s":1}\n${drifting(100, 5)}`),
    ...Array.from({ length: 20 }, (_, i) => fixture.write(`small-${i}.json`, drifting(i, i))),
  ];
  const expected = await fixture.scan(refs);
  expect(expected.reduce((sum, l) => sum + l.records, 0)).toBeGreaterThan(8000);
  expect(expected.reduce((sum, l) => sum + l.malformed, 0)).toBeGreaterThan(50);
  const threads = createKeptThreads(); // the second scan is done by the threads of the first
  for (const rangeBytes of [1000, 65_536, 1 << 24]) {
    const found = await fixture.scan(refs, { workersAbove: 0, rangeBytes }, { workers: 2, threads });
    found.forEach((ledger, i) => expect(ledger).toEqual(expected[i]));
    expect(found).toHaveLength(expected.length);
  }
  const waiting = threads.take(scanWorkerSource);
  expect(waiting?.threadId).toBeGreaterThan(0);
  await waiting?.terminate();
  expect(await fixture.scan(refs, {}, { storage: makeStorage(false), workers: 2 })).toEqual(expected);
}, 60_000);

test("packed files, whole in members or damaged, are the same in workers, which unpack them at once, as in a stream", async () => {
  const packed = zlib.gzipSync(drifting(4000, 3));
  const later = zlib.gzipSync(drifting(500, 4));
  const flipped = Buffer.from(packed);
  flipped.writeUInt8(flipped.readUInt8(packed.length >> 1) ^ 0xff, packed.length >> 1);
  const refs = [
    ["whole", packed],
    ["members", Buffer.concat([packed, zlib.gzipSync("\n"), later])],
    ["cut", packed.subarray(0, packed.length - 100)],
    ["flipped", flipped],
    ["head-only", packed.subarray(0, 12)],
    ["bomb", zlib.gzipSync(Buffer.alloc(70 << 20, "{}\n"))],
    ["trailing", Buffer.concat([packed, Buffer.from("not gzip")])],
  ].map(([name, bytes]) => fixture.write(`${name as string}.json.gz`, bytes as Buffer));
  const expected = await fixture.scan(refs);
  expect(expected.map(({ malformedRecords }) => malformedRecords.at(-1)?.code)).toEqual(
    expect.arrayContaining(["TRUNCATED", "CORRUPT"]),
  );
  expect(expected[5]?.records).toBe(Math.floor((70 << 20) / 3));
  expect(await fixture.scan(refs, { workersAbove: 0 }, { workers: 2 })).toEqual(expected);
}, 60_000);

test("bytes read and progress add up on every route", async () => {
  const refs = [fixture.write("p1.json", drifting(3000, 7)), fixture.write("p2.gz", zlib.gzipSync(drifting(3000, 8)))];
  const size = refs.reduce((sum, ref) => sum + ref.size, 0);
  for (const [options, context] of [
    [{}, {}],
    [{ workersAbove: 0, rangeBytes: 50_000 }, { workers: 2 }],
    [{}, { storage: makeStorage(false) }],
  ] as const) {
    let bytes = 0;
    const seen: number[] = [];
    await fixture.scan(refs, options, {
      ...context,
      onBytesScanned: (n) => {
        bytes += n;
      },
      onProgress: (p) => {
        seen.push(p.bytesDone);
        expect([p.phase, p.files, p.bytes]).toEqual(["scan", 2, size]);
      },
    });
    expect(bytes).toBe(size);
    expect(seen.at(-1)).toBe(size);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  }
});

test("an aborted scan ends with the signal's reason and leaves no thread behind", async () => {
  const refs = Array.from({ length: 6 }, (_, i) => fixture.write(`abort-${i}.json`, drifting(4000, i)));
  for (const context of [{ workers: 1 }, { workers: 2 }]) {
    const control = new AbortController();
    const reason = new Error("enough");
    const scan = fixture.scan(
      refs,
      { workersAbove: 0, rangeBytes: 10_000 },
      { ...context, signal: control.signal, onBytesScanned: () => control.abort(reason) },
    );
    await expect(scan).rejects.toBe(reason);
    await expect(fixture.scan(refs, {}, { ...context, signal: control.signal })).rejects.toBe(reason);
  }
});

test("files of the same paths have their fields in the order of their own first places", async () => {
  const refs = [
    ["a", "b", "c"],
    ["c", "a", "b"],
    ["b", "c", "a"],
  ].map((names, i) =>
    fixture.write(
      `order-${i}.json`,
      names.map((name, k) => `${JSON.stringify({ [name]: k, in: { [`x${name}`]: k } })}\n`).join(""),
    ),
  );
  for (const workers of [1, 2]) {
    const ledgers = await fixture.scan(refs, { workersAbove: 0 }, { workers });
    const inner = (ledger: FileLedger) =>
      ledger.root.fields.find(({ name }) => name === "in")?.node.fields.map(({ name }) => name);
    expect(ledgers.map(({ root }) => root.fields.map(({ name }) => name))).toEqual([
      ["a", "in", "b", "c"],
      ["c", "in", "a", "b"],
      ["b", "in", "c", "a"],
    ]);
    expect(ledgers.map(inner)).toEqual([
      ["xa", "xb", "xc"],
      ["xc", "xa", "xb"],
      ["xb", "xc", "xa"],
    ]);
    expect(mergeLedgers(ledgers).root.fields.map(({ name }) => name)).toEqual(["a", "in", "b", "c"]);
  }
});

test("of many shapes the most frequent are listed, then the earliest, and the others counted", async () => {
  const times = (i: number): number => ((i * 7) % 5) + 1;
  const shapes = Array.from({ length: 400 }, (_, i) => `${JSON.stringify({ [`k${i}`]: 1 })}\n`.repeat(times(i)));
  const ref = fixture.write("shapes.json", shapes.join(""));
  const expected = Array.from({ length: 400 }, (_, i) => ({ i, count: times(i) })).sort(
    (a, b) => b.count - a.count || a.i - b.i,
  );
  const firsts = shapes.map((_, i) => shapes.slice(0, i).reduce((sum, __, k) => sum + times(k), 0));
  for (const options of [{}, { workersAbove: 0, rangeBytes: 1000 }]) {
    const [ledger] = await fixture.scan([ref], options, { workers: 2 });
    expect(ledger!.shapes.map(({ count, first }) => [count, first.record])).toEqual(
      expected.slice(0, 256).map(({ i, count }) => [count, firsts[i]]),
    );
    expect(ledger!.otherShapes).toBe(expected.slice(256).reduce((sum, { count }) => sum + count, 0));
    expect(mergeLedgers([ledger!, ledger!]).shapes[0]?.count).toBe(10);
  }
});

test("the layout is told by content", async () => {
  const object = { a: 1, b: { c: [1, 2] } };
  const line = JSON.stringify(object);
  for (const [text, records, malformed] of [
    [`${line}\n${line}\n`, 2, 0],
    [line, 1, 0],
    [`${line}${line}\n`, 2, 0],
    [JSON.stringify(object, null, 2), 1, 0],
    [`[${line},\n${line}]`, 2, 0],
    [`\n\n  [\n${line}\n]`, 1, 0],
    [`{"a":\n${line}\n${line}\n`, 2, 1],
    [`{bad}\n${line}\n`, 1, 1],
    ["[]", 0, 0],
    [`{}\n{}`, 2, 0],
    [`{"a":1\n,"b":2}`, 1, 0],
  ] as const) {
    const ledger = await fixture.scanOne(text);
    expect([text, ledger.records, ledger.malformed]).toEqual([text, records, malformed]);
  }
});

test("one object over many lines, longer than the block, is one record", async () => {
  const feature = (i: number): string =>
    JSON.stringify({ type: "Feature", id: `f${i}`, properties: { mag: i / 2, place: "x".repeat(400) } });
  const features = Array.from({ length: 4000 }, (_, i) => feature(i));
  const cut = [`{"first":[`, ...features].join("\n"); // no commas: a bad line, then records
  for (const [text, records, malformed] of [
    [`{"type":"FeatureCollection","features":[\n${features.join(",\n")}\n]}\n`, 1, 0],
    [`{"type":"FeatureCollection","features":[\n${features.join("\n,")}\n]}`, 1, 0],
    [
      `{"type":"FeatureCollection","features":[${features.join(",\n")}]}\n{"type":"FeatureCollection","features":[]}`,
      2,
      0,
    ],
    [cut, 4000, 1],
  ] as const) {
    expect(text.length).toBeGreaterThan(3 << 19);
    const ledger = await fixture.scanOne(text);
    expect([text.slice(0, 60), ledger.records, ledger.malformed]).toEqual([text.slice(0, 60), records, malformed]);
  }
});

test("equal shapes have equal hashes, whatever the file, the order of keys and the counts", async () => {
  const [one, two] = await fixture.scan([
    fixture.write("s1.json", '{"a":1,"b":[{"c":"x"}]}\n{"z":null}\n'),
    fixture.write("s2.json", '{"q":1}\n{"b":[{"c":"y"},{"c":"z"}],"a":7}\n{"z":{}}\n{"z":null}\n{"b":1,"a":1}'),
  ]);
  expect(
    one!.shapes.map(({ hash }) => hash).filter((hash) => two!.shapes.some((shape) => shape.hash === hash)),
  ).toHaveLength(2);
  expect(two!.shapes).toHaveLength(5);
});

test("a file that is gone fails when its turn comes, and is the one named, though others of its batch could be read", async () => {
  const refs = Array.from({ length: 20 }, (_, i) =>
    fixture.write(`turn-${String(i).padStart(2, "0")}.json`, `{"i":${i}}`),
  );
  const gone = refs[7];
  if (gone === undefined) throw new Error("unreachable");
  rmSync(gone.path);
  const read: string[] = [];
  const all = async (): Promise<void> => {
    for await (const { file } of scanJsonFiles(refs, { workersAbove: 0 }, { storage: fixture.storage, workers: 2 }))
      read.push(file);
  };
  await expect(all()).rejects.toMatchObject({ code: "SOURCE_VANISHED", file: gone.path });
  expect(read).toEqual(refs.slice(0, 7).map(({ path }) => path));
});

test("fields are in the order of their first places, whatever files before had", async () => {
  const text = '{"b":{"y":[{"q":2}]}}\n{"b":{"x":1,"y":[{"p":1}]}}\n{"a":1}\n';
  const refs = [
    fixture.write("order-1.json", '{"a":1,"b":{"x":1,"y":[{"p":1,"q":2}]}}\n'),
    fixture.write("order-2.json", text),
  ];
  const [, second] = await fixture.scan(refs);
  const names = (fields: readonly LedgerField[] = []): unknown[] =>
    fields.map(({ name, node }) => [name, ...names(node.fields), ...names(node.element?.fields)]);
  expect(names(second?.root.fields)).toEqual([["b", ["y", ["q"], ["p"]], ["x"]], ["a"]]);
  expect(second?.root.fields[1]?.node.tags.int).toEqual({
    count: 1,
    first: { file: refs[1]?.path, record: 2, offset: text.length - 3 },
  });
});
