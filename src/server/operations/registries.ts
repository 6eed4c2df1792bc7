import { alreadyExists } from "../../catalog/catalog-errors.js";
import { allDefinitions, createDefinition } from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import { listed } from "../definition-operations.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import type { Paged } from "../paging.js";
import { repeatedly } from "../register-schema.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";
import {
  getRegistry,
  type RegistryId,
  registryArn,
  registryName,
  type RegistryRecord,
  registryRef,
  timeText,
} from "../schema-record.js";
import { schemaRemoval } from "../schema-removal.js";

type CreateRegistry = { readonly RegistryName: string; readonly Description?: string; readonly Tags?: Tags };
type ById = { readonly RegistryId: RegistryId };

export const registryOperations = {
  CreateRegistry: operation(async ({ RegistryName: name, Description, Tags }: CreateRegistry, context) => {
    const record: RegistryRecord = { schemas: 0, ...(Description === undefined ? {} : { Description }) };
    if ((await context.catalog.getEntity(registryRef(name))) !== undefined)
      throw alreadyExists(`Registry already exists. RegistryName: ${name}`, { path: name });
    await createDefinition(context.catalog, registryRef(name), record);
    await putTags(context, registryArn(context, name), Tags);
    return {
      RegistryName: name,
      RegistryArn: registryArn(context, name),
      ...(Description === undefined ? {} : { Description }),
      ...(Tags === undefined ? {} : { Tags }),
    };
  }),
  GetRegistry: operation(async ({ RegistryId }: ById, context) =>
    registryOf(context, await getRegistry(context.catalog, registryName(RegistryId))),
  ),
  ListRegistries: operation(async (input: Paged, context) =>
    listed<RegistryRecord>(context, "registry", input, "Registries", (entity) => registryOf(context, entity), 100),
  ),
  UpdateRegistry: operation(async ({ RegistryId, Description }: ById & { readonly Description: string }, context) => {
    const name = registryName(RegistryId);
    await repeatedly(async () => {
      const { doc, version } = await getRegistry(context.catalog, name);
      await context.catalog.changeEntities([
        { ref: registryRef(name), doc: { ...doc, Description }, ifVersion: version },
      ]);
    }, name);
    return { RegistryName: name, RegistryArn: registryArn(context, name) };
  }),
  DeleteRegistry: operation(async ({ RegistryId }: ById, context) => {
    const { catalog } = context;
    const name = registryName(RegistryId);
    // its schemas and their versions go with it, in one step
    await repeatedly(async () => {
      const { version } = await getRegistry(catalog, name);
      const schemas = await allDefinitions(catalog, { kind: "schema", scope: name });
      const removals = await Promise.all(
        schemas.map((schema) => schemaRemoval(context, { registry: name, schema: schema.name })),
      );
      await catalog.changeEntities([...removals.flat(), { ref: registryRef(name), ifVersion: version }]);
    }, name);
    await dropTags(context, registryArn(context, name));
    return { RegistryName: name, RegistryArn: registryArn(context, name), Status: "DELETING" };
  }),
} satisfies OperationTable;

const registryOf = (context: OperationContext, { name, doc, created, updated }: Entity<RegistryRecord>): object => ({
  RegistryName: name,
  RegistryArn: registryArn(context, name),
  ...(doc.Description === undefined ? {} : { Description: doc.Description }),
  Status: "AVAILABLE",
  CreatedTime: timeText(created),
  UpdatedTime: timeText(updated),
});
