/**
 * Interactive sessions as definitions. Nothing here runs statements, and each session says so: its status is FAILED, with the reason, from
 * which it can be deleted; a statement needs a session that is READY, as in Glue.
 */
import { entityNotFound, invalidInput } from "../../catalog/catalog-errors.js";
import { createDefinition, deleteDefinition, getDefinition } from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import { DynaframeError } from "../../types/error.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags, tagsOf } from "../resource-tags.js";

type Settings = {
  readonly Description?: string; readonly Role: string; readonly Command: { readonly Name?: string; readonly PythonVersion?: string }; readonly Timeout?: number; readonly IdleTimeout?: number;
  readonly DefaultArguments?: { readonly [name: string]: string }; readonly Connections?: object; readonly MaxCapacity?: number; readonly NumberOfWorkers?: number; readonly WorkerType?: string;
  readonly SecurityConfiguration?: string; readonly GlueVersion?: string; readonly SessionType?: string;
};
type ById = { readonly Id: string };
type InSession = { readonly SessionId: string };
type Create = Settings & ById & { readonly Tags?: Tags; readonly RequestOrigin?: string };

const STATUS = { Status: "FAILED", ErrorMessage: "This server has nothing that runs sessions; only the definition is kept." } as const;
/** The names of SessionCommand that the service takes. */
const COMMANDS: readonly string[] = ["glueetl", "gluestreaming"];

const ref = (id: string) => ({ kind: "session", name: id });

export const sessionOperations = {
  CreateSession: operation(async ({ Id, Tags, RequestOrigin: _, ...settings }: Create, context) => {
    check(settings);
    await createDefinition(context.catalog, ref(Id), settings);
    await putTags(context, arnOf(context, "session", Id), Tags);
    return { Session: sessionOf(await getDefinition<Settings>(context.catalog, ref(Id))) };
  }),
  GetSession: operation(async ({ Id }: ById, { catalog }) => ({ Session: sessionOf(await getDefinition<Settings>(catalog, ref(Id))) })),
  ListSessions: operation(async (input: Paged & { readonly Tags?: Tags }, context) => {
    const { items, nextToken } = await context.catalog.listEntities({ kind: "session" }, pageOf(input));
    const kept = (await Promise.all(items.map(async (entity) => (await hasTags(context, entity.name, input.Tags) ? [entity as Entity<Settings>] : [])))).flat();
    return { Ids: kept.map(({ name }) => name), Sessions: kept.map(sessionOf), ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
  }),
  StopSession: operation(async ({ Id }: ById, { catalog }) => {
    await getDefinition(catalog, ref(Id));
    throw illegal(Id, "stopped");
  }),
  DeleteSession: operation(async ({ Id }: ById, context) => {
    await deleteDefinition(context.catalog, ref(Id));
    await dropTags(context, arnOf(context, "session", Id));
    return { Id };
  }),
  RunStatement: operation(async ({ SessionId }: InSession, { catalog }) => {
    await getDefinition(catalog, ref(SessionId));
    throw illegal(SessionId, "given statements");
  }),
  GetStatement: operation(noStatement),
  ListStatements: operation(async ({ SessionId }: InSession, { catalog }) => {
    await getDefinition(catalog, ref(SessionId));
    return { Statements: [] };
  }),
  CancelStatement: operation(noStatement),
} satisfies OperationTable;

function check({ Command, MaxCapacity, NumberOfWorkers, WorkerType }: Settings): void {
  if (Command.Name !== undefined && !COMMANDS.includes(Command.Name)) throw invalidInput(`A session's command is ${COMMANDS.join(" or ")}`, { path: "Command.Name", expected: COMMANDS.join(", "), found: Command.Name });
  if (MaxCapacity !== undefined && (NumberOfWorkers !== undefined || WorkerType !== undefined)) throw invalidInput("MaxCapacity excludes WorkerType and NumberOfWorkers", { path: "MaxCapacity" });
}

async function hasTags(context: OperationContext, id: string, wanted: Tags = {}): Promise<boolean> {
  const pairs = Object.entries(wanted);
  if (pairs.length === 0) return true;
  const tags = await tagsOf(context, arnOf(context, "session", id));
  return pairs.every(([key, value]) => tags[key] === value);
}

const sessionOf = ({ name, doc: { Timeout: _, ...doc }, created }: Entity<Settings>): object => ({ ...doc, Id: name, ...STATUS, CreatedOn: created, CompletedOn: created, Progress: 0 });

const illegal = (id: string, what: string): DynaframeError =>
  new DynaframeError("INVALID_STATE", `Session ${id} is ${STATUS.Status}, and cannot be ${what}`, { name: "IllegalSessionStateException", path: id, expected: "READY", found: STATUS.Status });

/** Without statements every id is of none. */
async function noStatement({ SessionId, Id }: InSession & { readonly Id: number }, { catalog }: OperationContext): Promise<never> {
  await getDefinition(catalog, ref(SessionId));
  throw entityNotFound(`There is no statement ${Id} in session ${SessionId}`, { path: SessionId });
}
