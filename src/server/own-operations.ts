/** dynaframe's own operations: ledgers, schema history, changes of several tables at once, entities. */
import type { OwnOperation, OwnOperations } from "../catalog/wire/own-operations.js";
import { JOB_STATE_HANDLERS } from "./job-state-operations.js";
import type { JsonSchema } from "./model/request-schema.js";
import { type OperationContext, operation, type OperationTable } from "./operation.js";

type Handlers = {
  readonly [N in OwnOperation]: (
    input: OwnOperations[N]["input"],
    context: OperationContext,
  ) => Promise<OwnOperations[N]["output"]>;
};

const HANDLERS: Handlers = {
  ...JOB_STATE_HANDLERS,
  ApplyTableChanges: async ({ Changes }, { catalog }) => {
    await catalog.applyTableChanges(Changes);
    return {};
  },
  GetLedger: async ({ DatabaseName, TableName }, { catalog }) => {
    const ledger = await catalog.getLedger(DatabaseName, TableName);
    return ledger === undefined ? {} : { Ledger: ledger };
  },
  GetLedgerKeys: async ({ DatabaseName, TableName }, { catalog }) => ({
    Keys: await catalog.getLedgerKeys(DatabaseName, TableName),
  }),
  GetFileLedgers: async ({ DatabaseName, TableName, Files }, { catalog }) => ({
    Ledgers: await catalog.getFileLedgers(DatabaseName, TableName, Files),
  }),
  GetLedgerKeysAt: async ({ DatabaseName, TableName, VersionId }, { catalog }) => ({
    Keys: await catalog.getLedgerKeysAt(DatabaseName, TableName, VersionId),
  }),
  GetSchemaHistory: async ({ DatabaseName, TableName, Range }, { catalog }) => ({
    History: await catalog.getSchemaHistory(DatabaseName, TableName, Range),
  }),
  GetSchemaChanges: async ({ DatabaseName, TableName }, { catalog }) => ({
    Changes: await catalog.getSchemaChanges(DatabaseName, TableName),
  }),
  GetEntity: async ({ Ref }, { catalog }) => {
    const entity = await catalog.getEntity(Ref);
    return entity === undefined ? {} : { Entity: entity };
  },
  ListEntities: async ({ Group, Listing }, { catalog }) => ({ Page: await catalog.listEntities(Group, Listing) }),
  ListEntityKinds: async ({ Owner }, { catalog }) => ({ Kinds: await catalog.listEntityKinds(Owner) }),
  ChangeEntities: async ({ Changes }, { catalog }) => {
    await catalog.changeEntities(Changes);
    return {};
  },
};

export const OWN_HANDLERS: OperationTable = Object.fromEntries(
  Object.entries(HANDLERS).map(([name, handler]) => [name, operation(handler as Handlers["GetEntity"])]),
);

