/**
 * Hash partitions hold each row once only if a row's number is the same whenever it is asked for, in every connection.
 */
import { DynaframeError } from "../types/error.js";
import type { HashPartitions, ReadRequest } from "./source-query.js";

/**
 * Functions of PostgreSQL, MySQL and MariaDB that give something else with each call, each moment or each connection.
 */
const CALLS = [
  "rand",
  "random",
  "random_normal",
  "random_bytes",
  "gen_random_bytes",
  "uuid",
  "uuid_short",
  "gen_random_uuid",
  "uuid_generate_v1",
  "uuid_generate_v4",
  "uuidv4",
  "uuidv7",
  "clock_timestamp",
  "statement_timestamp",
  "transaction_timestamp",
  "timeofday",
  "now",
  "sysdate",
  "curdate",
  "curtime",
  "unix_timestamp(?=\\s*\\(\\s*\\))",
  "connection_id",
  "pg_backend_pid",
  "inet_client_port",
  "nextval",
  "lastval",
  "last_insert_id",
];
const WORDS = [
  "current_timestamp",
  "current_time",
  "current_date",
  "localtime",
  "localtimestamp",
  "utc_timestamp",
  "utc_time",
  "utc_date",
];
const UNSTABLE = new RegExp(
  `(?<![\\w.$@])(?:(?:${CALLS.join("|")})(?=\\s*\\()|(?:${WORDS.join("|")})(?![\\w.$]))`,
  "i",
);
/** Texts, quoted names and comments. */
const QUOTED = /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Rows that are asked about at least: an answer that is random may be the same twice, but not for all of so many. */
const ENOUGH = 30;

/** @throws UNSTABLE_PARTITIONS for an expression of functions that are known to change */
export function refuseUnstable({ by, text }: HashPartitions): void {
  const found = by === "field" ? undefined : UNSTABLE.exec(text.replaceAll(QUOTED, " "))?.[0];
  if (found !== undefined) throw unstable(text, `${found} is not the same for a row each time`, found);
}

/** Whether the database must be asked: a column of a table stays what it is; an expression or a query may not. */
export const mayChange = ({ source, partitions }: ReadRequest): boolean =>
  partitions !== undefined && partitions.count > 1 && (partitions.by === "expression" || source.kind === "query");

/**
 * Asks for the rows of each part by its number, and how many of them got another at the second asking. `differs`
 * compares `a` and `b`.
 */
export function partitionCounts(p: string, count: number, from: string, differs: string): string {
  const others = Array.from({ length: count - 1 }, (_, i) => i + 1).join(", ");
  return `SELECT CASE WHEN a IN (${others}) THEN a ELSE 0 END AS part, ${changes(differs)} FROM ${numberedTwice(p, from)} GROUP BY 1`;
}

/** As above, all rows as those of part 0: MySQL fails when it groups by what changes. */
export const changeCount = (p: string, from: string, differs: string): string =>
  `SELECT 0 AS part, ${changes(differs)} FROM ${numberedTwice(p, from)}`;

const changes = (differs: string): string => `count(*) AS n, count(CASE WHEN ${differs} THEN 1 END) AS changed`;
const numberedTwice = (p: string, from: string): string => `(SELECT (${p}) AS a, (${p}) AS b FROM ${from}) AS twice`;

/** Rows of part, count and changes, as texts. */
type CountRows = readonly (readonly (string | null)[])[];

/** Asks until enough rows were seen. Rows of each part. @throws UNSTABLE_PARTITIONS */
export async function stableCounts(
  partitions: HashPartitions,
  ask: () => Promise<CountRows>,
): Promise<readonly number[]> {
  for (let seen = 0; ;) {
    const rows = await ask();
    const counts = Array.from({ length: partitions.count }, (_, i) =>
      rows.reduce((sum, [part, n]) => sum + (Number(part) === i ? Number(n) : 0), 0),
    );
    const changed = rows.reduce((sum, row) => sum + Number(row[2]), 0);
    const total = counts.reduce((sum, n) => sum + n, 0);
    if (changed > 0)
      throw unstable(
        partitions.text,
        `${changed} of ${total} rows got another number when asked twice`,
        `${changed} rows`,
      );
    seen += total;
    if (total === 0 || seen >= ENOUGH) return counts;
  }
}

/** @throws UNSTABLE_PARTITIONS when parts read in one snapshot do not have the rows that were counted in it */
export function requireCounted({ text }: HashPartitions, expected: readonly number[], read: readonly number[]): void {
  if (expected.every((n, i) => n === read[i])) return;
  throw unstable(
    text,
    `its parts should have ${expected.join(", ")} rows, and had ${read.join(", ")}`,
    read.join(", "),
  );
}

const unstable = (text: string, why: string, found: string): DynaframeError =>
  new DynaframeError(
    "UNSTABLE_PARTITIONS",
    `The rows cannot be read in parts by ${text}: ${why}. Some would be read twice, and some never.`,
    {
      path: "hashexpression",
      expected: "the same whole number for a row each time, in every connection",
      found,
      hint: "Give columns, or functions of them alone; of a query with LIMIT, order the rows by a key; or leave the partitions out.",
    },
  );
