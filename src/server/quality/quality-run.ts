/** Evaluates rulesets in the background: STARTING → RUNNING → SUCCEEDED, FAILED or STOPPED. */
import { changeDefinition, getDefinition } from "../../catalog/definitions/definition.js";
import { DynaframeError } from "../../types/error.js";
import type { OperationContext } from "../operation.js";
import { stoppable } from "../running-work.js";
import { parseRuleset } from "./dqdl.js";
import type { EvaluateRules } from "./quality-part.js";
import {
  type QualityResult,
  qualityResultRef,
  type QualityRun,
  qualityRunRef,
  type RulesetRecord,
  rulesetRef,
  type TargetTable,
} from "./quality-record.js";

export type QualityRequest = {
  readonly table: TargetTable;
  readonly role: string;
  readonly rulesets: readonly string[];
};

/**
 * The id of the new run.
 * @throws EntityNotFoundException for the table or a ruleset, OperationNotSupportedException without a part that
 * evaluates.
 */
export async function startQualityRun(
  context: OperationContext,
  { table, role, rulesets }: QualityRequest,
): Promise<string> {
  const { catalog, evaluateRules, newId, now } = context;
  if (evaluateRules === undefined)
    throw new DynaframeError("UNSUPPORTED", "This server cannot evaluate rules", {
      name: "OperationNotSupportedException",
      path: table.TableName,
    });
  await catalog.getTable(table.DatabaseName, table.TableName);
  for (const name of rulesets) await getDefinition(catalog, rulesetRef(name));
  const id = newId();
  const run: QualityRun = {
    DataSource: { GlueTable: table },
    Role: role,
    RulesetNames: rulesets,
    Status: "STARTING",
    pid: process.pid,
    StartedOn: now(),
    LastModifiedOn: now(),
  };
  await catalog.changeEntities([{ ref: qualityRunRef(id), doc: run, ifVersion: 0 }]);
  // its end is in the run's record; of a catalog that is gone there is none
  context.background.add(evaluate(context, evaluateRules, id, run).catch(() => undefined));
  return id;
}

/** @throws EntityNotFoundException, InvalidInputException for a run that has ended. */
export async function cancelQualityRun({ catalog, now }: OperationContext, id: string): Promise<void> {
  await changeDefinition<QualityRun>(catalog, qualityRunRef(id), (run) => {
    if (run.Status !== "STARTING" && run.Status !== "RUNNING")
      throw new DynaframeError("INVALID_STATE", `The run is ${run.Status}`, {
        name: "InvalidInputException",
        path: id,
      });
    return { ...run, Status: "STOPPING", LastModifiedOn: now() };
  });
}

async function evaluate(
  context: OperationContext,
  evaluateRules: EvaluateRules,
  id: string,
  run: QualityRun,
): Promise<void> {
  const { catalog, now, newId } = context;
  const change = (doc: (before: QualityRun) => Partial<QualityRun>): Promise<QualityRun> =>
    changeDefinition<QualityRun>(catalog, qualityRunRef(id), (before) => ({
      ...before,
      ...doc(before),
      LastModifiedOn: now(),
    }));
  await change((before) => (before.Status === "STARTING" ? { Status: "RUNNING" } : {}));
  const { DatabaseName: database, TableName: table } = run.DataSource.GlueTable;
  const { outcome, failure, stopped } = await stoppable<QualityRun, readonly QualityResult[]>(
    context,
    qualityRunRef(id),
    ({ Status }) => Status === "STOPPING",
    async (signal) => {
      const results: QualityResult[] = [];
      for (const name of run.RulesetNames) {
        const StartedOn = now();
        const { doc } = await getDefinition<RulesetRecord>(catalog, rulesetRef(name));
        const found = await evaluateRules({ database, table, rules: parseRuleset(doc.Ruleset), signal });
        const passed = found.filter(({ Result }) => Result === "PASS").length;
        results.push({
          DataSource: run.DataSource,
          RulesetName: name,
          RulesetEvaluationRunId: id,
          StartedOn,
          CompletedOn: now(),
          Score: passed / found.length,
          RuleResults: found.map((each, i) => ({ Name: `Rule_${i + 1}`, ...each })),
        });
      }
      signal.throwIfAborted();
      return results;
    },
  );
  const ended = { CompletedOn: now(), ExecutionTime: Math.round(now() - run.StartedOn) };
  if (outcome === undefined) {
    const message = failure instanceof DynaframeError ? failure.message : "The rules could not be evaluated.";
    await change(() =>
      stopped ? { ...ended, Status: "STOPPED" } : { ...ended, Status: "FAILED", ErrorString: message },
    );
    return;
  }
  const ResultIds = outcome.map(() => newId());
  await catalog.changeEntities(outcome.map((doc, i) => ({ ref: qualityResultRef(ResultIds[i] ?? ""), doc })));
  await change(() => ({ ...ended, Status: "SUCCEEDED", ResultIds }));
}
