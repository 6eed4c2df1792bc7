/** Tags as resources keep them, by ARN. */
import type { EntityRef } from "../catalog/index.js";
import type { OperationContext } from "./operation.js";

export type Tags = { readonly [key: string]: string };

/** Tags of a database or table hang on it, and go when it goes. */
export function tagsRef(arn: string): EntityRef {
  const [type, database, table] = arn.split(":").slice(5).join(":").split("/");
  if (database === undefined || (type !== "database" && type !== "table")) return { kind: "tags", name: arn };
  return { kind: "tags", name: arn, database, ...(type === "table" && table !== undefined ? { table } : {}) };
}

export async function tagsOf({ catalog }: OperationContext, arn: string): Promise<Tags> {
  return ((await catalog.getEntity(tagsRef(arn)))?.doc ?? {}) as Tags;
}

/** Tags given when a resource is made. */
export async function putTags({ catalog }: OperationContext, arn: string, tags: Tags | undefined): Promise<void> {
  if (tags !== undefined && Object.keys(tags).length > 0)
    await catalog.changeEntities([{ ref: tagsRef(arn), doc: tags }]);
}

/** Tags go with their resource. */
export async function dropTags({ catalog }: OperationContext, arn: string): Promise<void> {
  await catalog.changeEntities([{ ref: tagsRef(arn) }]);
}
