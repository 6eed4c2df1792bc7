/** Listing and batch getting of definitions, which all of Glue's kinds do alike. */
import { allDefinitions } from "../catalog/definitions/definition.js";
import type { Entity } from "../catalog/index.js";
import type { OperationContext } from "./operation.js";
import { type Paged, pageOf } from "./paging.js";
import { arnOf } from "./resource-arn.js";
import { type Tags, tagsOf } from "./resource-tags.js";

/** A page of a kind under the answer's member. */
export async function listed<Doc>(
  { catalog }: OperationContext,
  kind: string,
  input: Paged,
  member: string,
  describe: (entity: Entity<Doc>) => unknown,
  most = 1000,
): Promise<object> {
  const { items, nextToken } = await catalog.listEntities({ kind }, pageOf(input, most));
  return {
    [member]: items.map((entity) => describe(entity as Entity<Doc>)),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

/** The ListX operations: names, of those with the tags. */
export async function listedNames(
  context: OperationContext,
  kind: string,
  arnType: string,
  input: Paged & { readonly Tags?: Tags },
  member: string,
): Promise<object> {
  const wanted = Object.entries(input.Tags ?? {});
  if (wanted.length === 0) return listed(context, kind, input, member, ({ name }) => name);
  const all = await allDefinitions(context.catalog, { kind });
  const names: string[] = [];
  for (const { name } of all) {
    const tags = await tagsOf(context, arnOf(context, arnType, name));
    if (wanted.every(([key, value]) => tags[key] === value)) names.push(name);
  }
  return { [member]: names }; // filtered lists are short and come whole
}

/** The BatchGetX operations. */
export async function batchGot<Doc>(
  { catalog }: OperationContext,
  kind: string,
  names: readonly string[],
  found: string,
  missing: string,
  describe: (entity: Entity<Doc>) => unknown,
): Promise<object> {
  const entities = await Promise.all(
    names.map(async (name) => ({ name, entity: await catalog.getEntity({ kind, name }) })),
  );
  return {
    [found]: entities.flatMap(({ entity }) => (entity === undefined ? [] : [describe(entity as Entity<Doc>)])),
    [missing]: entities.filter(({ entity }) => entity === undefined).map(({ name }) => name),
  };
}
