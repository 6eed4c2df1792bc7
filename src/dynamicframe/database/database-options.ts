/** Options of database sources and sinks, by Glue's names ("JDBC connections"), checked before anything is opened. */
import { nearestName } from "../../types/nearest-name.js";
import {
  parseDatabaseUrl,
  type AddressParts,
  type DatabaseAddress,
  type DatabaseKind,
} from "../../database/address.js";
import { connectionAddress, getNamedConnection } from "../../database/catalog-address.js";
import type { HashPartitions, ReadRequest } from "../../database/index.js";
import { parseDbtable, parseQuery } from "../../database/source-query.js";
import { DynaframeError } from "../../types/error.js";
import type { FrameSession } from "../frame-node.js";
import type { BookmarkKeyOptions } from "./increment.js";
import { requireCatalog } from "../require-catalog.js";

/** Databases by name; `jdbc` where the url says which. */
export type DatabaseConnectionType = "postgresql" | "mysql" | "mariadb" | "sqlite" | "jdbc";

/** Of Glue's, what only its own drivers and Redshift need (decision 0181). */
const WITHOUT_EFFECT = ["redshiftTmpDir", "customJdbcDriverS3Path", "customJdbcDriverClassName"];

type Switch = boolean | "true" | "false";

/** How to reach the database: an address, or a connection of the catalog. */
export type DatabaseConnectionOptions = {
  /**
   * `jdbc:postgresql://host:5432/db`, `jdbc:mysql://…`, `jdbc:mariadb://…`, `jdbc:sqlite:file`, the same without
   * `jdbc:`, or the path of an SQLite file.
   */
  readonly url?: string;
  /** Default: that of the url or of the connection. */
  readonly user?: string;
  /** Default: that of the url or of the connection. Printed nowhere. */
  readonly password?: string;
  /** A connection of the catalog; gives address, user and password where these options do not. */
  readonly connectionName?: string;
  /** Glue wants it beside `connectionName`; naming a connection is enough here. */
  readonly useConnectionProperties?: Switch;
  /** Another database on the same server. */
  readonly database?: string;
  /** Milliseconds to connect; default 15,000. */
  readonly connectTimeout?: number;
  /** Milliseconds the server may take for one answer; default 900,000, 0 = no limit. */
  readonly readTimeout?: number;
  /** Accepted from Glue's scripts, no effect: nothing is staged. */
  readonly redshiftTmpDir?: string;
  /** Accepted, no effect: drivers are built in. */
  readonly customJdbcDriverS3Path?: string;
  /** Accepted, no effect: drivers are built in. */
  readonly customJdbcDriverClassName?: string;
};

/**
 * What is read of a database, and in how many parts.
 * @see https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-jdbc-home.html
 */
export type DatabaseSourceOptions = DatabaseConnectionOptions
  & BookmarkKeyOptions & {
    /** `schema.table`, or a query: `(SELECT …) AS t`. */
    readonly dbtable?: string;
    /** A query. */
    readonly query?: string;
    /** A query that is read instead of the table; Glue's name for one that samples. */
    readonly sampleQuery?: string;
    /** True: `sampleQuery` is read in hash partitions too. */
    readonly enablePartitioningForSampleQuery?: Switch;
    /** A column, by a hash of which rows are read in parallel. */
    readonly hashfield?: string;
    /** SQL that gives a whole number for the same, each time the same one for a row: else UNSTABLE_PARTITIONS. */
    readonly hashexpression?: string;
    /** Parallel reads; default 7 with one of the two above. */
    readonly hashpartitions?: number | string;
  };

/**
 * Where rows go, and what is run around them.
 * @see https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-jdbc-home.html
 */
export type DatabaseSinkOptions = DatabaseConnectionOptions & {
  /** `schema.table`. Not for collections, whose tables have the names of their frames. */
  readonly dbtable?: string;
  /** The schema of a collection's tables; by default the connection's own. */
  readonly schema?: string;
  /** Set by Glue for collections; names of frames are those of tables anyway. */
  readonly useFrameName?: Switch;
  /** Fields by which records replace rows, with mode merge. */
  readonly mergeKeys?: readonly string[] | string;
  /** SQL before and after the rows, in their transaction. */
  readonly preactions?: string | readonly string[];
  /** As `preactions`, after the rows. */
  readonly postactions?: string | readonly string[];
  /** Accepted from Glue's scripts and checked; batches are sized by bytes. */
  readonly bulkSize?: number | string;
  /** Spark's name for the same. */
  readonly batchsize?: number | string;
};

