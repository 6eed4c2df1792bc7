/**
 * A new catalog is opened by the first thing that is asked of it; whatever is wrong with its address is said at once.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWhenUsed } from "../../../../src/catalog/stores/sqlite/open-when-used.js";
import { catalogContract } from "../../contract.js";
import { jobStateContract } from "../../job-state-contract.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-when-used-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const folder = (): string => join(root, `c${(count += 1)}`);
const size = (address: string): number => statSync(join(address, "catalog.db")).size;

catalogContract("sqlite when used", (clock) => openWhenUsed(folder(), clock === undefined ? {} : { clock }));
jobStateContract(() => openWhenUsed(folder()));

it("gives a new catalog its tables when it is used first, and has the folder and the file before", async () => {
  const address = folder();
  const catalog = await openWhenUsed(`sqlite:${address}`);
  expect(catalog.address).toBe(`sqlite:${address}`);
  expect(size(address)).toBe(0);
  expect([statSync(address).mode & 0o777, statSync(join(address, "catalog.db")).mode & 0o777]).toEqual([0o700, 0o600]);
  expect((await catalog.getDatabases()).items).toEqual([]);
  await catalog.close();
  expect(size(address)).toBeGreaterThan(0);
});

it("a catalog that was closed unused stays new, and is closed", async () => {
  const address = folder();
  const catalog = await openWhenUsed(address);
  await catalog.close();
  await catalog.close();
  await expect(catalog.getDatabases()).rejects.toMatchObject({ code: "CATALOG_CLOSED" });
  await expect(catalog.jobState?.openPublications()).rejects.toMatchObject({ code: "CATALOG_CLOSED" });
  expect(size(address)).toBe(0);
});

it("several that open one new folder write to one catalog", async () => {
  const address = folder();
  const all = await Promise.all(Array.from({ length: 4 }, () => openWhenUsed(address)));
  await Promise.all(all.map((catalog, i) => catalog.createDatabase({ Name: `d${i}` })));
  for (const catalog of all)
    expect((await catalog.getDatabases()).items.map(({ Name }) => Name)).toEqual(["d0", "d1", "d2", "d3"]);
  await Promise.all(all.map((catalog) => catalog.close()));
});

it("an address that is no folder, and a file that is no catalog, are refused by opening", async () => {
  const file = folder();
  writeFileSync(file, "x");
  await expect(openWhenUsed(file)).rejects.toMatchObject({ code: "CATALOG_NOT_A_FOLDER" });
  await expect(openWhenUsed(join(file, "below"))).rejects.toMatchObject({ code: "CATALOG_NOT_A_FOLDER" });
  const address = folder();
  mkdirSync(address);
  writeFileSync(
    join(address, "catalog.db"),
    "this is no database, though long enough for a header of one: ".repeat(20),
  );
  await expect(openWhenUsed(address)).rejects.toMatchObject({ code: "CATALOG_CORRUPT" });
});

it("what goes wrong when it is used first is said then, and tried again by the next use", async () => {
  const address = folder();
  const catalog = await openWhenUsed(address);
  writeFileSync(
    join(address, "catalog.db"),
    "this is no database, though long enough for a header of one: ".repeat(20),
  );
  await expect(catalog.getDatabases()).rejects.toMatchObject({ code: "CATALOG_CORRUPT" });
  writeFileSync(join(address, "catalog.db"), "");
  chmodSync(join(address, "catalog.db"), 0o600);
  expect((await catalog.getDatabases()).items).toEqual([]);
  await catalog.close();
});
