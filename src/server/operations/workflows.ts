import {
  allDefinitions,
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
  hasDefinition,
} from "../../catalog/definitions/definition.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import type { Entity } from "../../catalog/index.js";
import type { TriggerRecord } from "../../workflow/store/workflow-store.js";
import { listedNames } from "../definition-operations.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import type { Paged } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";
import { workflowGraph } from "../workflow-graph.js";

type Settings = {
  readonly Description?: string;
  readonly DefaultRunProperties?: { readonly [name: string]: string };
  readonly MaxConcurrentRuns?: number;
};
type Named = { readonly Name: string };

const ref = (name: string) => ({ kind: "workflow", name });

export const workflowOperations = {
  CreateWorkflow: operation(
    async ({ Name, Tags, ...settings }: Settings & Named & { readonly Tags?: Tags }, context) => {
      check(settings);
      await createDefinition(context.catalog, ref(Name), settings);
      await putTags(context, arnOf(context, "workflow", Name), Tags);
      return { Name };
    },
  ),
  GetWorkflow: operation(async ({ Name, IncludeGraph }: Named & { readonly IncludeGraph?: boolean }, context) => ({
    Workflow: await workflowOf(
      context,
      await getDefinition<Settings>(context.catalog, ref(Name)),
      IncludeGraph === true,
    ),
  })),
  BatchGetWorkflows: operation(
    async (
      { Names, IncludeGraph }: { readonly Names: readonly string[]; readonly IncludeGraph?: boolean },
      context,
    ) => {
      const found = await Promise.all(Names.map((name) => context.catalog.getEntity(ref(name))));
      return {
        Workflows: await Promise.all(
          found.flatMap((entity) =>
            entity === undefined ? [] : [workflowOf(context, entity as Entity<Settings>, IncludeGraph === true)],
          ),
        ),
        MissingWorkflows: Names.filter((_, i) => found[i] === undefined),
      };
    },
  ),
  ListWorkflows: operation(async (input: Paged, context) =>
    listedNames(context, "workflow", "workflow", input, "Workflows"),
  ),
  UpdateWorkflow: operation(async ({ Name, ...settings }: Settings & Named, { catalog }) => {
    check(settings);
    await changeDefinition<Settings>(catalog, ref(Name), (doc) => ({ ...doc, ...settings }));
    return { Name };
  }),
  DeleteWorkflow: operation(async ({ Name }: Named, context) => {
    if (await hasDefinition(context.catalog, ref(Name))) await deleteDefinition(context.catalog, ref(Name));
    await dropTags(context, arnOf(context, "workflow", Name));
    return { Name };
  }),
} satisfies OperationTable;

function check({ MaxConcurrentRuns = 1 }: Settings): void {
  if (MaxConcurrentRuns < 1) throw invalidInput("MaxConcurrentRuns must be at least 1", { path: "MaxConcurrentRuns" });
}

async function workflowOf(
  { catalog }: OperationContext,
  { name, doc, created, updated }: Entity<Settings>,
  withGraph: boolean,
): Promise<object> {
  const graph = withGraph
    ? { Graph: workflowGraph(name, await allDefinitions<TriggerRecord>(catalog, { kind: "trigger" })) }
    : {};
  return { ...doc, Name: name, CreatedOn: created, LastModifiedOn: updated, ...graph };
}
