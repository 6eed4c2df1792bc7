/** Bookmarks over the wire: the same contract, against our own server. */
import { openHttpCatalog } from "../../../../src/catalog/stores/http/index.js";
import { startServer, type TestServer } from "../../../../src/testing/start-server.js";
import { jobStateContract } from "../../job-state-contract.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

jobStateContract(async () => {
  await server.reset();
  return openHttpCatalog(server.endpoint, { credentials: server.credentials });
});

it("a commit that is none is refused by name, and changes nothing", async () => {
  const catalog = await openHttpCatalog(server.endpoint, { credentials: server.credentials });
  const commit = {
    job: "j",
    runId: "r",
    version: 0,
    inputs: new Map(),
    contexts: new Map(),
    changes: [],
    publications: [],
    saveBookmark: true,
  };
  for (const wrong of [
    { version: "0" },
    { changes: [{}] },
    { publications: [{ kind: "other", final: "f" }] },
    { saveBookmark: undefined },
    { more: 1 },
    { inputs: [["c", [{ path: "p" }]]] },
    { contexts: [["c", { nested: {} }]] },
  ]) {
    await expect(catalog.jobState?.commitRun({ ...commit, ...wrong } as never)).rejects.toMatchObject({
      name: expect.stringMatching(/^(ValidationException|InvalidInputException)$/) as string,
    });
  }
  expect(await catalog.jobState?.getBookmark("j")).toBeUndefined();
  await catalog.close();
});