const CONNECTION = [
  "url",
  "user",
  "password",
  "connectionName",
  "useConnectionProperties",
  "database",
  "connectTimeout",
  "readTimeout",
  ...WITHOUT_EFFECT,
];
const SOURCE = [
  ...CONNECTION,
  "dbtable",
  "query",
  "sampleQuery",
  "enablePartitioningForSampleQuery",
  "hashfield",
  "hashexpression",
  "hashpartitions",
  "jobBookmarkKeys",
  "jobBookmarkKeysSortOrder",
];
const SINK = [
  ...CONNECTION,
  "dbtable",
  "schema",
  "useFrameName",
  "mergeKeys",
  "preactions",
  "postactions",
  "bulkSize",
  "batchsize",
];

const KINDS: Readonly<Record<DatabaseConnectionType, DatabaseKind | undefined>> = {
  postgresql: "postgresql",
  mysql: "mysql",
  mariadb: "mysql",
  sqlite: "sqlite",
  jdbc: undefined,
};

export const DATABASE_TYPES: readonly string[] = Object.keys(KINDS);
export const isDatabaseType = (connectionType: string): connectionType is DatabaseConnectionType =>
  Object.hasOwn(KINDS, connectionType);
export const databaseKind = (connectionType: DatabaseConnectionType): DatabaseKind | undefined => KINDS[connectionType];

/** setTimeout takes no more milliseconds. */
const LONGEST = 2_147_483_647;
/** The values that are no texts, which are checked elsewhere. */
const NO_TEXTS = [
  "connectTimeout",
  "readTimeout",
  "useConnectionProperties",
  "enablePartitioningForSampleQuery",
  "hashpartitions",
  "jobBookmarkKeys",
  "jobBookmarkKeysSortOrder",
  "useFrameName",
  "mergeKeys",
  "preactions",
  "postactions",
  "bulkSize",
  "batchsize",
];

export function checkSourceNames(call: string, options: DatabaseSourceOptions): void {
  checkNames(call, options, SOURCE);
  checkValues(call, options);
  const { jobBookmarkKeysSortOrder: order } = options;
  if (order !== undefined && order !== "asc" && order !== "desc") {
    throw new DynaframeError("BAD_OPTION", `${call}: jobBookmarkKeysSortOrder is asc or desc.`, {
      path: "jobBookmarkKeysSortOrder",
      expected: "asc or desc",
      found: String(order),
      hint: "Give asc for keys that grow.",
    });
  }
}
export function checkSink(call: string, options: Partial<DatabaseSinkOptions>): void {
  checkNames(call, options, SINK);
  checkValues(call, options);
  if (options.bulkSize !== undefined) wholeNumber(call, "bulkSize", options.bulkSize, 1, 1_000_000);
  if (options.batchsize !== undefined) wholeNumber(call, "batchsize", options.batchsize, 1, 1_000_000);
}

function checkNames(call: string, options: object, known: readonly string[]): void {
  const given: unknown = options;
  if (typeof given !== "object" || given === null)
    throw new DynaframeError("BAD_ARGUMENT", `${call}: there are no connectionOptions.`, {
      path: "connectionOptions",
      expected: known.join(", "),
      found: given === null ? "null" : typeof given,
      hint: "Give connectionOptions: { url: 'jdbc:postgresql://host:5432/db', dbtable: 't' }.",
    });
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  throw new DynaframeError("BAD_OPTION", `${call}: connectionOptions has no ${unknown} for databases.`, {
    path: unknown,
    expected: known.join(", "),
    found: unknown,
    hint: near === undefined ? `Its options are ${known.join(", ")}.` : `Did you mean ${near}?`,
  });
}

/**
 * A driver may fail outside of any call on what is no text, or wait for ever. The value is not told: it may be a
 * password.
 */
