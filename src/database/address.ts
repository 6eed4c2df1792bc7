/** Where a database is and who asks. */
import { DynaframeError } from "../types/error.js";

export type DatabaseKind = "postgresql" | "mysql" | "sqlite";
/**
 * `require`: encrypted, the certificate not checked; `verify`: it must be signed by a known authority (or `sslCa`) for
 * that host.
 */
export type SslMode = "off" | "require" | "verify";

export type DatabaseAddress = {
  readonly kind: DatabaseKind;
  /** For messages. */
  readonly label: string;
  readonly host: string;
  readonly port: number;
  /** Database name; the file of SQLite. */
  readonly database: string;
  readonly user?: string;
  readonly password?: string;
  readonly ssl: SslMode;
  /** PEM text of the authority that signed the server's certificate. */
  readonly sslCa?: string;
  /** Milliseconds to connect; default 15,000. */
  readonly connectTimeout: number;
  /**
   * Milliseconds the server may take to answer one request before the connection counts as lost; default 900,000, 0 =
   * no limit.
   */
  readonly readTimeout: number;
};

/** What overrides or completes a URL. */
export type AddressParts = {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly ssl?: SslMode | undefined;
  readonly sslCa?: string | undefined;
  readonly connectTimeout?: number | undefined;
  readonly readTimeout?: number | undefined;
};

const PORTS: Readonly<Record<DatabaseKind, number>> = { postgresql: 5432, mysql: 3306, sqlite: 0 };
const SCHEMES: Readonly<Record<string, DatabaseKind>> = {
  postgresql: "postgresql",
  postgres: "postgresql",
  mysql: "mysql",
  mariadb: "mysql",
  sqlite: "sqlite",
};

/**
 * `jdbc:postgresql://host:port/db?user=…`, `jdbc:mysql://…`, `jdbc:mariadb://…`, `jdbc:sqlite:file`, the same without
 * `jdbc:`, and with `kind` sqlite a path. User and password may stand in the URL or in its parameters; `parts` come
 * first.
 * @throws BAD_ADDRESS, UNSUPPORTED_CONNECTION
 */
export function parseDatabaseUrl(
  text: string,
  kind: DatabaseKind | undefined,
  parts: AddressParts = {},
): DatabaseAddress {
  const url = text.replace(/^jdbc:/i, "");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  const found = scheme === undefined ? kind : SCHEMES[scheme];
  if (found === "sqlite" || (kind === "sqlite" && found === undefined))
    return sqliteAddress(url.replace(/^sqlite:(\/\/(?=\/))?/i, ""), parts);
  if (found === undefined) {
    throw new DynaframeError("UNSUPPORTED_CONNECTION", `Databases of ${scheme ?? "this address"} are not supported.`, {
      expected: Object.keys(SCHEMES).join(", "),
      found: scheme ?? "no scheme",
      hint: "Give a url such as jdbc:postgresql://host:5432/database.",
    });
  }
  if (kind !== undefined && kind !== found) {
    throw new DynaframeError("BAD_ADDRESS", `The url is one of ${found}, the connectionType ${kind}.`, {
      expected: kind,
      found,
      hint: "Make them agree, or use connectionType: 'jdbc'.",
    });
  }
  return serverAddress(parsed(url), found, parts);
}

// the text is not shown: it may hold a password
function parsed(url: string): URL {
  try {
    const found = new URL(url);
    // a bare % is none of its escapes
    for (const part of [found.username, found.password, found.pathname]) decodeURIComponent(part);
    return found;
  } catch {
    throw new DynaframeError("BAD_ADDRESS", "The database's url cannot be understood.", {
      expected: "jdbc:<kind>://host:port/database",
      hint: "Escape special characters of user and password as %xx, or give them apart.",
    });
  }
}

function serverAddress(url: URL, kind: DatabaseKind, parts: AddressParts): DatabaseAddress {
  const parameter = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const user = parts.user ?? nonEmpty(decodeURIComponent(url.username)) ?? parameter("user");
  const password = parts.password ?? nonEmpty(decodeURIComponent(url.password)) ?? parameter("password");
  const host = url.hostname.replace(/^\[|\]$/g, "") || "localhost";
  const port = url.port === "" ? PORTS[kind] : Number(url.port);
  const database = decodeURIComponent(url.pathname.slice(1));
  return {
    kind,
    host,
    port,
    database,
    label: `${kind} ${host}:${port}/${database}`,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...common(parts, sslOf(url.searchParams)),
  };
}

const sqliteAddress = (file: string, parts: AddressParts): DatabaseAddress => {
  if (file === "")
    throw new DynaframeError("BAD_ADDRESS", "The url names no SQLite file.", {
      expected: "jdbc:sqlite:file",
      hint: "Give the path of the file.",
    });
  return { kind: "sqlite", host: "", port: 0, database: file, label: `sqlite ${file}`, ...common(parts, "off") };
};

function common(
  parts: AddressParts,
  ssl: SslMode,
): Pick<DatabaseAddress, "ssl" | "sslCa" | "connectTimeout" | "readTimeout"> {
  return {
    ssl: parts.ssl ?? ssl,
    connectTimeout: parts.connectTimeout ?? 15_000,
    readTimeout: parts.readTimeout ?? 900_000,
    ...(parts.sslCa === undefined ? {} : { sslCa: parts.sslCa }),
  };
}

/** The spellings of the JDBC drivers: sslmode (PostgreSQL), sslMode, useSSL and requireSSL (MySQL, MariaDB), ssl. */
function sslOf(parameters: URLSearchParams): SslMode {
  const mode = (parameters.get("sslmode") ?? parameters.get("sslMode") ?? "").toLowerCase().replaceAll("_", "-");
  if (["verify-ca", "verify-full", "verify-identity"].includes(mode)) return "verify";
  if (["require", "required", "trust"].includes(mode)) return "require";
  const on = ["ssl", "useSSL", "requireSSL", "useSsl"].some((name) => parameters.get(name)?.toLowerCase() === "true");
  return on && !["disable", "disabled"].includes(mode) ? "require" : "off";
}

const nonEmpty = (text: string): string | undefined => (text === "" ? undefined : text);
