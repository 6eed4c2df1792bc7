/**
 * A table of twelve versions, one crawl a day from 2024-01-01. What each changed is written down by hand from the JSON
 * of its file; offsets count the bytes before the value.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteCatalog } from "../../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../../src/catalog/index.js";
import { crawl } from "../../../src/crawler/crawl.js";
import { fileStorage } from "../../../src/storage/file.js";

/** Files written (undefined: deleted) before each crawl. */
const DAYS: readonly { readonly [file: string]: string | undefined }[] = [
  {
    "a00.json":
      '{"id":1,"price":10,"tags":["a"],"customer":{"name":"Ann"}}\n{"id":2,"price":20,"tags":[],"customer":{"name":"Bob"}}\n',
  },
  { "a01.json": '{"id":3,"price":30,"note":"x"}\n' },
  { "a02.json": '{"id":4,"price":4.5}\n' },
  { "a03.json": '{"id":5,"price":50}\n{"id":6,"price":60}\n{"id":7,"price":"on request"}\n{"id":8,"price":80}\n' },
  { "a04.json": '{"id":9,"customer":{"name":"Eve","age":40}}\n' },
  { "a05.json": '{"id":10,"tags":["b",7,"c"]}\n' },
  { "a01.json": undefined },
  { "a07.json": '{"id":5000000000}\n' },
  { "a08.json": '{"id":12,"gift":null}\n' },
  { "a09.json": '{"id":13,"gift":true}\n{"id":14}\n' },
  { "a10.json": '{"id":15,"coupon":"c1"}\n' },
  { "a10.json": '{"id":15,"Coupon":"c1"}\n' },
];

/** [version, rule, path, before, after, breaks, count, of, first place]; `was` marks what went. */
export const EXPECTED: readonly (readonly [string, string, string, string, string, string, number, number, string])[] =
  [
    ["1", "FIELD_ADDED", "note", "", "string", "", 1, 1, "a01.json:0:26"],
    ["2", "CHOICE_CREATED", "price", "int", "choice{double,int}", "forward", 1, 1, "a02.json:0:16"],
    ["3", "CHOICE_ARM_ADDED", "price", "", "string", "forward", 1, 4, "a03.json:2:56"],
    ["4", "FIELD_ADDED", "customer.age", "", "int", "", 1, 1, "a04.json:0:39"],
    ["5", "CHOICE_CREATED", "tags[]", "string", "choice{int,string}", "forward", 1, 3, "a05.json:0:21"],
    ["6", "FIELD_REMOVED", "note", "string", "", "forward", 1, 10, "was a01.json:0:26"],
    ["7", "CHOICE_CREATED", "id", "int", "choice{int,long}", "forward", 1, 1, "a07.json:0:6"],
    ["8", "FIELD_ADDED", "gift", "", "null", "", 1, 1, "a08.json:0:16"],
    ["9", "TYPE_RESOLVED", "gift", "null", "boolean", "forward", 1, 2, "a09.json:0:16"],
    ["10", "FIELD_ADDED", "coupon", "", "string", "", 1, 1, "a10.json:0:18"],
    ["11", "FIELD_RENAMED_CASE", "coupon", "coupon", "Coupon", "backward, forward", 1, 1, "a10.json:0:18"],
  ];

export const DAY = 86_400;
export const START = Date.UTC(2024, 0, 1) / 1000;

/** The table shop.orders over `root`/orders, crawled twelve times. */
export async function twelveVersions(root: string): Promise<Catalog> {
  let now = START * 1000;
  const catalog = await openSqliteCatalog(join(root, "catalog"), { clock: () => now });
  const folder = join(root, "orders");
  mkdirSync(folder, { recursive: true });
  for (const [day, files] of DAYS.entries()) {
    now = (START + day * DAY) * 1000;
    for (const [name, text] of Object.entries(files)) {
      if (text === undefined) rmSync(join(folder, name));
      else writeFileSync(join(folder, name), text);
    }
    await crawl({ database: "shop", includes: [folder] }, { catalog, storage: fileStorage() });
  }
  return catalog;
}
