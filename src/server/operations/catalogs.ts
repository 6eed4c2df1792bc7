/** The account's one catalog. Catalogs within it cannot be made here, and those operations fail with their name. */
import { entityNotFound } from "../../catalog/catalog-errors.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import type { Paged } from "../paging.js";
import { arnOf } from "../resource-arn.js";

type ById = { readonly CatalogId?: string };
type GetCatalogs = Paged & { readonly ParentCatalogId?: string; readonly IncludeRoot?: boolean };

export const catalogOperations = {
  GetCatalog: operation(async ({ CatalogId }: ById, context) => {
    requireOwn(context, CatalogId);
    return { Catalog: ownCatalog(context) };
  }),
  // under the account's own catalog there is none
  GetCatalogs: operation(async ({ ParentCatalogId, IncludeRoot = false }: GetCatalogs, context) => {
    requireOwn(context, ParentCatalogId);
    return { CatalogList: IncludeRoot ? [ownCatalog(context)] : [] };
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

function requireOwn({ accountId }: OperationContext, id: string | undefined): void {
  if (id === undefined || id === accountId) return;
  throw entityNotFound(`Catalog ${id} not found.`, { path: "CatalogId", expected: accountId, hint: `this server holds catalog ${accountId}` });
}

const ownCatalog = (context: OperationContext): object => ({ CatalogId: context.accountId, Name: context.accountId, ResourceArn: arnOf(context, "catalog"), Parameters: {} });
