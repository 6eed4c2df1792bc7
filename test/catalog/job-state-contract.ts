/**
 * What every store that keeps bookmarks must do; a store's test calls it with a function that opens an empty catalog.
 */
import fc from "fast-check";
import type { Catalog, InputKey, JobStateStore, RunCommit } from "../../src/catalog/index.js";

export function jobStateContract(open: () => Promise<Catalog>): void {
  let catalog: Catalog;
  let store: JobStateStore;
  beforeEach(async () => {
    catalog = await open();
    if (catalog.jobState === undefined) throw new Error("the catalog keeps no bookmarks");
    store = catalog.jobState;
  });
  afterEach(() => catalog.close());

  const file = (path: string, etag = "1", size = 10): InputKey => ({ path, etag, size });
  const commit = async (runId: string, paths: readonly InputKey[], more: Partial<RunCommit> = {}) => {
    const { Version } = await store.beginAttempt("j");
    return store.commitRun({
      job: "j",
      runId,
      version: Version,
      inputs: new Map([["src", paths]]),
      contexts: new Map(),
      changes: [],
      publications: [],
      saveBookmark: true,
      ...more,
    });
  };

  test("a file is known as it was when a run committed it: by path, etag and size", async () => {
    expect(await store.getBookmark("j")).toBeUndefined();
    await commit("r1", [file("a"), file("b")]);
    const asked = [file("a"), file("b", "2"), file("b", "1", 11), file("c")];
    expect(await store.knownInputs("j", "src", asked)).toEqual(new Set(["a"]));
    expect(await store.knownInputs("j", "other", asked)).toEqual(new Set());
    expect(await store.knownInputs("k", "src", asked)).toEqual(new Set());
  });

  test("runs, attempts and versions count as Glue's do", async () => {
    await store.beginAttempt("j");
    expect(await store.beginAttempt("j")).toMatchObject({ JobName: "j", Version: 0, Run: 0, Attempt: 2 });
    expect(await commit("r1", [file("a")])).toMatchObject({ Version: 1, Run: 1, Attempt: 0, RunId: "r1" });
    const entry = await commit("r2", [file("b")], { contexts: new Map([["rel", { nextKey: 7 }]]) });
    expect(entry).toMatchObject({ Version: 2, Run: 2, RunId: "r2", PreviousRunId: "r1" });
    expect(JSON.parse(entry.JobBookmark)).toEqual({ src: { files: 2 }, rel: { files: 0, nextKey: 7 } });
    expect(await store.contextState("j", "rel")).toEqual({ nextKey: 7 });
  });

  test("a rewind forgets what came after the run; the state before it is back, also of a file that was rewritten", async () => {
    await commit("r1", [file("a", "1")], { contexts: new Map([["rel", { nextKey: 3 }]]) });
    await commit("r2", [file("a", "2"), file("b")], { contexts: new Map([["rel", { nextKey: 9 }]]) });
    expect(await store.inputsOfRuns("j", "src", "r1", "r2")).toEqual(new Set(["a", "b"]));
    expect(await store.resetBookmark("j", "r1")).toMatchObject({ Version: 3, Run: 1, RunId: "r1" });
    expect(await store.knownInputs("j", "src", [file("a", "1"), file("b")])).toEqual(new Set(["a"]));
    expect(await store.contextState("j", "rel")).toEqual({ nextKey: 3 });
    expect(await store.resetBookmark("j")).toMatchObject({ Run: 0 });
    expect(await store.knownInputs("j", "src", [file("a", "1")])).toEqual(new Set());
  });

  test("two runs at once: the second commit changes nothing", async () => {
    const { Version } = await store.beginAttempt("j");
    await commit("r1", [file("a")]);
    const late = store.commitRun({
      job: "j",
      runId: "r2",
      version: Version,
      inputs: new Map([["src", [file("b")]]]),
      contexts: new Map(),
      changes: [],
      publications: [{ kind: "remove", final: "x" }],
      saveBookmark: true,
    });
    await expect(late).rejects.toMatchObject({ code: "VERSION_MISMATCH", name: "ConcurrentModificationException" });
    expect(await store.knownInputs("j", "src", [file("b")])).toEqual(new Set());
    expect(await store.openPublications()).toEqual([]);
  });

  test("a commit that fails in its catalog change leaves no bookmark and no publication", async () => {
    const change = { database: "nowhere", table: { Name: "t" } };
    await expect(
      commit("r1", [file("a")], { changes: [change], publications: [{ kind: "publish", staged: "s", final: "f" }] }),
    ).rejects.toMatchObject({ name: "EntityNotFoundException" });
    expect(await store.getBookmark("j")).toMatchObject({ Run: 0 });
    expect(await store.openPublications()).toEqual([]);
  });

  test("publications stay until they are done", async () => {
    const publications = [
      { kind: "publish", staged: "/s/1", final: "/f/1" },
      { kind: "remove", final: "/f/0" },
    ] as const;
    await commit("r1", [], { publications, saveBookmark: false });
    expect(await store.getBookmark("j")).toMatchObject({ Run: 0, Version: 0 });
    expect(await store.openPublications()).toEqual([{ runId: "r1", publications }]);
    await store.publicationDone("r1");
    expect(await store.openPublications()).toEqual([]);
  });

  test("unknown jobs and runs are named", async () => {
    await expect(store.resetBookmark("none")).rejects.toMatchObject({
      code: "BOOKMARK_NOT_FOUND",
      name: "EntityNotFoundException",
    });
    await commit("r1", []);
    await expect(store.resetBookmark("j", "r9")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    await expect(store.inputsOfRuns("j", "src", "r1", "r9")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  test("any sequence of commits, resets and rewinds remembers what a list of runs remembers", async () => {
    const paths = ["a", "b", "c"];
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("commit" as const),
          files: fc.array(fc.tuple(fc.constantFrom(...paths), fc.constantFrom("1", "2")), { maxLength: 3 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("rewind" as const), to: fc.nat(3) }) },
    );
    let job = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const name = `p${job++}`;
        let model: { id: string; files: (readonly [string, string])[] }[] = [];
        let id = 0;
        for (const s of steps) {
          if (s.kind === "commit") {
            const { Version } = await store.beginAttempt(name);
            const runId = `r${id++}`;
            await store.commitRun({
              job: name,
              runId,
              version: Version,
              inputs: new Map([["src", s.files.map(([p, e]) => file(p, e))]]),
              contexts: new Map(),
              changes: [],
              publications: [],
              saveBookmark: true,
            });
            model.push({ id: runId, files: s.files });
          } else if (model.length > 0) {
            const kept = model.slice(0, s.to % (model.length + 1));
            await store.resetBookmark(name, kept.at(-1)?.id);
            model = kept;
          }
        }
        const last = new Map(model.flatMap((run) => run.files));
        for (const path of paths)
          for (const etag of ["1", "2"]) {
            expect([path, etag, (await store.knownInputs(name, "src", [file(path, etag)])).has(path)]).toEqual([
              path,
              etag,
              last.get(path) === etag,
            ]);
          }
      }),
      { numRuns: 40 },
    );
  });
}
