/**
 * Connections by name: the address, user and secret that a connection of the catalog holds (Glue's
 * ConnectionPropertyKey).
 */
import type { Catalog } from "../catalog/index.js";
import { allPages } from "../catalog/all-pages.js";
import { entityNotFound } from "../catalog/catalog-errors.js";
import type { Connection, ConnectionInput } from "../catalog/model.js";
import { nearestName } from "../types/nearest-name.js";
import { type SecretResolver, withSecret } from "../catalog/secret-resolver.js";
import { DynaframeError } from "../types/error.js";
import {
  parseDatabaseUrl,
  type AddressParts,
  type DatabaseAddress,
  type DatabaseKind,
  type SslMode,
} from "./address.js";

/**
 * The connection with what its SECRET_ID stands for.
 * @throws ENTITY_NOT_FOUND, naming the nearest connection; SECRET_NOT_FOUND.
 */
export async function getNamedConnection(catalog: Catalog, name: string, secrets: SecretResolver): Promise<Connection> {
  return withSecret(await findConnection(catalog, name), secrets);
}

async function findConnection(catalog: Catalog, name: string): Promise<Connection> {
  try {
    return await catalog.getConnection(name);
  } catch (error) {
    if (!(error instanceof DynaframeError) || error.code !== "ENTITY_NOT_FOUND") throw error;
    const names = (await allPages((page) => catalog.getConnections({ ...page, hidePassword: true }))).map(
      (c) => c.Name,
    );
    const near = nearestName(name, names);
    throw entityNotFound(`There is no connection ${name} in the catalog.`, {
      path: name,
      expected: names.slice(0, 20).join(", ") || "a connection; there is none yet",
      found: name,
      hint:
        near === undefined
          ? "Create it with catalog.createConnection, or dynaframe connections create."
          : `Did you mean ${near}?`,
    });
  }
}

/**
 * What a connection says; `database` replaces the one in its URL.
 * @throws UNSUPPORTED_CONNECTION for other kinds than JDBC.
 */
export function connectionAddress(
  connection: ConnectionInput,
  kind: DatabaseKind | undefined,
  overrides: AddressParts & { readonly database?: string | undefined } = {},
): DatabaseAddress {
  const { ConnectionType: type, ConnectionProperties: properties, Name: name } = connection;
  if (type !== "JDBC") {
    throw new DynaframeError("UNSUPPORTED_CONNECTION", `Connection ${name} is of type ${type}, not of a database.`, {
      path: name,
      expected: "JDBC",
      found: type,
      hint: "Name a JDBC connection.",
    });
  }
  const address = parseDatabaseUrl(connectionUrl(connection), kind, {
    user: overrides.user ?? properties["USERNAME"],
    password: overrides.password ?? properties["PASSWORD"],
    ssl: overrides.ssl ?? enforcedSsl(connection),
    sslCa: overrides.sslCa ?? properties["CUSTOM_JDBC_CERT_STRING"],
    connectTimeout: overrides.connectTimeout,
    readTimeout: overrides.readTimeout,
  });
  const { database } = overrides;
  return database === undefined || database === "" || address.kind === "sqlite"
    ? address
    : { ...address, database, label: `${address.kind} ${address.host}:${address.port}/${database}` };
}

/** `JDBC_CONNECTION_URL`, or one made of `HOST`, `PORT` and `JDBC_ENGINE`. */
function connectionUrl({ Name: name, ConnectionProperties: properties }: ConnectionInput): string {
  const { JDBC_CONNECTION_URL: url, HOST: host, PORT: port, JDBC_ENGINE: engine } = properties;
  if (url !== undefined) return url;
  if (host === undefined || engine === undefined) {
    throw new DynaframeError(
      "BAD_ADDRESS",
      `Connection ${name} has neither JDBC_CONNECTION_URL nor HOST and JDBC_ENGINE.`,
      { path: name, expected: "JDBC_CONNECTION_URL", hint: "Give the connection a JDBC_CONNECTION_URL." },
    );
  }
  return `jdbc:${engine}://${host}${port === undefined ? "" : `:${port}`}/`;
}

/**
 * Glue: JDBC_ENFORCE_SSL demands encryption, and the certificate is checked unless SKIP_CUSTOM_JDBC_CERT_VALIDATION.
 */
function enforcedSsl({ ConnectionProperties: properties }: ConnectionInput): SslMode | undefined {
  if (properties["JDBC_ENFORCE_SSL"]?.toLowerCase() !== "true") return undefined;
  return properties["SKIP_CUSTOM_JDBC_CERT_VALIDATION"]?.toLowerCase() === "true" ? "require" : "verify";
}

/**
 * What Glue's `extract_jdbc_conf` gives ("GlueContext class"). `url` has protocol, host and port only; `fullUrl` is as
 * entered.
 */
export type JdbcConf = {
  readonly user: string;
  readonly password: string;
  readonly vendor: string;
  readonly url: string;
  readonly fullUrl: string;
  readonly enforceSSL: string;
  readonly customJDBCCert: string;
  readonly skipCustomJDBCCertValidation: string;
  readonly customJDBCCertString: string;
};

export function jdbcConf(connection: Connection): JdbcConf {
  const properties = connection.ConnectionProperties;
  const address = connectionAddress(connection, undefined);
  const fullUrl = connectionUrl(connection);
  const vendor = /^jdbc:([a-z]+):/i.exec(fullUrl)?.[1]?.toLowerCase() ?? address.kind;
  return {
    user: address.user ?? properties["USERNAME"] ?? "",
    password: address.password ?? properties["PASSWORD"] ?? "",
    vendor,
    fullUrl,
    url: address.kind === "sqlite" ? fullUrl : `jdbc:${vendor}://${address.host}:${address.port}`,
    enforceSSL: properties["JDBC_ENFORCE_SSL"] ?? "false",
    customJDBCCert: properties["CUSTOM_JDBC_CERT"] ?? "",
    skipCustomJDBCCertValidation: properties["SKIP_CUSTOM_JDBC_CERT_VALIDATION"] ?? "false",
    customJDBCCertString: properties["CUSTOM_JDBC_CERT_STRING"] ?? "",
  };
}