const text = { type: "string", maxLength: 4096 };
const texts = { type: "array", items: text };
const object = (properties: JsonSchema, required: readonly string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const inTable = { DatabaseName: text, TableName: text };
const owner = { database: text, table: text, partition: texts };
const ref = object({ ...owner, kind: text, scope: text, name: text }, ["kind", "name"]);
const node: JsonSchema = {
  type: "object",
  required: ["tags", "fields"],
  properties: { tags: { type: "object" }, fields: { type: "array" } },
};
const fileLedger: JsonSchema = {
  type: "object",
  required: [
    "file",
    "etag",
    "size",
    "records",
    "malformed",
    "malformedRecords",
    "root",
    "hazards",
    "shapes",
    "otherShapes",
    "bytes",
    "format",
    "modified",
  ],
  properties: {
    file: text,
    etag: text,
    size: { type: "number" },
    records: { type: "number" },
    malformed: { type: "number" },
    malformedRecords: { type: "array" },
    root: node,
    texts: node,
    hazards: { type: "object" },
    shapes: { type: "array" },
    otherShapes: { type: "number" },
    bytes: { type: "number" },
    format: text,
    modified: { type: "number" },
  },
};

const tableChange = object(
  {
    database: text,
    table: { type: "object" },
    createIfAbsent: { type: "boolean" },
    ifVersion: text,
    putPartitions: { type: "array", items: { type: "object" } },
    deletePartitions: { type: "array", items: texts },
    putLedgers: { type: "array", items: fileLedger },
    deleteLedgers: texts,
    schema: { type: "object", required: ["kind", "fields"] },
    createDatabase: { const: true },
    drop: { const: true },
    partitionIndex: { type: "object", required: ["IndexName", "Keys"] },
  },
  ["database", "table"],
);
const entityChange = object({ ref, doc: {}, ifVersion: { type: "integer", minimum: 0 } }, ["ref"]);
const inputKey = object({ path: text, etag: text, size: { type: "number" } }, ["path", "etag", "size"]);
const pair = (value: JsonSchema): JsonSchema => ({ type: "array", minItems: 2, maxItems: 2, items: [text, value] });
const commit = object(
  {
    job: text,
    runId: text,
    version: { type: "integer" },
    inputs: { type: "array", items: pair({ type: "array", items: inputKey }) },
    contexts: {
      type: "array",
      items: pair({ type: "object", additionalProperties: { type: ["string", "number", "null"] } }),
    },
    changes: { type: "array", items: tableChange },
    publications: {
      type: "array",
      items: object({ kind: { enum: ["publish", "remove"] }, staged: text, final: text }, ["kind", "final"]),
    },
    entities: { type: "array", items: entityChange },
    saveBookmark: { type: "boolean" },
  },
  ["job", "runId", "version", "inputs", "contexts", "changes", "publications", "saveBookmark"],
);
const inContext = { Job: text, Context: text };

/** Shapes of the requests; tables and partitions in them are checked by the catalog itself. */
export const OWN_SCHEMAS: { readonly [N in OwnOperation]: JsonSchema } = {
  ApplyTableChanges: object({ Changes: { type: "array", items: tableChange } }, ["Changes"]),
  GetLedger: object(inTable, ["DatabaseName", "TableName"]),
  GetLedgerKeys: object(inTable, ["DatabaseName", "TableName"]),
  GetFileLedgers: object({ ...inTable, Files: texts }, ["DatabaseName", "TableName", "Files"]),
  GetLedgerKeysAt: object({ ...inTable, VersionId: text }, ["DatabaseName", "TableName", "VersionId"]),
  GetSchemaHistory: object({ ...inTable, Range: object({ upTo: text, newest: { type: "integer", minimum: 1 } }) }, [
    "DatabaseName",
    "TableName",
  ]),
  GetSchemaChanges: object(inTable, ["DatabaseName", "TableName"]),
  GetEntity: object({ Ref: ref }, ["Ref"]),
  ListEntities: object(
    {
      Group: object({ ...owner, kind: text, scope: text }, ["kind"]),
      Listing: object({ nextToken: text, maxResults: { type: "integer" }, newestFirst: { type: "boolean" } }),
    },
    ["Group"],
  ),
  ListEntityKinds: object({ Owner: object(owner) }, ["Owner"]),
  ChangeEntities: object({ Changes: { type: "array", items: entityChange } }, ["Changes"]),
  GetBookmarkState: object({ Job: text }, ["Job"]),
  BeginAttempt: object({ Job: text }, ["Job"]),
  GetContextState: object(inContext, ["Job", "Context"]),
  GetKnownInputs: object({ ...inContext, Files: { type: "array", items: inputKey } }, ["Job", "Context", "Files"]),
  GetInputsOfRuns: object({ ...inContext, From: text, To: text }, ["Job", "Context", "From", "To"]),
  CommitRun: object({ Commit: commit }, ["Commit"]),
  ListOpenPublications: object({}),
  FinishPublication: object({ RunId: text }, ["RunId"]),
  ResetBookmarkState: object({ Job: text, RunId: text }, ["Job"]),
};
