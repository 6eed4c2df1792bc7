/**
 * What the code of a session or an endpoint may ask of the server that it reaches the catalog by: all that is about
 * data. Nothing that runs outside of it, now or later, and so with the catalog's key at hand (a job's script, a
 * blueprint, a crawl); nor what such work is defined by.
 */
import type { EntityChange } from "../catalog/entity.js";
import { DynaframeError } from "../types/error.js";

const READS = /^(?:BatchGet|Get|List|Search|Query|Check)[A-Z]/;
/** Of Glue's operations, and of dynaframe's own. */
const DATA = new RegExp(
  `^(?:${[
    "(?:BatchCreate|BatchUpdate|BatchDelete|Create|Update|Delete)(?:Database|Table|TableVersion|Partition|PartitionIndex|UserDefinedFunction|Registry|Schema|Connection|DataQualityRuleset)",
    "(?:Update|Delete)ColumnStatisticsFor(?:Table|Partition)",
    "RegisterSchemaVersion",
    "DeleteSchemaVersions",
    "(?:Put|Remove)SchemaVersionMetadata",
    "TagResource",
    "UntagResource",
    "CreateScript",
    "ApplyTableChanges",
    "BeginAttempt",
    "CommitRun",
    "FinishPublication",
    "ResetBookmarkState",
    "ResetJobBookmark",
  ].join("|")})$`,
);
/**
 * Kinds of entities beside those of a database or table: what a job in a session keeps while it commits into databases.
 */
const DATA_KINDS: readonly string[] = ["job-commit-intent"];

/** @throws AccessDeniedException */
export function checkGuest(operation: string, input: { readonly [member: string]: unknown }): void {
  const isEntities = operation === "ChangeEntities";
  if (!isEntities && !READS.test(operation) && !DATA.test(operation)) throw forbidden(operation, operation);
  const { Changes, Commit } = input as {
    readonly Changes?: readonly EntityChange[];
    readonly Commit?: { readonly entities?: readonly EntityChange[] };
  };
  const changes = isEntities ? Changes : operation === "CommitRun" ? Commit?.entities : [];
  const foreign = changes?.find(({ ref }) => ref.database === undefined && !DATA_KINDS.includes(ref.kind));
  if (foreign !== undefined) throw forbidden(operation, foreign.ref.kind);
}

const forbidden = (operation: string, found: string): DynaframeError =>
  new DynaframeError(
    "SESSION_FORBIDDEN",
    `The code of a session has nothing done outside of it: ${found} is not for it`,
    { name: "AccessDeniedException", path: operation, found, hint: "do it from outside, with credentials of your own" },
  );
