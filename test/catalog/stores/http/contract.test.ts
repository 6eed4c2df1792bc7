/** The catalog contract through the wire: a dynaframe server and its client. */
import { openHttpCatalog } from "../../../../src/catalog/stores/http/index.js";
import type { Catalog } from "../../../../src/catalog/index.js";
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
  return openHttpCatalog(server.endpoint, { credentials: server.credentials });
}

catalogContract("http", open);

describe("http", () => {
  it("says what is wrong: address, server, keys", async () => {
    await expect(openHttpCatalog("http://id:hunter2@localhost:1")).rejects.toMatchObject({
      code: "BAD_ADDRESS",
      message: expect.not.stringContaining("hunter2") as string,
    });
    const nowhere = await openHttpCatalog("http://127.0.0.1:1");
    await expect(nowhere.getDatabases()).rejects.toMatchObject({ code: "CATALOG_UNREACHABLE" });
    const stranger = await openHttpCatalog(server.endpoint, {
      credentials: { accessKeyId: "dynaframe", secretAccessKey: "wrong" },
    });
    await expect(stranger.getDatabases()).rejects.toMatchObject({
      code: "NOT_AUTHENTICATED",
      name: "InvalidSignatureException",
    });
    await stranger.close();
  });
});
