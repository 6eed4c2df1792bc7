import { alreadyExists, invalidInput } from "../../catalog/catalog-errors.js";
import { allDefinitions } from "../../catalog/definitions/definition.js";
import type { Catalog, Entity, EntityChange } from "../../catalog/index.js";
import type { Compatibility } from "../../catalog/schemas/compatibility.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { paged } from "../page-of-list.js";
import { type Paged, pageOf } from "../paging.js";
import { newUuid, newVersion, repeatedly, requireMode, validDefinition } from "../register-schema.js";
import { putTags, type Tags } from "../resource-tags.js";
import {
  DEFAULT_REGISTRY,
  getRegistry,
  getSchema,
  getVersion,
  type RegistryId,
  registryArn,
  registryName,
  type RegistryRecord,
  registryRef,
  schemaArn,
  type SchemaId,
  type SchemaName,
  schemaName,
  type SchemaRecord,
  schemaRef,
  timeText,
  type VersionNumber,
  type VersionRecord,
  versionsOf,
} from "../schema-record.js";
import { schemaRemoval } from "../schema-removal.js";

type CreateSchema = {
  readonly RegistryId?: RegistryId;
  readonly SchemaName: string;
  readonly DataFormat: string;
  readonly Compatibility?: Compatibility;
  readonly Description?: string;
  readonly Tags?: Tags;
  readonly SchemaDefinition?: string;
};
type ById = { readonly SchemaId: SchemaId };
type UpdateSchema = ById & {
  readonly SchemaVersionNumber?: VersionNumber;
  readonly Compatibility?: Compatibility;
  readonly Description?: string;
};

export const schemaOperations = {
  CreateSchema: operation(async (input: CreateSchema, context) => {
    const name = { registry: registryName(input.RegistryId), schema: input.SchemaName };
    await requireMode(input.DataFormat, input.Compatibility ?? "NONE");
    if (input.SchemaDefinition !== undefined) await validDefinition(input.DataFormat, input.SchemaDefinition);
    const version: VersionRecord | undefined =
      input.SchemaDefinition === undefined
        ? undefined
        : { id: newUuid(context), number: 1, definition: input.SchemaDefinition, status: "AVAILABLE", metadata: [] };
    const record: SchemaRecord = {
      DataFormat: input.DataFormat,
      Compatibility: input.Compatibility ?? "NONE",
      ...(input.Description === undefined ? {} : { Description: input.Description }),
      checkpoint: 1,
      next: version === undefined ? 1 : 2,
    };
    await repeatedly(async () => {
      if ((await context.catalog.getEntity(schemaRef(name))) !== undefined)
        throw alreadyExists(`Schema already exists. RegistryName: ${name.registry}, SchemaName: ${name.schema}`, {
          path: name.schema,
        });
      await context.catalog.changeEntities([
        await registryChange(context.catalog, name.registry, input.RegistryId === undefined),
        { ref: schemaRef(name), doc: record, ifVersion: 0 },
        ...(version === undefined ? [] : newVersion(name, version)),
      ]);
    }, name.schema);
    await putTags(context, schemaArn(context, name), input.Tags);
    return {
      ...describe(context, name, record, version === undefined ? 0 : 1),
      ...(input.Tags === undefined ? {} : { Tags: input.Tags }),
      ...(version === undefined ? {} : { SchemaVersionId: version.id, SchemaVersionStatus: version.status }),
    };
  }),
  GetSchema: operation(async ({ SchemaId }: ById, context) => {
    const name = schemaName(SchemaId);
    const { doc, created, updated } = await getSchema(context.catalog, name);
    const latest = (await versionsOf(context.catalog, name)).findLast((version) => version.doc.status === "AVAILABLE");
    return {
      ...describe(context, name, doc, latest?.doc.number ?? 0),
      CreatedTime: timeText(created),
      UpdatedTime: timeText(updated),
    };
  }),
  ListSchemas: operation(async (input: Paged & { readonly RegistryId?: RegistryId }, context) => {
    const { catalog } = context;
    const registry = input.RegistryId === undefined ? undefined : registryName(input.RegistryId);
    if (registry !== undefined) await getRegistry(catalog, registry);
    const all = await allDefinitions<SchemaRecord>(catalog, {
      kind: "schema",
      ...(registry === undefined ? {} : { scope: registry }),
    });
    return paged(
      "Schemas",
      all.map((entity) => listItem(context, entity)),
      { maxResults: 25, ...pageOf(input, 100) },
      ["schemas", registry ?? ""],
    );
  }),
  UpdateSchema: operation(
    async ({ SchemaId, SchemaVersionNumber, Compatibility: mode, Description }: UpdateSchema, context) => {
      const name = schemaName(SchemaId);
      if (mode === undefined && SchemaVersionNumber === undefined && Description === undefined)
        throw invalidInput("UpdateSchema needs Compatibility, SchemaVersionNumber or Description", {
          path: "SchemaId",
        });
      if (mode !== undefined && SchemaVersionNumber === undefined) {
        throw invalidInput("With Compatibility the checkpoint, SchemaVersionNumber, is required", {
          path: "SchemaVersionNumber",
          hint: "give SchemaVersionNumber: { LatestVersion: true }",
        });
      }
      await repeatedly(async () => {
        const { doc, version } = await getSchema(context.catalog, name);
        if (mode !== undefined) await requireMode(doc.DataFormat, mode);
        const checkpoint =
          SchemaVersionNumber === undefined
            ? {}
            : { checkpoint: (await getVersion(context.catalog, name, SchemaVersionNumber)).doc.number };
        const next: SchemaRecord = {
          ...doc,
          ...checkpoint,
          ...(mode === undefined ? {} : { Compatibility: mode }),
          ...(Description === undefined ? {} : { Description }),
        };
        await context.catalog.changeEntities([{ ref: schemaRef(name), doc: next, ifVersion: version }]);
      }, name.schema);
      return { SchemaArn: schemaArn(context, name), SchemaName: name.schema, RegistryName: name.registry };
    },
  ),
  DeleteSchema: operation(async ({ SchemaId }: ById, context) => {
    const name = schemaName(SchemaId);
    await repeatedly(async () => context.catalog.changeEntities(await schemaRemoval(context, name)), name.schema);
    return { SchemaArn: schemaArn(context, name), SchemaName: name.schema, Status: "DELETING" };
  }),
} satisfies OperationTable;

