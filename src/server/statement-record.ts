/** Statements of interactive sessions as the catalog keeps them. */
import { allDefinitions } from "../catalog/definitions/definition.js";
import type { Catalog, EntityRef } from "../catalog/index.js";
import type { Evaluation } from "../devendpoint/evaluator.js";

export type StatementState = "WAITING" | "RUNNING" | "AVAILABLE" | "CANCELLING" | "CANCELLED" | "ERROR";

export type StatementRecord = {
  readonly code: string;
  readonly state: StatementState;
  readonly started: number;
  readonly completed?: number;
  readonly result?: Evaluation;
};

// names are in order of their numbers
export const statementRef = (session: string, id: number): EntityRef => ({
  kind: "statement",
  scope: session,
  name: String(id).padStart(10, "0"),
});

/** All of a session, by number. */
export const statementsOf = (catalog: Catalog, session: string) =>
  allDefinitions<StatementRecord>(catalog, { kind: "statement", scope: session });

export async function dropStatements(catalog: Catalog, session: string): Promise<void> {
  const all = await statementsOf(catalog, session);
  await catalog.changeEntities(all.map(({ name }) => ({ ref: { kind: "statement", scope: session, name } })));
}
