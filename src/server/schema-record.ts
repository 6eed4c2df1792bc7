/** Registries, schemas and their versions as entities, and how requests name them. */
import { getDefinition } from "../catalog/definitions/definition.js";
import { entityNotFound, invalidInput } from "../catalog/catalog-errors.js";
import type { Catalog, Entity } from "../catalog/index.js";
import { allDefinitions } from "../catalog/definitions/definition.js";
import type { Compatibility } from "../catalog/schemas/compatibility.js";
import { arnOf } from "./resource-arn.js";
import type { OperationContext } from "./operation.js";

/** Used, and made, where a request names no registry. */
export const DEFAULT_REGISTRY = "default-registry";

/** `schemas` counts the schemas ever made, so that making one and deleting the registry cannot both succeed unseen. */
export type RegistryRecord = { readonly Description?: string; readonly schemas: number };

export type SchemaRecord = {
  readonly DataFormat: string;
  readonly Compatibility: Compatibility;
  readonly Description?: string;
  /** The version that compatibility is checked from. */
  readonly checkpoint: number;
  /** Number of the next version; numbers are never used again. */
  readonly next: number;
};

export type Metadata = { readonly key: string; readonly value: string; readonly created: number };

export type VersionRecord = {
  readonly id: string;
  readonly number: number;
  readonly definition: string;
  readonly status: "AVAILABLE" | "FAILURE";
  readonly metadata: readonly Metadata[];
};

/** Where the version of an id is. */
export type VersionPlace = { readonly registry: string; readonly schema: string; readonly number: number };

export type SchemaName = { readonly registry: string; readonly schema: string };

export type RegistryId = { readonly RegistryName?: string; readonly RegistryArn?: string };
export type SchemaId = { readonly SchemaArn?: string; readonly SchemaName?: string; readonly RegistryName?: string };
export type VersionNumber = { readonly LatestVersion?: boolean; readonly VersionNumber?: number };

export const registryRef = (name: string) => ({ kind: "registry", name });
export const schemaRef = ({ registry, schema }: SchemaName) => ({ kind: "schema", scope: registry, name: schema });
const versionGroup = ({ registry, schema }: SchemaName) => ({ kind: "schema-version", scope: `${registry}/${schema}` });
// padded, so that the order of names is the order of numbers
export const versionRef = (name: SchemaName, number: number) => ({
  ...versionGroup(name),
  name: String(number).padStart(9, "0"),
});
export const versionIdRef = (id: string) => ({ kind: "schema-version-id", name: id });

export const registryArn = (context: OperationContext, name: string): string => arnOf(context, "registry", name);
export const schemaArn = (context: OperationContext, { registry, schema }: SchemaName): string =>
  arnOf(context, "schema", registry, schema);

/** @throws InvalidInputException unless exactly one of name and ARN is given; the default registry without either. */
export function registryName({ RegistryName, RegistryArn }: RegistryId = {}): string {
  if (RegistryName !== undefined && RegistryArn !== undefined)
    throw invalidInput("Either RegistryName or RegistryArn is allowed, not both", { path: "RegistryId" });
  return RegistryArn === undefined
    ? (RegistryName ?? DEFAULT_REGISTRY)
    : (namesIn(RegistryArn, "registry", 1)[0] ?? "");
}

/** @throws InvalidInputException unless an ARN or a name is given. */
export function schemaName({ SchemaArn, SchemaName, RegistryName }: SchemaId): SchemaName {
  if (
    (SchemaArn === undefined) === (SchemaName === undefined)
    || (SchemaArn !== undefined && RegistryName !== undefined)
  ) {
    throw invalidInput("SchemaId takes either SchemaArn, or SchemaName with RegistryName", { path: "SchemaId" });
  }
  if (SchemaArn === undefined) return { registry: RegistryName ?? DEFAULT_REGISTRY, schema: SchemaName ?? "" };
  const [registry = "", schema = ""] = namesIn(SchemaArn, "schema", 2);
  return { registry, schema };
}