/**
 * Counts the new schema in its registry, so that the registry is there when it is stored; the default one is made on
 * first use.
 */
async function registryChange(catalog: Catalog, name: string, isDefault: boolean): Promise<EntityChange> {
  if (isDefault && (await catalog.getEntity(registryRef(DEFAULT_REGISTRY))) === undefined)
    return { ref: registryRef(name), doc: { schemas: 1 } satisfies RegistryRecord, ifVersion: 0 };
  const { doc, version } = await getRegistry(catalog, name);
  return {
    ref: registryRef(name),
    doc: { ...doc, schemas: doc.schemas + 1 } satisfies RegistryRecord,
    ifVersion: version,
  };
}

const describe = (
  context: OperationContext,
  name: SchemaName,
  { DataFormat, Compatibility: mode, Description, checkpoint, next }: SchemaRecord,
  latest: number,
): object => ({
  RegistryName: name.registry,
  RegistryArn: registryArn(context, name.registry),
  SchemaName: name.schema,
  SchemaArn: schemaArn(context, name),
  ...(Description === undefined ? {} : { Description }),
  DataFormat,
  Compatibility: mode,
  SchemaCheckpoint: checkpoint,
  LatestSchemaVersion: latest,
  NextSchemaVersion: next,
  SchemaStatus: "AVAILABLE",
});

function listItem(
  context: OperationContext,
  { name: schema, scope: registry, doc, created, updated }: Entity<SchemaRecord>,
): object {
  return {
    RegistryName: registry,
    SchemaName: schema,
    SchemaArn: schemaArn(context, { registry, schema }),
    ...(doc.Description === undefined ? {} : { Description: doc.Description }),
    SchemaStatus: "AVAILABLE",
    CreatedTime: timeText(created),
    UpdatedTime: timeText(updated),
  };
}
