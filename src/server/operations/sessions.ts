/**
 * Interactive sessions: a process each where the server has a part that runs them. Without one they are definitions,
 * and each says so: its status is FAILED, with the reason, from which it can be deleted. A statement needs a session
 * that is READY, as in Glue.
 */
import { invalidInput } from "../../catalog/catalog-errors.js";
import {
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import type { SessionHost } from "../../devendpoint/session-host.js";
import { DynaframeError } from "../../types/error.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags, tagsOf } from "../resource-tags.js";
import { dropStatements } from "../statement-record.js";

type Settings = {
  readonly Description?: string;
  readonly Role: string;
  readonly Command: { readonly Name?: string; readonly PythonVersion?: string };
  readonly Timeout?: number;
  readonly IdleTimeout?: number;
  readonly DefaultArguments?: { readonly [name: string]: string };
  readonly Connections?: object;
  readonly MaxCapacity?: number;
  readonly NumberOfWorkers?: number;
  readonly WorkerType?: string;
  readonly SecurityConfiguration?: string;
  readonly GlueVersion?: string;
  readonly SessionType?: string;
};
type ById = { readonly Id: string };
type Create = Settings & ById & { readonly Tags?: Tags; readonly RequestOrigin?: string };

type Status = "PROVISIONING" | "READY" | "STOPPING" | "STOPPED" | "TIMEOUT" | "FAILED";
type SessionRecord = {
  readonly settings: Settings;
  readonly status: Status;
  readonly error?: string;
  readonly completed?: number;
};
type State = Pick<SessionRecord, "status" | "error" | "completed">;

const NOBODY = "This server has nothing that runs sessions; only the definition is kept.";
const GONE = "The process of the session has ended.";
/** Minutes; of the service (AWS Glue API, CreateSession). */
const DEFAULT_IDLE = 2880;
/** The names of SessionCommand that the service takes. */
const COMMANDS: readonly string[] = ["glueetl", "gluestreaming"];

const ref = (id: string) => ({ kind: "session", name: id });

export const sessionOperations = {
  CreateSession: operation(async ({ Id, Tags, RequestOrigin: _, ...settings }: Create, context) => {
    check(settings);
    const { sessions } = context;
    const state: State =
      sessions === undefined
        ? { status: "FAILED", error: NOBODY, completed: context.now() }
        : { status: "PROVISIONING" };
    await createDefinition(context.catalog, ref(Id), { settings, ...state } satisfies SessionRecord);
    await putTags(context, arnOf(context, "session", Id), Tags);
    if (sessions !== undefined)
      context.background.add(open(sessions, context, Id, settings.IdleTimeout ?? DEFAULT_IDLE));
    return { Session: sessionOf(context, await session(context, Id)) };
  }),
  GetSession: operation(async ({ Id }: ById, context) => ({ Session: sessionOf(context, await session(context, Id)) })),
  ListSessions: operation(async (input: Paged & { readonly Tags?: Tags }, context) => {
    const { items, nextToken } = await context.catalog.listEntities({ kind: "session" }, pageOf(input));
    const kept = (
      await Promise.all(
        items.map(async (entity) =>
          (await hasTags(context, entity.name, input.Tags)) ? [entity as Entity<SessionRecord>] : [],
        ),
      )
    ).flat();
    return {
      Ids: kept.map(({ name }) => name),
      Sessions: kept.map((entity) => sessionOf(context, entity)),
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    };
  }),
  StopSession: operation(async ({ Id }: ById, context) => {
    await readySession(context, Id, "stopped");
    await put(context, Id, { status: "STOPPING" });
    await context.sessions?.close(Id);
    await put(context, Id, { status: "STOPPED", completed: context.now() });
    return { Id };
  }),
  DeleteSession: operation(async ({ Id }: ById, context) => {
    await session(context, Id);
    await context.sessions?.close(Id);
    await dropStatements(context.catalog, Id);
    await deleteDefinition(context.catalog, ref(Id));
    await dropTags(context, arnOf(context, "session", Id));
    return { Id };
  }),
} satisfies OperationTable;

async function open(sessions: SessionHost, context: OperationContext, id: string, idleMinutes: number): Promise<void> {
  const ended = (why: "idle" | "gone"): void => {
    const state: State =
      why === "idle"
        ? { status: "TIMEOUT", completed: context.now() }
        : { status: "FAILED", error: GONE, completed: context.now() };
    context.background.add(put(context, id, state).catch(() => undefined)); // deleted meanwhile
  };
  const stop = (): void => {
    void sessions.close(id);
  };
  context.signal.addEventListener("abort", stop, { once: true });
  try {
    await sessions.open(id, { idleMinutes, onEnd: ended });
    await put(context, id, { status: "READY" });
  } catch (error) {
    await put(context, id, {
      status: "FAILED",
      error: error instanceof DynaframeError ? error.message : GONE,
      completed: context.now(),
    }).catch(() => undefined);
  }
}

/** The entity of a session. @throws EntityNotFoundException. */
const session = (context: OperationContext, id: string): Promise<Entity<SessionRecord>> =>
  getDefinition<SessionRecord>(context.catalog, ref(id));

const put = async ({ catalog }: OperationContext, id: string, { status, error, completed }: State): Promise<void> => {
  await changeDefinition<SessionRecord>(catalog, ref(id), ({ settings }) => ({
    settings,
    status,
    ...(error === undefined ? {} : { error }),
    ...(completed === undefined ? {} : { completed }),
  }));
};

/** @throws IllegalSessionStateException when it takes no statements. */
export async function readySession(context: OperationContext, id: string, what: string): Promise<SessionHost> {
  const { status } = stateOf(context, await session(context, id));
  if (status === "READY" && context.sessions !== undefined) return context.sessions;
  throw new DynaframeError("INVALID_STATE", `Session ${id} is ${status}, and cannot be ${what}`, {
    name: "IllegalSessionStateException",
    path: id,
    expected: "READY",
    found: status,
  });
}

/** What the record says, unless the process behind it is gone: of a server that ended, or another one's. */
function stateOf(
  { sessions }: OperationContext,
  { name, doc: { status, error, completed } }: Entity<SessionRecord>,
): State {
  const isLive = status === "READY" || status === "STOPPING";
  if (isLive && sessions?.has(name) !== true) return { status: "FAILED", error: GONE };
  return { status, ...(error === undefined ? {} : { error }), ...(completed === undefined ? {} : { completed }) };
}

function check({ Command, MaxCapacity, NumberOfWorkers, WorkerType }: Settings): void {
  if (Command.Name !== undefined && !COMMANDS.includes(Command.Name)) {
    throw invalidInput(`A session's command is ${COMMANDS.join(" or ")}`, {
      path: "Command.Name",
      expected: COMMANDS.join(", "),
      found: Command.Name,
    });
  }
  if (MaxCapacity !== undefined && (NumberOfWorkers !== undefined || WorkerType !== undefined))
    throw invalidInput("MaxCapacity excludes WorkerType and NumberOfWorkers", { path: "MaxCapacity" });
}

async function hasTags(context: OperationContext, id: string, wanted: Tags = {}): Promise<boolean> {
  const pairs = Object.entries(wanted);
  if (pairs.length === 0) return true;
  const tags = await tagsOf(context, arnOf(context, "session", id));
  return pairs.every(([key, value]) => tags[key] === value);
}

function sessionOf(context: OperationContext, entity: Entity<SessionRecord>): object {
  const {
    name,
    doc: {
      settings: { Timeout: _, ...settings },
    },
    created,
  } = entity;
  const { status, error, completed } = stateOf(context, entity);
  return {
    ...settings,
    Id: name,
    Status: status,
    ...(error === undefined ? {} : { ErrorMessage: error }),
    CreatedOn: created,
    ...(completed === undefined ? {} : { CompletedOn: completed }),
    Progress: status === "READY" ? 1 : 0,
  };
}
