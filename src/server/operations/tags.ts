/** Tags of resources, by ARN. */
import { entityNotFound, invalidInput } from "../../catalog/catalog-errors.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { putTags, type Tags, tagsOf, tagsRef } from "../resource-tags.js";

const MAX_TAGS = 50;

export const tagOperations = {
  TagResource: operation(async ({ ResourceArn, TagsToAdd }: { ResourceArn: string; TagsToAdd: Tags }, context) => {
    await requireResource(context, ResourceArn);
    const tags = { ...(await tagsOf(context, ResourceArn)), ...TagsToAdd };
    if (Object.keys(tags).length > MAX_TAGS)
      throw invalidInput(`A resource has at most ${MAX_TAGS} tags`, { path: ResourceArn });
    await putTags(context, ResourceArn, tags);
    return {};
  }),
  UntagResource: operation(
    async ({ ResourceArn, TagsToRemove }: { ResourceArn: string; TagsToRemove: readonly string[] }, context) => {
      await requireResource(context, ResourceArn);
      const tags = await tagsOf(context, ResourceArn);
      await context.catalog.changeEntities([
        {
          ref: tagsRef(ResourceArn),
          doc: Object.fromEntries(Object.entries(tags).filter(([key]) => !TagsToRemove.includes(key))),
        },
      ]);
      return {};
    },
  ),
  GetTags: operation(async ({ ResourceArn }: { ResourceArn: string }, context) => {
    await requireResource(context, ResourceArn);
    return { Tags: await tagsOf(context, ResourceArn) };
  }),
} satisfies OperationTable;

/** Kinds of entities by the type in an ARN. */
const ENTITY_KINDS: { readonly [type: string]: string } = {
  crawler: "crawler",
  job: "job",
  trigger: "trigger",
  workflow: "workflow",
  devEndpoint: "dev-endpoint",
  session: "session",
  registry: "registry",
  schema: "schema",
};

async function requireResource({ catalog, region, accountId }: OperationContext, arn: string): Promise<void> {
  const [, , service, inRegion, account, ...rest] = arn.split(":");
  const [type = "", ...names] = rest.join(":").split("/");
  const [first = "", second = ""] = names;
  if (service !== "glue" || inRegion !== region || account !== accountId) {
    throw entityNotFound(`There is no resource ${arn} in this catalog`, {
      path: arn,
      expected: `arn:aws:glue:${region}:${accountId}:…`,
    });
  }
  switch (type) {
    case "catalog":
      return;
    case "database":
      await catalog.getDatabase(first);
      return;
    case "table":
      await catalog.getTable(first, second);
      return;
    case "connection":
      await catalog.getConnection(first, { hidePassword: true });
      return;
    default: {
      const kind = ENTITY_KINDS[type];
      if (kind === undefined) {
        throw invalidInput(`Resources of type ${type} cannot be tagged`, {
          path: arn,
          expected: ["catalog", "database", "table", "connection", ...Object.keys(ENTITY_KINDS)].join(", "),
        });
      }
      const scope = kind === "schema" ? { scope: first } : {};
      if (
        (await catalog.getEntity({ kind, name: kind === "schema" ? second : names.join("/"), ...scope })) === undefined
      )
        throw entityNotFound(`There is no ${type} ${names.join("/")}`, { path: arn });
    }
  }
}
