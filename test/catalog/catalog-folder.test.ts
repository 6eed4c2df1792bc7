import { catalogFolder } from "../../src/catalog/catalog-folder.js";
import { openCatalog } from "../../src/open.js";

test.each([
  ["./lake", "./lake"], ["lake", "lake"], ["sqlite:./lake", "./lake"], ["/data/a:b", "/data/a:b"], ["./a:b", "./a:b"], ["C:\\lake", "C:\\lake"], ["http://host:1", undefined], ["HTTPS://host", undefined], ["aws:eu-west-1", undefined], ["postgres://host/db", undefined],
])("%s", (address, folder) => { expect(catalogFolder(address)).toBe(folder); });

test("an address that nobody opens makes no folder", async () => {
  await expect(openCatalog("postgres://host/db")).rejects.toMatchObject({ code: "UNSUPPORTED_CATALOG", found: "postgres://host/db" });
});
