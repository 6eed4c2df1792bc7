/** Statements of interactive sessions: JavaScript, as in the REPL; `glue` and `catalog` are there. */
import { entityNotFound } from "../../catalog/catalog-errors.js";
import { changeDefinition, createDefinition, getDefinition } from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import type { SessionHost } from "../../devendpoint/session-host.js";
import { DynaframeError } from "../../types/error.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { type StatementRecord, statementRef, statementsOf } from "../statement-record.js";
import { readySession } from "./sessions.js";

type InSession = { readonly SessionId: string };
type Numbered = InSession & { readonly Id: number };

export const statementOperations = {
  RunStatement: operation(async ({ SessionId, Code }: InSession & { readonly Code: string }, context) => {
    const sessions = await readySession(context, SessionId, "given statements");
    const id = await numbered(context, SessionId, Code);
    context.background.add(run(sessions, context, SessionId, id, Code));
    return { Id: id };
  }),
  GetStatement: operation(async ({ SessionId, Id }: Numbered, context) => ({
    Statement: statementOf(await statement(context, SessionId, Id)),
  })),
  ListStatements: operation(async ({ SessionId }: InSession, { catalog }) => {
    await getDefinition(catalog, { kind: "session", name: SessionId });
    return { Statements: (await statementsOf(catalog, SessionId)).map(statementOf) };
  }),
  CancelStatement: operation(async ({ SessionId, Id }: Numbered, context) => {
    await statement(context, SessionId, Id);
    const sessions = await readySession(context, SessionId, "told to cancel a statement");
    const { state } = await changeDefinition<StatementRecord>(context.catalog, statementRef(SessionId, Id), (doc) => {
      if (doc.state === "WAITING") return { ...doc, state: "CANCELLED", completed: context.now() };
      return doc.state === "RUNNING" ? { ...doc, state: "CANCELLING" } : doc;
    });
    if (state === "CANCELLING") sessions.interrupt(SessionId);
    return {};
  }),
} satisfies OperationTable;

/** Keeps the statement under the next number. */
async function numbered({ catalog, now }: OperationContext, session: string, code: string): Promise<number> {
  for (let id = (await statementsOf(catalog, session)).length; ; id += 1) {
    try {
      await createDefinition(catalog, statementRef(session, id), {
        code,
        state: "WAITING",
        started: now(),
      } satisfies StatementRecord);
      return id;
    } catch (error) {
      if (!(error instanceof DynaframeError && error.code === "ALREADY_EXISTS")) throw error; // another got the number
    }
  }
}

async function run(
  sessions: SessionHost,
  { catalog, now }: OperationContext,
  session: string,
  id: number,
  code: string,
): Promise<void> {
  const ref = statementRef(session, id);
  const change = (to: (doc: StatementRecord) => StatementRecord): Promise<StatementRecord> =>
    changeDefinition<StatementRecord>(catalog, ref, to);
  try {
    const begun = async (): Promise<boolean> =>
      (await change((doc) => (doc.state === "WAITING" ? { ...doc, state: "RUNNING" } : doc))).state === "RUNNING";
    const result = await sessions
      .run(session, code, begun)
      .catch((error: unknown) => ({
        output: "",
        error: { name: "SessionFailed", message: error instanceof Error ? error.message : String(error), stack: [] },
      }));
    if (result !== undefined)
      await change((doc) => ({
        ...doc,
        result,
        completed: now(),
        state: doc.state === "CANCELLING" && result.error !== undefined ? "CANCELLED" : "AVAILABLE",
      }));
  } catch (error) {
    // deleted with its session
    if (!(error instanceof DynaframeError && error.code === "ENTITY_NOT_FOUND")) throw error;
  }
}

async function statement({ catalog }: OperationContext, session: string, id: number): Promise<Entity<StatementRecord>> {
  await getDefinition(catalog, { kind: "session", name: session });
  const found = await catalog.getEntity(statementRef(session, id));
  if (found === undefined) throw entityNotFound(`There is no statement ${id} in session ${session}`, { path: session });
  return found as Entity<StatementRecord>;
}

/**
 * As Livy has it, on which Glue's sessions are built: a statement that threw is AVAILABLE, and its output says error.
 */
function statementOf({ name, doc: { code, state, started, completed, result } }: Entity<StatementRecord>): object {
  const id = Number(name);
  const thrown = result?.error;
  const output =
    result === undefined
      ? {}
      : {
          Output: {
            Data: { TextPlain: result.output },
            ExecutionCount: id,
            Status: thrown === undefined ? "ok" : "error",
            ...(thrown === undefined
              ? {}
              : { ErrorName: thrown.name, ErrorValue: thrown.message, Traceback: thrown.stack }),
          },
        };
  return {
    Id: id,
    Code: code,
    State: state,
    ...output,
    Progress: completed === undefined ? 0 : 1,
    StartedOn: Math.round(started * 1000),
    ...(completed === undefined ? {} : { CompletedOn: Math.round(completed * 1000) }),
  };
}
