/**
 * What the scanner left in its memory, read from an instance that is made up: one that fills gigabytes would take them
 * of the machine.
 */
import { TAGS } from "../../src/shapes/ledger.js";
import { FLAGS, rootOf } from "../../src/shapes/flat-tree.js";
import { shapesOf } from "../../src/shapes/flat-shapes.js";
import { readShapes } from "../../src/shapes/read-shapes.js";
import { scanWasm } from "../../src/shapes/generated/scan-wasm.js";
import { instantiateWasm } from "../../src/shapes/instantiate-wasm.js";
import { createTreeReader } from "../../src/shapes/read-tree.js";
import { scannerOver, type ScanExports } from "../../src/shapes/scanner.js";
import { createSkeletons } from "../../src/shapes/skeletons.js";

/** Pages that nobody writes to are not there. */
const memory = { buffer: new ArrayBuffer(3 * 2 ** 30) };
const HIGH = 2.5 * 2 ** 30;
/** As wasm gives an address. */
const signed = (address: number): number => address | 0;

test("addresses past 2 GB, which wasm gives as negative numbers, are read as any", () => {
  const [codes, numbers, name, rows] = [HIGH, HIGH + 64, HIGH + 256, HIGH + 320];
  const [structs, ints] = [FLAGS << TAGS.indexOf("struct"), FLAGS << TAGS.indexOf("int")];
  const node = signed(HIGH + 1024);
  new Int32Array(memory.buffer, codes, 5).set([structs, 1, node, ints, 0]);
  new Float64Array(memory.buffer, numbers, 6).set([3, 0, 0, 2, 1, 5e9]);
  Buffer.from(memory.buffer, name, 5).write("price");
  new Float64Array(memory.buffer, rows, 5).set([0xffffffff, 1, 3, 0, 0]);
  const wasm = {
    memory,
    dumpTree: () => undefined,
    treeCodes: () => signed(codes),
    treeCodesLength: () => 5,
    treeCodesHash: () => -7,
    treeNumbers: () => signed(numbers),
    treeNumbersLength: () => 6,
    treeGreatest: () => 5e9,
    nodeName: (at: number) => (at === node ? signed(name) : 0),
    nodeNameLength: () => 5,
    shapesCount: () => 1,
    dumpShapes: () => signed(rows),
    otherShapesCount: () => 0,
  } as unknown as ScanExports;
  const reader = createTreeReader(wasm, createSkeletons());
  expect(rootOf(reader.tree("/f")).fields).toEqual([
    { name: "price", node: { tags: { int: { count: 2, first: { file: "/f", record: 1, offset: 5e9 } } }, fields: [] } },
  ]);
  expect(reader.tree("/g").skeleton).toBe(reader.tree("/f").skeleton);
  expect(shapesOf(readShapes(wasm, "/f", false).shapes)).toEqual([
    { hash: "ffffffff00000001", count: 3, first: { file: "/f", record: 0, offset: 0 } },
  ]);
});

test("a tree that memory cannot hold, while it grows or when it is laid out, is told as TOO_MANY_PATHS with the file", () => {
  const full = (): never => {
    throw new RangeError("memory access out of bounds");
  };
  for (const fails of ["scanLines", "dumpTree", "dumpShapes"] as const) {
    const scanner = scannerOver({ ...instantiateWasm<ScanExports>(scanWasm), [fails]: full });
    scanner.begin("/f", "lines");
    expect(() => {
      scanner.scan(0, 0, true);
      scanner.finish(0, "file");
    }).toThrow(expect.objectContaining({ code: "TOO_MANY_PATHS", file: "/f" }));
  }
});
