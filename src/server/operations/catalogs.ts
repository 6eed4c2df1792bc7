/**
 * The account's own catalog, and catalogs beside it: their names here, what is in them by CatalogId of all other
 * operations.
 */
import {
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import {
  type CatalogRecord,
  nestedCatalogId,
  nestedName,
  nestedRef,
  noCatalog,
  requireNested,
} from "../nested-catalogs.js";
import { type OperationContext, operation, type OperationTable, refuseMembers } from "../operation.js";
import { type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type ById = { readonly CatalogId?: string };
type GetCatalogs = Paged & {
  readonly ParentCatalogId?: string;
  readonly IncludeRoot?: boolean;
  readonly HasDatabases?: boolean;
};
type CatalogInput = { readonly CatalogProperties?: object };

export const catalogOperations = {
  CreateCatalog: operation(
    async (
      {
        Name,
        CatalogInput,
        Tags,
      }: { readonly Name: string; readonly CatalogInput: CatalogInput; readonly Tags?: Tags },
      context,
    ) => {
      requireNested(context);
      check(CatalogInput);
      if (Name === context.accountId || Name.includes(":"))
        throw invalidInput(`${Name} cannot be the name of a catalog`, { path: "Name" });
      await createDefinition(context.catalog, nestedRef(Name), {
        id: context.newId(),
        input: CatalogInput,
      } satisfies CatalogRecord);
      await putTags(context, arnOf(context, "catalog", Name), Tags);
      return {};
    },
  ),
  UpdateCatalog: operation(
    async (
      { CatalogId, CatalogInput }: { readonly CatalogId: string; readonly CatalogInput: CatalogInput },
      context,
    ) => {
      check(CatalogInput);
      await changeDefinition<CatalogRecord>(
        context.catalog,
        nestedRef(otherName(context, CatalogId, "changed")),
        (doc) => ({ ...doc, input: CatalogInput }),
      );
      return {};
    },
  ),
  // what is in it goes with it
  DeleteCatalog: operation(async ({ CatalogId }: { readonly CatalogId: string }, context) => {
    const nested = requireNested(context);
    const name = otherName(context, CatalogId, "deleted");
    const { doc } = await getDefinition<CatalogRecord>(context.catalog, nestedRef(name));
    await deleteDefinition(context.catalog, nestedRef(name));
    await dropTags(context, arnOf(context, "catalog", name));
    await nested.remove(doc.id);
    return {};
  }),
  GetCatalog: operation(async ({ CatalogId }: ById, context) => {
    if (CatalogId === undefined || CatalogId === context.accountId) return { Catalog: ownCatalog(context) };
    return {
      Catalog: catalogOf(
        context,
        await getDefinition<CatalogRecord>(context.catalog, nestedRef(nestedName(context, CatalogId))),
      ),
    };
  }),
  GetCatalogs: operation(async (input: GetCatalogs, context) => {
    const { ParentCatalogId, IncludeRoot = false, HasDatabases = false } = input;
    // no catalog has others in it but the account's own
    if (ParentCatalogId !== undefined && ParentCatalogId !== context.accountId) {
      await getDefinition(context.catalog, nestedRef(nestedName(context, ParentCatalogId)));
      return { CatalogList: [] };
    }
    const root = IncludeRoot && input.NextToken === undefined ? [ownCatalog(context)] : [];
    const { items, nextToken } = await context.catalog.listEntities({ kind: "catalog" }, pageOf(input));
    const wanted = HasDatabases
      ? await withDatabases(context, items as readonly Entity<CatalogRecord>[])
      : (items as readonly Entity<CatalogRecord>[]);
    return {
      CatalogList: [...root, ...wanted.map((entity) => catalogOf(context, entity))],
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    };
  }),
  // there never was a catalog of Athena's own beside this one: nothing is left to import
  ImportCatalogToGlue: operation(async ({ CatalogId }: ById, context) => {
    requireOwn(context, CatalogId);
    return {};
  }),
  GetCatalogImportStatus: operation(async ({ CatalogId }: ById, context) => {
    requireOwn(context, CatalogId);
    return { ImportStatus: { ImportCompleted: true } };
  }),
} satisfies OperationTable;

/** Catalogs of others are reached through them there; here nothing would come of it. */
function check(input: CatalogInput): void {
  refuseMembers(input, "FederatedCatalog", "TargetRedshiftCatalog");
  if (input.CatalogProperties !== undefined)
    refuseMembers(input.CatalogProperties, "DataLakeAccessProperties", "IcebergOptimizationProperties");
}

function otherName(context: OperationContext, catalogId: string, done: string): string {
  if (catalogId === context.accountId)
    throw invalidInput(`The account's own catalog cannot be ${done}`, { path: "CatalogId" });
  return nestedName(context, catalogId);
}

function requireOwn(context: OperationContext, id: string | undefined): void {
  if (id !== undefined && id !== context.accountId) throw noCatalog(context, id);
}

async function withDatabases(
  context: OperationContext,
  all: readonly Entity<CatalogRecord>[],
): Promise<readonly Entity<CatalogRecord>[]> {
  const counts = await Promise.all(
    all.map(
      async ({ name, doc }) =>
        (
          await (
            await requireNested(context).open(doc.id, nestedCatalogId(context, name))
          ).getDatabases({ maxResults: 1 })
        ).items.length,
    ),
  );
  return all.filter((_, i) => counts[i] !== 0);
}

const ownCatalog = (context: OperationContext): object => ({
  CatalogId: context.accountId,
  Name: context.accountId,
  ResourceArn: arnOf(context, "catalog"),
  Parameters: {},
});

const catalogOf = (context: OperationContext, { name, doc, created, updated }: Entity<CatalogRecord>): object => ({
  Parameters: {},
  ...doc.input,
  CatalogId: nestedCatalogId(context, name),
  Name: name,
  ResourceArn: arnOf(context, "catalog", name),
  CreateTime: created,
  UpdateTime: updated,
});
