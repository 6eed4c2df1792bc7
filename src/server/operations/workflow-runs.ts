import { invalidInput } from "../../catalog/catalog-errors.js";
import { getDefinition } from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import { runRef } from "../../job/run/run-record.js";
import type { NodeId } from "../../workflow/model.js";
import { runStatistics, type RunProperties } from "../../workflow/run.js";
import { beginResumed, beginRun, getRun, setRunProperties, stopRun } from "../../workflow/runner/begin-run.js";
import { fromStored, type StoredRun } from "../../workflow/store/stored-run.js";
import type { TriggerRecord } from "../../workflow/store/workflow-store.js";
import { driveInBackground, requireRunner } from "../drive-workflow.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { type Paged, pageOf } from "../paging.js";
import { workflowGraph } from "../workflow-graph.js";

type Named = { readonly Name: string };
type ByRun = Named & { readonly RunId: string };
type WithGraph = { readonly IncludeGraph?: boolean };

export const workflowRunOperations = {
  StartWorkflowRun: operation(
    async ({ Name, RunProperties }: Named & { readonly RunProperties?: RunProperties }, context) => {
      const parts = requireRunner(context, Name);
      const run = await beginRun(context.catalog, Name, {
        at: milliseconds(context),
        ...(RunProperties === undefined ? {} : { properties: RunProperties }),
      });
      driveInBackground({ ...context, ...parts }, run);
      return { RunId: run.WorkflowRunId };
    },
  ),
  ResumeWorkflowRun: operation(
    async ({ Name, RunId, NodeIds }: ByRun & { readonly NodeIds: readonly string[] }, context) => {
      const parts = requireRunner(context, Name);
      const run = await beginResumed(context.catalog, Name, RunId, NodeIds.map(nodeId), milliseconds(context));
      driveInBackground({ ...context, ...parts }, run);
      return { RunId: run.WorkflowRunId, NodeIds };
    },
  ),
  GetWorkflowRun: operation(async ({ Name, RunId, IncludeGraph }: ByRun & WithGraph, context) => ({
    Run: await runOf(context, await getRun(context.catalog, Name, RunId), IncludeGraph === true),
  })),
  GetWorkflowRuns: operation(async (input: Named & Paged & WithGraph, context) => {
    await getDefinition(context.catalog, { kind: "workflow", name: input.Name });
    const { items, nextToken } = await context.catalog.listEntities(
      { kind: "workflow-run", scope: input.Name },
      { ...pageOf(input), newestFirst: true },
    );
    const runs = await Promise.all(
      items.map(({ doc }) => runOf(context, doc as StoredRun, input.IncludeGraph === true)),
    );
    return { Runs: runs, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
  }),
  StopWorkflowRun: operation(async ({ Name, RunId }: ByRun, context) => {
    await stopRun(context.catalog, Name, RunId, milliseconds(context));
    return {};
  }),
  GetWorkflowRunProperties: operation(async ({ Name, RunId }: ByRun, { catalog }) => ({
    RunProperties: (await getRun(catalog, Name, RunId)).WorkflowRunProperties,
  })),
  PutWorkflowRunProperties: operation(
    async ({ Name, RunId, RunProperties }: ByRun & { readonly RunProperties: RunProperties }, { catalog }) => {
      await setRunProperties(catalog, Name, RunId, RunProperties);
      return {};
    },
  ),
} satisfies OperationTable;

const milliseconds = ({ now }: OperationContext): number => now() * 1000;

/** A node by the UniqueId that a graph gives it. */
function nodeId(uniqueId: string): NodeId {
  const [, type, name] = /^(job|crawler)_(.+)$/s.exec(uniqueId) ?? [];
  if (type === undefined || name === undefined) {
    throw invalidInput(`${uniqueId} is no node that can be resumed`, {
      path: "NodeIds",
      expected: "UniqueId of a job or a crawler in the run's graph",
      found: uniqueId,
    });
  }
  return `${type as "job" | "crawler"}:${name}`;
}

async function runOf(context: OperationContext, run: StoredRun, withGraph: boolean): Promise<object> {
  const {
    Name,
    WorkflowRunId,
    PreviousRunId,
    WorkflowRunProperties,
    StartedOn,
    CompletedOn,
    Status,
    errors,
    StartingEventBatchCondition: events,
  } = run;
  const [failed] = Object.entries(errors ?? {});
  return {
    Name,
    WorkflowRunId,
    ...(PreviousRunId === undefined ? {} : { PreviousRunId }),
    WorkflowRunProperties,
    ...(events === undefined ? {} : { StartingEventBatchCondition: events }),
    StartedOn: StartedOn / 1000,
    ...(CompletedOn === undefined ? {} : { CompletedOn: CompletedOn / 1000 }),
    Status,
    ...(failed === undefined ? {} : { ErrorMessage: failed.join(": ") }),
    Statistics: runStatistics(fromStored(run)),
    ...(withGraph ? { Graph: await graphOf(context, run) } : {}),
  };
}

/** The graph of the triggers as they were when the run began, with the runs of its nodes. */
async function graphOf({ catalog }: OperationContext, { Name, triggers, jobRuns, chain }: StoredRun): Promise<object> {
  const settings = triggers.map(
    ({ Name: name, ...trigger }) =>
      ({ name, doc: { settings: { ...trigger, WorkflowName: Name }, state: "ACTIVATED" } }) as Entity<TriggerRecord>,
  );
  const { Nodes, Edges } = workflowGraph(Name, settings);
  const states = new Map(chain.nodes);
  const withRuns = Nodes.map(async (node) => {
    const state = states.get(`${node.Type === "JOB" ? "job" : "crawler"}:${node.Name}`);
    if (node.Type === "CRAWLER" && state !== undefined)
      return { ...node, CrawlerDetails: { Crawls: [{ State: state.kind === "ended" ? state.state : "RUNNING" }] } };
    const runId = node.Type === "JOB" ? jobRuns[`job:${node.Name}`] : undefined;
    const job = runId === undefined ? undefined : await catalog.getEntity(runRef(node.Name, runId));
    return job === undefined ? node : { ...node, JobDetails: { JobRuns: [job.doc] } };
  });
  return { Nodes: await Promise.all(withRuns), Edges };
}