function checkValues(call: string, options: DatabaseConnectionOptions): void {
  for (const [name, value] of Object.entries(options) as readonly (readonly [string, unknown])[]) {
    if (value === undefined || typeof value === "string" || NO_TEXTS.includes(name)) continue;
    throw new DynaframeError("BAD_OPTION", `${call}: ${name} takes a text.`, {
      path: name,
      expected: "a text",
      found: value === null ? "null" : typeof value,
      hint: `Give ${name} in quotes, or leave it out.`,
    });
  }
  if (options.connectTimeout !== undefined) wholeNumber(call, "connectTimeout", options.connectTimeout, 1, LONGEST);
  if (options.readTimeout !== undefined) wholeNumber(call, "readTimeout", options.readTimeout, 0, LONGEST);
}

/** What to read. @throws BAD_ARGUMENT unless exactly one source is named */
export function readRequest(call: string, options: DatabaseSourceOptions): ReadRequest {
  const { dbtable, query, sampleQuery } = options;
  if (sampleQuery !== undefined) {
    return request(
      parseQuery(sampleQuery),
      isOn(options.enablePartitioningForSampleQuery) ? partitionsOf(call, options) : undefined,
    );
  }
  if ((dbtable === undefined) === (query === undefined)) {
    throw new DynaframeError(
      "BAD_ARGUMENT",
      dbtable === undefined
        ? `${call}: connectionOptions names no dbtable and no query.`
        : `${call}: dbtable and query exclude each other.`,
      { expected: "dbtable or query", hint: "Give connectionOptions: { url, dbtable: 'schema.table' }." },
    );
  }
  return request(query === undefined ? parseDbtable(dbtable ?? "") : parseQuery(query), partitionsOf(call, options));
}

const request = (source: ReadRequest["source"], partitions: HashPartitions | undefined): ReadRequest => ({
  source,
  ...(partitions === undefined ? {} : { partitions }),
});

function partitionsOf(
  call: string,
  { hashfield, hashexpression, hashpartitions = 7 }: DatabaseSourceOptions,
): HashPartitions | undefined {
  if (hashfield !== undefined && hashexpression !== undefined) {
    throw new DynaframeError("BAD_ARGUMENT", `${call}: hashfield and hashexpression exclude each other.`, {
      path: "hashexpression",
      hint: "Give one of them.",
    });
  }
  const text = hashfield ?? hashexpression;
  if (text === undefined || text === "") return undefined;
  return {
    by: hashfield === undefined ? "expression" : "field",
    text,
    count: wholeNumber(call, "hashpartitions", hashpartitions, 1, 100),
  };
}

function wholeNumber(call: string, option: string, value: number | string, least: number, most: number): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return number;
  throw new DynaframeError(
    "BAD_OPTION",
    `${call}: ${option} takes a whole number from ${least} to ${most}, not ${JSON.stringify(value)}.`,
    { path: option, expected: `${least} to ${most}`, found: JSON.stringify(value), hint: `Give ${option}: ${least}.` },
  );
}

const isOn = (value: Switch | undefined): boolean => value === true || value === "true";

/** The address that the options and the catalog's connection give together. */
export async function resolveAddress(
  session: FrameSession,
  kind: DatabaseKind | undefined,
  options: DatabaseConnectionOptions,
): Promise<DatabaseAddress> {
  const { url, connectionName, database, user, password } = options;
  const milliseconds = (value: number | string | undefined): number | undefined =>
    value === undefined ? undefined : Number(value);
  const parts: AddressParts = {
    user,
    password,
    connectTimeout: milliseconds(options.connectTimeout),
    readTimeout: milliseconds(options.readTimeout),
  };
  if (connectionName !== undefined) {
    const connection = await getNamedConnection(requireCatalog(session), connectionName, session.secrets);
    // an address given beside the connection wins, its secrets stay the connection's
    const named =
      url === undefined
        ? connection
        : { ...connection, ConnectionProperties: { ...connection.ConnectionProperties, JDBC_CONNECTION_URL: url } };
    return connectionAddress(named, kind, { ...parts, database });
  }
  if (url === undefined) {
    throw new DynaframeError("BAD_ARGUMENT", "connectionOptions has neither url nor connectionName.", {
      expected: "url or connectionName",
      hint: "Give connectionOptions: { url: 'jdbc:postgresql://host:5432/db' } or { connectionName: 'name' }.",
    });
  }
  const address = parseDatabaseUrl(url, kind, parts);
  return database === undefined || address.kind === "sqlite"
    ? address
    : { ...address, database, label: `${address.kind} ${address.host}:${address.port}/${database}` };
}