function namesIn(arn: string, type: string, count: number): readonly string[] {
  const [found, ...names] = arn.split(":").slice(5).join(":").split("/");
  if (found !== type || names.length !== count || names.includes(""))
    throw invalidInput(`${arn} is no ARN of a ${type}`, {
      path: arn,
      expected: `arn:aws:glue:<region>:<account>:${type}/…`,
    });
  return names;
}

/** @throws EntityNotFoundException. */
export async function getRegistry(catalog: Catalog, name: string): Promise<Entity<RegistryRecord>> {
  const entity = await catalog.getEntity(registryRef(name));
  if (entity === undefined)
    throw entityNotFound(`Registry is not found. RegistryName: ${name}`, {
      path: name,
      hint: "create it, or list the registries",
    });
  return entity as Entity<RegistryRecord>;
}

/** @throws EntityNotFoundException. */
export async function getSchema(catalog: Catalog, name: SchemaName): Promise<Entity<SchemaRecord>> {
  const entity = await catalog.getEntity(schemaRef(name));
  if (entity === undefined) {
    throw entityNotFound(`Schema is not found. RegistryName: ${name.registry}, SchemaName: ${name.schema}`, {
      path: `${name.registry}/${name.schema}`,
      hint: "create it, or list the schemas",
    });
  }
  return entity as Entity<SchemaRecord>;
}

/** Oldest first. */
export const versionsOf = (catalog: Catalog, name: SchemaName): Promise<readonly Entity<VersionRecord>[]> =>
  allDefinitions<VersionRecord>(catalog, versionGroup(name));

/** @throws InvalidInputException unless exactly one of the members is given; EntityNotFoundException. */
export async function getVersion(
  catalog: Catalog,
  name: SchemaName,
  { LatestVersion, VersionNumber }: VersionNumber,
): Promise<Entity<VersionRecord>> {
  if ((LatestVersion === true) === (VersionNumber !== undefined))
    throw invalidInput("SchemaVersionNumber takes either LatestVersion or VersionNumber", {
      path: "SchemaVersionNumber",
    });
  await getSchema(catalog, name);
  const entity =
    VersionNumber === undefined
      ? (await versionsOf(catalog, name)).findLast(({ doc }) => doc.status === "AVAILABLE")
      : ((await catalog.getEntity(versionRef(name, VersionNumber))) as Entity<VersionRecord> | undefined);
  if (entity === undefined)
    throw entityNotFound(
      `Schema version is not found. RegistryName: ${name.registry}, SchemaName: ${name.schema}, VersionNumber: ${VersionNumber ?? "latest"}`,
      { path: `${name.registry}/${name.schema}` },
    );
  return entity;
}

/**
 * A version by its id, or by schema and number.
 * @throws InvalidInputException unless exactly one is given; EntityNotFoundException.
 */
export async function findVersion(
  catalog: Catalog,
  input: {
    readonly SchemaId?: SchemaId;
    readonly SchemaVersionId?: string;
    readonly SchemaVersionNumber?: VersionNumber;
  },
): Promise<{ readonly name: SchemaName; readonly version: Entity<VersionRecord> }> {
  const { SchemaId, SchemaVersionId: id, SchemaVersionNumber } = input;
  if ((id === undefined) === (SchemaId === undefined))
    throw invalidInput("Either SchemaVersionId, or SchemaId with SchemaVersionNumber is required", {
      path: "SchemaVersionId",
    });
  if (SchemaId !== undefined) {
    const name = schemaName(SchemaId);
    return { name, version: await getVersion(catalog, name, SchemaVersionNumber ?? { LatestVersion: true }) };
  }
  const place = ((await catalog.getEntity(versionIdRef(id ?? ""))) as Entity<VersionPlace> | undefined)?.doc;
  if (place === undefined)
    throw entityNotFound(`Schema version is not found. SchemaVersionId: ${id}`, { path: id ?? "" });
  return { name: place, version: await getDefinition<VersionRecord>(catalog, versionRef(place, place.number)) };
}

/** Times of the schema registry are texts. */
export const timeText = (seconds: number): string => new Date(seconds * 1000).toISOString();
