/**
 * Random sequences of valid operations agree with a small model of the catalog. DYNAFRAME_SEQUENCES sets how many;
 * default 2,000.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { openCatalog } from "../../src/open.js";
import { dispatcher } from "../../src/server/dispatch.js";
import type { Catalog } from "../../src/catalog/index.js";
import type { OperationContext } from "../../src/server/operation.js";

type ModelTable = { version: number; owner: string; versions: Map<number, string>; partitions: Map<string, string> };
type Model = Map<string, Map<string, ModelTable>>;
type Real = { call(operation: string, input: object): Promise<string | Record<string, unknown>> };
type Step = fc.AsyncCommand<Model, Real>;

const NAMES = ["a", "b", "c"];
const name = fc.constantFrom(...NAMES);
const table = (model: Model, database: string, of: string): ModelTable | undefined => model.get(database)?.get(of);

/** A step whose answer the model foretells: an error's name, or the members that the answer must have. */
function step(text: string, operation: string, input: object, foretell: (model: Model) => string | object): Step {
  return {
    check: () => true,
    toString: () => text,
    run: async (model, real) => {
      const expected = foretell(model);
      const answer = await real.call(operation, input);
      if (typeof expected === "string") expect(answer).toBe(expected);
      else expect(answer).toMatchObject(expected);
    },
  };
}

const NOT_FOUND = "EntityNotFoundException";
const EXISTS = "AlreadyExistsException";
const input = (Name: string, Owner: string) => ({ Name, Owner, PartitionKeys: [{ Name: "k", Type: "int" }] });

const commands = [
  name.map((d) =>
    step(`create ${d}`, "CreateDatabase", { DatabaseInput: { Name: d } }, (m) => {
      if (m.has(d)) return EXISTS;
      m.set(d, new Map());
      return {};
    }),
  ),
  name.map((d) => step(`drop ${d}`, "DeleteDatabase", { Name: d }, (m) => (m.delete(d) ? {} : NOT_FOUND))),
  fc.constant(
    step("databases", "GetDatabases", {}, (m) => ({ DatabaseList: [...m.keys()].sort().map((Name) => ({ Name })) })),
  ),
  fc.tuple(name, name, name).map(([d, t, o]) =>
    step(`create ${d}.${t} ${o}`, "CreateTable", { DatabaseName: d, TableInput: input(t, o) }, (m) => {
      const database = m.get(d);
      if (database === undefined) return NOT_FOUND;
      if (database.has(t)) return EXISTS;
      database.set(t, { version: 0, owner: o, versions: new Map([[0, o]]), partitions: new Map() });
      return {};
    }),
  ),
  fc.tuple(name, name, name, fc.option(fc.nat(4), { nil: undefined }), fc.boolean()).map(([d, t, o, at, skip]) =>
    step(
      `update ${d}.${t} ${o} at ${String(at)}`,
      "UpdateTable",
      {
        DatabaseName: d,
        TableInput: input(t, o),
        SkipArchive: skip,
        ...(at === undefined ? {} : { VersionId: String(at) }),
      },
      (m) => {
        const found = table(m, d, t);
        if (found === undefined) return NOT_FOUND;
        if (at !== undefined && at !== found.version) return "ConcurrentModificationException";
        if (found.owner === o) return {}; // nothing changed, no version
        if (skip) found.versions.delete(found.version);
        found.version += 1;
        found.owner = o;
        found.versions.set(found.version, o);
        return {};
      },
    ),
  ),
  fc.tuple(name, name).map(([d, t]) =>
    step(`get ${d}.${t}`, "GetTable", { DatabaseName: d, Name: t }, (m) => {
      const found = table(m, d, t);
      return found === undefined
        ? NOT_FOUND
        : { Table: { Name: t, DatabaseName: d, Owner: found.owner, VersionId: String(found.version) } };
    }),
  ),
  fc.tuple(name, name).map(([d, t]) =>
    step(`versions ${d}.${t}`, "GetTableVersions", { DatabaseName: d, TableName: t }, (m) => {
      const found = table(m, d, t);
      return found === undefined
        ? NOT_FOUND
        : {
            TableVersions: [...found.versions]
              .sort(([a], [b]) => b - a)
              .map(([VersionId, Owner]) => ({ VersionId: String(VersionId), Table: { Owner } })),
          };
    }),
  ),
  fc
    .tuple(name, name)
    .map(([d, t]) =>
      step(`drop ${d}.${t}`, "DeleteTable", { DatabaseName: d, Name: t }, (m) =>
        m.get(d)?.delete(t) === true ? {} : NOT_FOUND,
      ),
    ),
  fc.tuple(name, name, fc.nat(12), name).map(([d, t, k, p]) =>
    step(
      `add ${d}.${t}/${k}`,
      "CreatePartition",
      { DatabaseName: d, TableName: t, PartitionInput: { Values: [String(k)], Parameters: { p } } },
      (m) => {
        const found = table(m, d, t);
        if (found === undefined) return NOT_FOUND;
        if (found.partitions.has(String(k))) return EXISTS;
        found.partitions.set(String(k), p);
        return {};
      },
    ),
  ),
  fc
    .tuple(name, name, fc.nat(12))
    .map(([d, t, k]) =>
      step(
        `remove ${d}.${t}/${k}`,
        "DeletePartition",
        { DatabaseName: d, TableName: t, PartitionValues: [String(k)] },
        (m) => (table(m, d, t)?.partitions.delete(String(k)) === true ? {} : NOT_FOUND),
      ),
    ),
  fc.tuple(name, name, fc.nat(12)).map(([d, t, k]) =>
    step(
      `partitions ${d}.${t} above ${k}`,
      "GetPartitions",
      { DatabaseName: d, TableName: t, Expression: `k > ${k}` },
      (m) => {
        const found = table(m, d, t);
        if (found === undefined) return NOT_FOUND;
        return {
          Partitions: [...found.partitions]
            .map(([v, p]) => [Number(v), p] as const)
            .filter(([v]) => v > k)
            .sort(([a], [b]) => a - b)
            .map(([v, p]) => ({ Values: [String(v)], Parameters: { p } })),
        };
      },
    ),
  ),
];

const folder = mkdtempSync(join(tmpdir(), "dynaframe-model-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("sequences of operations agree with the model", async () => {
  const dispatch = dispatcher();
  const catalog: Catalog = await openCatalog(folder);
  const context: OperationContext = {
    catalog,
    accountId: "123456789012",
    region: "us-east-1",
    now: () => 1,
    newId: () => "id",
    requestId: "r",
    signal: new AbortController().signal,
    background: { add: () => undefined },
  };
  const real: Real = {
    call: async (operation, request) => {
      try {
        return JSON.parse(
          JSON.stringify(await dispatch(`AWSGlue.${operation}`, JSON.stringify(request), context)),
        ) as Record<string, unknown>;
      } catch (error) {
        return (error as Error).name;
      }
    },
  };
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: "max" }), async (sequence) => {
      for (const d of NAMES) await real.call("DeleteDatabase", { Name: d });
      await fc.asyncModelRun(() => ({ model: new Map() as Model, real }), sequence);
    }),
    { numRuns: Number(process.env["DYNAFRAME_SEQUENCES"] ?? 2000) },
  );
  await catalog.close();
}, 1_200_000);
