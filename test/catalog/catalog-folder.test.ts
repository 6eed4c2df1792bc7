import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogFolder } from "../../src/catalog/catalog-folder.js";
import { openCatalog } from "../../src/open.js";

test.each([
  ["./lake", "./lake"],
  ["lake", "lake"],
  ["sqlite:./lake", "./lake"],
  ["/data/a:b", "/data/a:b"],
  ["./a:b", "./a:b"],
  ["C:\\lake", "C:\\lake"],
  ["http://host:1", undefined],
  ["HTTPS://host", undefined],
  ["aws:eu-west-1", undefined],
  ["postgres://host/db", undefined],
])("%s", (address, folder) => {
  expect(catalogFolder(address)).toBe(folder);
});

test("an address that nobody opens makes no folder", async () => {
  await expect(openCatalog("postgres://host/db")).rejects.toMatchObject({
    code: "UNSUPPORTED_CATALOG",
    found: "postgres://host/db",
  });
});

test("a catalog that may not be made is not made: nor its folder, nor its file", async () => {
  const folder = join(mkdtempSync(join(tmpdir(), "dyna-no-catalog-")), "lake");
  await expect(openCatalog(folder, { create: false })).rejects.toMatchObject({ code: "CATALOG_NOT_FOUND" });
  expect(existsSync(folder)).toBe(false);
});
