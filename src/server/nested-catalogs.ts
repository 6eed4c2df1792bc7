/**
 * Catalogs beside the account's own, each a store of its own: found by name, opened when first asked for, closed with
 * the server.
 */
import { entityNotFound } from "../catalog/catalog-errors.js";
import type { Catalog } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import type { OperationContext } from "./operation.js";

/** Where their stores are. `id` is of one catalog ever: a catalog made anew under an old name is another. */
export type NestedStores = {
  readonly open: (id: string, catalogId: string) => Promise<Catalog>;
  readonly remove: (id: string) => Promise<void>;
};

export type CatalogRecord = { readonly id: string; readonly input: object };

export const nestedRef = (name: string) => ({ kind: "catalog", name });

/** `123456789012:sales` for the catalog sales. */
export const nestedCatalogId = ({ accountId }: Pick<OperationContext, "accountId">, name: string): string =>
  `${accountId}:${name}`;

/** The name in a CatalogId: `sales`, or `123456789012:sales`. */
export const nestedName = ({ accountId }: Pick<OperationContext, "accountId">, catalogId: string): string =>
  catalogId.startsWith(`${accountId}:`) ? catalogId.slice(accountId.length + 1) : catalogId;

/** Operations that work on databases and what is in them; all others are of the account. */
const INSIDE: ReadonlySet<string> = new Set([
  "catalog/databases",
  "catalog/tables",
  "catalog/versions",
  "catalog/partitions",
  "catalog/udf",
  "catalog/statistics",
]);

export class NestedCatalogs {
  private readonly opened = new Map<string, Promise<Catalog>>();
  constructor(private readonly stores: NestedStores) {}

  open(id: string, catalogId: string): Promise<Catalog> {
    const known = this.opened.get(id) ?? this.stores.open(id, catalogId);
    this.opened.set(id, known);
    known.catch(() => this.opened.delete(id));
    return known;
  }

  async remove(id: string): Promise<void> {
    const catalog = await this.opened.get(id)?.catch(() => undefined);
    this.opened.delete(id);
    await catalog?.close();
    await this.stores.remove(id);
  }

  async close(): Promise<void> {
    const all = await Promise.allSettled(this.opened.values());
    this.opened.clear();
    for (const each of all) if (each.status === "fulfilled") await each.value.close();
  }
}

/**
 * The context of a request that names a catalog.
 * @throws EntityNotFoundException where there is none, or the operation is of the account.
 */
export async function contextOf(
  context: OperationContext,
  catalogId: string,
  group: string,
): Promise<OperationContext> {
  if (catalogId === context.accountId) return context;
  const name = nestedName(context, catalogId);
  const record =
    INSIDE.has(group) && context.nested !== undefined ? await context.catalog.getEntity(nestedRef(name)) : undefined;
  if (record === undefined || context.nested === undefined) throw noCatalog(context, catalogId);
  return {
    ...context,
    catalog: await context.nested.open((record.doc as CatalogRecord).id, nestedCatalogId(context, name)),
  };
}

export const noCatalog = ({ accountId }: OperationContext, catalogId: string): Error =>
  entityNotFound(`Catalog ${catalogId} not found.`, {
    path: "CatalogId",
    expected: accountId,
    hint: `this server holds catalog ${accountId}, and those that CreateCatalog made`,
  });

/** @throws OperationNotSupportedException for a server whose catalog is elsewhere. */
export function requireNested({ nested }: OperationContext): NestedCatalogs {
  if (nested !== undefined) return nested;
  throw new DynaframeError(
    "UNSUPPORTED",
    "This server's catalog is not in a folder of its own: it can hold no others",
    { name: "OperationNotSupportedException", hint: "serve a catalog in a folder" },
  );
}
