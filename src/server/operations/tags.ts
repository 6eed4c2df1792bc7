/** Tags of resources, by ARN. */
import { entityNotFound, invalidInput } from "../../catalog/catalog-errors.js";
import type { EntityRef } from "../../catalog/index.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";

export type Tags = { readonly [key: string]: string };

const MAX_TAGS = 50;

export const tagOperations = {
  TagResource: operation(async ({ ResourceArn, TagsToAdd }: { ResourceArn: string; TagsToAdd: Tags }, context) => {
    await requireResource(context, ResourceArn);
    const tags = { ...await tagsOf(context, ResourceArn), ...TagsToAdd };
    if (Object.keys(tags).length > MAX_TAGS) throw invalidInput(`A resource has at most ${MAX_TAGS} tags`, { path: ResourceArn });
    await putTags(context, ResourceArn, tags);
    return {};
  }),
  UntagResource: operation(async ({ ResourceArn, TagsToRemove }: { ResourceArn: string; TagsToRemove: readonly string[] }, context) => {
    await requireResource(context, ResourceArn);
    const tags = await tagsOf(context, ResourceArn);
    await context.catalog.changeEntities([{ ref: ref(ResourceArn), doc: Object.fromEntries(Object.entries(tags).filter(([key]) => !TagsToRemove.includes(key))) }]);
    return {};
  }),
  GetTags: operation(async ({ ResourceArn }: { ResourceArn: string }, context) => {
    await requireResource(context, ResourceArn);
    return { Tags: await tagsOf(context, ResourceArn) };
  }),
} satisfies OperationTable;

/** Tags of a database or table hang on it, and go when it goes. */
function ref(arn: string): EntityRef {
  const [type, database, table] = arn.split(":").slice(5).join(":").split("/");
  if (database === undefined || (type !== "database" && type !== "table")) return { kind: "tags", name: arn };
  return { kind: "tags", name: arn, database, ...(type === "table" && table !== undefined ? { table } : {}) };
}

async function tagsOf({ catalog }: OperationContext, arn: string): Promise<Tags> {
  return ((await catalog.getEntity(ref(arn)))?.doc ?? {}) as Tags;
}

/** Tags given when a resource is made. */
export async function putTags({ catalog }: OperationContext, arn: string, tags: Tags | undefined): Promise<void> {
  if (tags !== undefined && Object.keys(tags).length > 0) await catalog.changeEntities([{ ref: ref(arn), doc: tags }]);
}

/** Tags go with their resource. */
export async function dropTags({ catalog }: OperationContext, arn: string): Promise<void> {
  await catalog.changeEntities([{ ref: ref(arn) }]);
}

/** Kinds of entities by the type in an ARN. */
const ENTITY_KINDS: { readonly [type: string]: string } = {
  crawler: "crawler", job: "job", trigger: "trigger", workflow: "workflow", devEndpoint: "dev-endpoint", session: "session", registry: "registry", schema: "schema",
};

async function requireResource({ catalog, region, accountId }: OperationContext, arn: string): Promise<void> {
  const [, , service, inRegion, account, ...rest] = arn.split(":");
  const [type = "", ...names] = rest.join(":").split("/");
  const [first = "", second = ""] = names;
  if (service !== "glue" || inRegion !== region || account !== accountId) throw entityNotFound(`There is no resource ${arn} in this catalog`, { path: arn, expected: `arn:aws:glue:${region}:${accountId}:…` });
  switch (type) {
    case "catalog": return;
    case "database": await catalog.getDatabase(first); return;
    case "table": await catalog.getTable(first, second); return;
    case "connection": await catalog.getConnection(first, { hidePassword: true }); return;
    default: {
      const kind = ENTITY_KINDS[type];
      if (kind === undefined) throw invalidInput(`Resources of type ${type} cannot be tagged`, { path: arn, expected: ["catalog", "database", "table", "connection", ...Object.keys(ENTITY_KINDS)].join(", ") });
      const scope = kind === "schema" ? { scope: first } : {};
      if (await catalog.getEntity({ kind, name: kind === "schema" ? second : names.join("/"), ...scope }) === undefined) throw entityNotFound(`There is no ${type} ${names.join("/")}`, { path: arn });
    }
  }
}
