/** Job arguments, triggers and workflow runs. */
import {
  effectiveArguments,
  getResolvedOptions,
  jobNode,
  nodeName,
  playOut,
  putRunProperties,
  resumeWorkflowRun,
  simulateChain,
  startWorkflowRun,
  runNodeEnded,
  type ChainState,
  type NodeId,
  type Trigger,
  type WorkflowRun,
} from "../api.js";
import { asList, asObject, asText, asTexts, member, type Json, type JsonObject } from "../case.js";
import { unknownKeys } from "../compare/frame.js";
import { compareSets, differs, firstOf, within } from "../compare/values.js";
import { operation, type OperationTable } from "./operation.js";

type Texts = { readonly [name: string]: string };

export const workflowOperations: OperationTable = {
  getResolvedOptions: operation(
    async ({ input, args }) =>
      getResolvedOptions(asTexts(member(asObject(input), "argv")), asTexts(member(args, "options"))),
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["contains", "nullKeys", "absentKeys"]),
        ...Object.entries(asObject(member(expected, "contains") ?? {})).map(
          ([key, wanted]) =>
            () =>
              differs(key, found[key], wanted),
        ),
        ...asTexts(member(expected, "nullKeys") ?? []).map((key) => () => differs(key, found[key] ?? null, null)),
        ...asTexts(member(expected, "absentKeys") ?? []).map(
          (key) => () => (key in found ? `${key} is a key` : undefined),
        ),
      ),
  ),
  triggerArguments: operation(
    async ({ input, args }) => {
      const job = asObject(member(asObject(input), "job"));
      const texts = (value: Json | undefined): Texts => asObject(value ?? {}) as Texts;
      return effectiveArguments(
        {
          DefaultArguments: texts(member(job, "defaultArguments")),
          NonOverridableArguments: texts(member(job, "nonOverridableArguments")),
        },
        texts(member(args, "triggerArguments")),
      );
    },
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["effective"]),
        () =>
          within(
            "effective",
            compareSets(Object.entries(found), Object.entries(asObject(member(expected, "effective"))) as Json[]),
          ),
      ),
  ),
  triggerChain: operation(
    async ({ input, args }) => {
      const start = asObject(member(args, "start"));
      const jobName = member(start, "jobName");
      const triggerName = member(start, "triggerName");
      const state = simulateChain(
        triggersOf(input),
        jobName === undefined ? { triggerName: asText(triggerName) } : { jobName: asText(jobName) },
        outcomesOf(args["outcomes"]),
      );
      return jobsOf(state, () => true);
    },
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["started"]),
        () => within("started", compareSets(found, asList(member(expected, "started")))),
      ),
  ),
  workflowRunProperties: operation(
    async ({ input, args }) => {
      const workflow = {
        Name: "w",
        DefaultRunProperties: asObject(member(asObject(input), "defaultRunProperties") ?? {}) as Texts,
      };
      const { run } = startWorkflowRun(workflow, [{ Name: "t", Type: "ON_DEMAND", Actions: [{ JobName: "x" }] }], {
        id: "wr_1",
        at: 0,
      });
      const changed = putRunProperties(run, asObject(args["put"] ?? {}) as Texts);
      return { runProperties: changed.WorkflowRunProperties, defaultsAfter: workflow.DefaultRunProperties };
    },
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["runProperties", "defaultsAfter"]),
        ...Object.entries(expected).map(
          ([key, wanted]) =>
            () =>
              within(
                key,
                compareSets(
                  Object.entries(found[key as keyof typeof found]),
                  Object.entries(asObject(wanted)) as Json[],
                ),
              ),
        ),
      ),
  ),
  resumeWorkflowRun: operation(
    async ({ input, args }) => {
      const first = firstRun(triggersOf(input), outcomesOf(member(asObject(input), "firstRun")));
      const step = resumeWorkflowRun(first, asTexts(member(args, "resumeFrom")).map(jobNode), { id: "wr_2", at: 2 });
      const state = playOut(
        step.run.triggers,
        { state: step.run.chain, starts: step.starts },
        outcomesOf(args["outcomes"]),
      );
      return {
        originalStatus: first.Status,
        newRunHasPreviousRunId:
          step.run.PreviousRunId === first.WorkflowRunId && step.run.WorkflowRunId !== first.WorkflowRunId,
        rerun: jobsOf(state, (copied) => !copied),
        copied: jobsOf(state, (copied) => copied),
      };
    },
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["originalStatus", "rerun", "copied", "newRunHasPreviousRunId"]),
        ...Object.entries(expected).map(([key, wanted]) => () => {
          const actual = found[key as keyof typeof found];
          return Array.isArray(actual)
            ? within(key, compareSets(actual as Json[], asList(wanted)))
            : differs(key, actual as Json, wanted);
        }),
      ),
  ),
};

function triggersOf(input: Json | undefined): readonly Trigger[] {
  return asList(member(asObject(input), "triggers"))
    .map(asObject)
    .map((trigger): Trigger => {
      const conditions = asList(member(trigger, "conditions") ?? []).map(asObject);
      const named = (value: JsonObject): string => asText(member(value, "jobName"));
      return {
        Name: asText(member(trigger, "name")),
        Type: asText(member(trigger, "type")) as Trigger["Type"],
        Actions: asList(member(trigger, "actions"))
          .map(asObject)
          .map((action) => ({ JobName: named(action) })),
        ...(conditions.length === 0
          ? {}
          : {
              Predicate: {
                Logical: asText(member(trigger, "logical") ?? "AND") as "AND" | "ANY",
                Conditions: conditions.map((c) => ({ JobName: named(c), State: asText(member(c, "state")) })),
              },
            }),
      };
    });
}

const outcomesOf = (value: Json | undefined): Map<NodeId, string> =>
  new Map(Object.entries(asObject(value ?? {})).map(([job, state]) => [jobNode(job), asText(state)]));

const jobsOf = (state: ChainState, wanted: (copied: boolean) => boolean): string[] =>
  [...state.nodes].filter(([, run]) => wanted(run.kind === "ended" && run.copied)).map(([node]) => nodeName(node));

/** The run in which the jobs ended as `states` says. */
function firstRun(triggers: readonly Trigger[], states: ReadonlyMap<NodeId, string>): WorkflowRun {
  let { run, starts } = startWorkflowRun({ Name: "w" }, triggers, { id: "wr_1", at: 0 });
  const queue = starts.map(({ node }) => node);
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    ({ run, starts } = runNodeEnded(run, node, states.get(node) ?? "STOPPED", 1));
    queue.push(...starts.map((s) => s.node));
  }
  return run;
}
