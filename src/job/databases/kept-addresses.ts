/**
 * The databases of a commit under way, kept as connections of the catalog, which seals their passwords; gone when the
 * commit is settled.
 */
import type { Catalog } from "../../catalog/index.js";
import type { CommitRecord } from "../../database/commit-record.js";
import type { DatabaseAddress } from "../../database/index.js";
import { connectionAddress } from "../../database/catalog-address.js";
import { DynaframeError } from "../../types/error.js";

export const connectionName = (id: string, index: number): string => `dynaframe-commit-${id}-${index}`;

export async function keepAddresses(
  catalog: Catalog,
  { id, job, runId }: CommitRecord,
  addresses: readonly DatabaseAddress[],
): Promise<void> {
  for (const [index, address] of addresses.entries()) {
    const { user, password, ssl, sslCa } = address;
    await catalog.createConnection({
      Name: connectionName(id, index),
      ConnectionType: "JDBC",
      Description: `A commit of job ${job}, run ${runId}, is under way.`,
      ConnectionProperties: {
        JDBC_CONNECTION_URL: urlOf(address),
        ...(user === undefined ? {} : { USERNAME: user }),
        ...(password === undefined ? {} : { PASSWORD: password }),
        ...(ssl === "off"
          ? {}
          : { JDBC_ENFORCE_SSL: "true", SKIP_CUSTOM_JDBC_CERT_VALIDATION: String(ssl === "require") }),
        ...(sslCa === undefined ? {} : { CUSTOM_JDBC_CERT_STRING: sslCa }),
      },
    });
  }
}

/** In their order; fewer when the commit had not come so far. */
export async function keptAddresses(catalog: Catalog, id: string, count: number): Promise<readonly DatabaseAddress[]> {
  const addresses: DatabaseAddress[] = [];
  for (let index = 0; index < count; index++) {
    const connection = await catalog.getConnection(connectionName(id, index)).catch(undefinedIfMissing);
    if (connection === undefined) return [];
    addresses.push(connectionAddress(connection, undefined));
  }
  return addresses;
}

export async function forgetAddresses(catalog: Catalog, id: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await catalog.deleteConnection(connectionName(id, index)).catch(undefinedIfMissing);
}

function urlOf({ kind, host, port, database }: DatabaseAddress): string {
  return kind === "sqlite"
    ? `jdbc:sqlite:${database}`
    : `jdbc:${kind}://${host.includes(":") ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}`;
}

function undefinedIfMissing(error: unknown): undefined {
  if (!(error instanceof DynaframeError) || error.code !== "ENTITY_NOT_FOUND") throw error;
  return undefined;
}
