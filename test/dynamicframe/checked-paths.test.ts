/** Decision 0045: paths that a call names are there, or the call says so. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type DynamicFrame, type TransformOptions } from "../../src/index.js";

let folder: string;
let glue: GlueContext;
let silent: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-paths-"));
  glue = await GlueContext.open({ catalog: join(folder, "a"), engine: "reference" });
  silent = await GlueContext.open({ catalog: join(folder, "b"), engine: "reference", strictPaths: false });
});
afterAll(async () => {
  await glue.close();
  await silent.close();
  await rm(folder, { recursive: true, force: true });
});

const orders = [
  {
    id: 1,
    price: 2.5,
    customer: { name: "Ada", zip: "x" },
    items: [{ sku: "a", qty: 1 }],
    address: "here",
    "meta.source": "web",
    nothing: null,
  },
  {
    id: 2,
    price: "3",
    customer: { name: "Bo" },
    items: [],
    address: { street: "s" },
    "meta.source": "app",
    nothing: null,
  },
];
const frameOf = (context: GlueContext): DynamicFrame => context.createDynamicFrame.fromRows(orders);
const other = (context: GlueContext): DynamicFrame => context.createDynamicFrame.fromRows([{ key: 1 }]);

type Call = (frame: DynamicFrame, context: GlueContext, options: TransformOptions) => DynamicFrame;
/** Each verb with one path that is misspelt, and the path it should name. */
const misspelt: readonly (readonly [verb: string, call: Call, near: string])[] = [
  ["resolveChoice", (f, _, o) => f.resolveChoice({ specs: [["prise", "cast:double"]], ...o }), "price"],
  ["resolveChoice", (f, _, o) => f.resolveChoice({ specs: [["items[].qyt", "cast:long"]], ...o }), "items[].qty"],
  ["resolveChoice", (f, _, o) => f.resolveChoice({ specs: [["items.qty", "cast:long"]], ...o }), "items[].qty"],
  [
    "applyMapping",
    (f, _, o) =>
      f.applyMapping(
        [
          ["id", "int", "id", "int"],
          ["customer.nam", "string", "n", "string"],
        ],
        o,
      ),
    "customer.name",
  ],
  ["dropFields", (f, _, o) => f.dropFields(["customer.zap"], o), "customer.zip"],
  ["dropFields", (f, _, o) => f.dropFields("meta.source", o), "`meta.source`"],
  ["selectFields", (f, _, o) => f.selectFields(["custommer"], o), "customer"],
  ["renameField", (f, _, o) => f.renameField("adress.street", "street", o), "address.street"],
  ["splitFields", (f, _, o) => f.splitFields(["idd"], "a", "b", o).select("a"), "id"],
  ["splitRows", (f, _, o) => f.splitRows({ pric: { ">": 1 } }, "a", "b", o).select("a"), "price"],
  ["join", (f, c, o) => f.join("ids", "key", other(c), o), "id"],
  ["join", (f, c, o) => f.join("id", "kee", other(c), o), "key"],
  ["mergeDynamicFrame", (f, _, o) => f.mergeDynamicFrame(f, ["iid"], o), "id"],
  ["unbox", (f, _, o) => f.unbox("addres", "json", {}, o), "address"],
];

test.each(misspelt)("%s names the nearest path", async (verb, call, near) => {
  const error = await call(frameOf(glue), glue, {})
    .count()
    .then(
      () => undefined,
      (e: unknown) => e as { code: string; hint: string; message: string },
    );
  expect(error).toMatchObject({ code: "UNKNOWN_PATH", message: expect.stringContaining(verb) as string });
  expect(error?.hint).toContain(near);
});

test.each(misspelt)("%s passes it over where paths are not strict, by context and by call", async (_, call) => {
  await expect(call(frameOf(silent), silent, {}).count()).resolves.toBeGreaterThanOrEqual(0);
  await expect(call(frameOf(glue), glue, { strictPaths: false }).count()).resolves.toBeGreaterThanOrEqual(0);
  await expect(call(frameOf(silent), silent, { strictPaths: true }).count()).rejects.toMatchObject({
    code: "UNKNOWN_PATH",
  });
});

test("a key that no record has matches nothing, where paths are not strict", async () => {
  expect(await frameOf(silent).join("ids", "key", other(silent)).count()).toBe(0);
  expect(await frameOf(silent).mergeDynamicFrame(frameOf(silent), ["ids"]).count()).toBe(4);
});

test("paths that are there pass: through choices, lists, quoted names, other cases", async () => {
  const frame = frameOf(glue);
  const mapped = frame.applyMapping([
    ["ID", "int", "id", "int"],
    ["address.street", "string", "s", "string"],
    ["`meta.source`", "string", "m", "string"],
  ]);
  expect(await mapped.records()).toEqual(
    [
      { id: 1, m: "web" },
      { id: 2, s: "s", m: "app" },
    ].map((r) => expect.objectContaining(r) as object),
  );
  await expect(frame.applyMapping([["ID", "int", "id", "int"]], { caseSensitive: true }).count()).rejects.toMatchObject(
    { code: "UNKNOWN_PATH" },
  );
  expect(await frame.dropFields(["items.qty", "items[].sku", "customer.zip"]).count()).toBe(2);
  expect(
    await frame
      .resolveChoice({
        specs: [
          ["items[].qty", "cast:long"],
          ["address", "make_cols"],
        ],
      })
      .count(),
  ).toBe(2);
});

test("nothing is known below a field that is null everywhere, nor of a frame without records", async () => {
  expect(await frameOf(glue).dropFields("nothing.at.all").count()).toBe(2);
  expect(await glue.createDynamicFrame.fromRows([]).dropFields("x").count()).toBe(0);
});

test.each<readonly [string, (f: DynamicFrame) => unknown, string]>([
  ["applyMapping", (f) => f.applyMapping([["id", "i"]], { casesensitive: true } as object), "caseSensitive"],
  ["resolveChoice", (f) => f.resolveChoice({ choise: "make_cols" } as object), "choice"],
  ["dropFields", (f) => f.dropFields("id", { stageTreshold: 1 } as object), "stageThreshold"],
  ["map", (f) => f.map((r) => r, { infos: "x" } as object), "info"],
  [
    "relationalize",
    (f) => f.relationalize("t", undefined, { transformationContext: "x" } as object),
    "transformationCtx",
  ],
])("%s refuses an option it does not have", (_, call, near) => {
  expect(() => call(frameOf(glue))).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", hint: expect.stringContaining(near) as string }) as Error,
  );
});

test("thresholds are whole numbers from 0", () => {
  expect(() => frameOf(glue).map((r) => r, { stageThreshold: -1 })).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", path: "stageThreshold" }) as Error,
  );
  expect(() => frameOf(glue).dropFields("id", { totalThreshold: 1.5 })).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", path: "totalThreshold" }) as Error,
  );
});
