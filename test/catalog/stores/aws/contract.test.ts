/** The catalog contract through the AWS SDK, against our own server. */
import type { Catalog } from "../../../../src/catalog/index.js";
import { openAwsCatalog } from "../../../../src/catalog/stores/aws/index.js";
import { startServer, type TestServer } from "../../../../src/testing/start-server.js";
import { catalogContract } from "../../contract.js";

let time = 1500;
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ clock: () => time, checkSignatureAge: false });
});
afterAll(() => server.close());

async function open(clock?: () => number): Promise<Catalog> {
  time = clock?.() ?? 1500;
  await server.reset();
  return openAwsCatalog(`aws:us-east-1?endpoint=${server.endpoint}`, { credentials: server.credentials });
}

catalogContract("aws", open, { own: false });

describe("aws", () => {
  it("refuses what only dynaframe keeps", async () => {
    const catalog = await open();
    await expect(catalog.getLedger("a", "b")).rejects.toMatchObject({ code: "UNSUPPORTED_CATALOG" });
    await expect(catalog.applyTableChanges([])).rejects.toMatchObject({ code: "UNSUPPORTED_CATALOG" });
    await expect(catalog.listEntities({ kind: "job" })).rejects.toMatchObject({ code: "UNSUPPORTED_CATALOG" });
    await catalog.close();
  });

  it.each(["aws:us-east-1?endpoint=nonsense", "aws:us_east", "aws:?region=x"])(
    "refuses the address %s",
    async (address) => {
      await expect(openAwsCatalog(address)).rejects.toMatchObject({ code: "BAD_ADDRESS" });
    },
  );
});
