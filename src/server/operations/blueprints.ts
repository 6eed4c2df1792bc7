/** Blueprints and their runs. */
import { getDefinition } from "../../catalog/definitions/definition.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import type { Entity } from "../../catalog/index.js";
import { DynaframeError } from "../../types/error.js";
import {
  type BlueprintRecord,
  blueprintRef,
  type BlueprintRun,
  blueprintRunOf,
  type BlueprintServices,
  createBlueprint,
  deleteBlueprint,
  getBlueprintRun,
  startBlueprintRun,
  updateBlueprint,
} from "../../workflow/blueprint/blueprints.js";
import { batchGot, listedNames } from "../definition-operations.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type Shown = { readonly IncludeBlueprint?: boolean; readonly IncludeParameterSpec?: boolean };
type Settings = { readonly Name: string; readonly Description?: string; readonly BlueprintLocation: string };
type Run = { readonly BlueprintName: string; readonly RunId: string };

export const blueprintOperations = {
  CreateBlueprint: operation(async ({ Tags, ...settings }: Settings & { readonly Tags?: Tags }, context) => {
    await createBlueprint(servicesOf(context), requestOf(settings));
    await putTags(context, arnOf(context, "blueprint", settings.Name), Tags);
    return { Name: settings.Name };
  }),
  UpdateBlueprint: operation(async (settings: Settings, context) => {
    await updateBlueprint(servicesOf(context), requestOf(settings));
    return { Name: settings.Name };
  }),
  GetBlueprint: operation(async ({ Name, ...shown }: { readonly Name: string } & Shown, { catalog }) => ({
    Blueprint: blueprintOf(await getDefinition<BlueprintRecord>(catalog, blueprintRef(Name)), shown),
  })),
  BatchGetBlueprints: operation(async ({ Names, ...shown }: { readonly Names: readonly string[] } & Shown, context) =>
    batchGot<BlueprintRecord>(context, "blueprint", Names, "Blueprints", "MissingBlueprints", (entity) =>
      blueprintOf(entity, shown),
    ),
  ),
  ListBlueprints: operation(async (input: Paged & { readonly Tags?: Tags }, context) =>
    listedNames(context, "blueprint", "blueprint", input, "Blueprints"),
  ),
  DeleteBlueprint: operation(async ({ Name }: { readonly Name: string }, context) => {
    await deleteBlueprint(context.catalog, Name);
    await dropTags(context, arnOf(context, "blueprint", Name));
    return { Name };
  }),
  StartBlueprintRun: operation(
    async (
      {
        BlueprintName,
        Parameters = "{}",
        RoleArn,
      }: { readonly BlueprintName: string; readonly Parameters?: string; readonly RoleArn: string },
      context,
    ) => {
      const { runId, finished } = await startBlueprintRun(
        servicesOf(context),
        BlueprintName,
        parsed(Parameters),
        RoleArn,
      );
      context.background.add(
        finished.then(
          () => undefined,
          () => undefined,
        ),
      ); // the run's record says how it ended
      return { RunId: runId };
    },
  ),
  GetBlueprintRun: operation(async ({ BlueprintName, RunId }: Run, { catalog, now }) => ({
    BlueprintRun: { ...(await getBlueprintRun(catalog, BlueprintName, RunId, now())), BlueprintName },
  })),
  GetBlueprintRuns: operation(async (input: Paged & { readonly BlueprintName: string }, { catalog, now }) => {
    await getDefinition(catalog, blueprintRef(input.BlueprintName));
    const { items, nextToken } = await catalog.listEntities(
      { kind: "blueprint-run", scope: input.BlueprintName },
      { ...pageOf(input), newestFirst: true },
    );
    const runs = items.map((entity) => ({
      ...blueprintRunOf(entity as Entity<BlueprintRun>, now()),
      BlueprintName: input.BlueprintName,
    }));
    return { BlueprintRuns: runs, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
  }),
} satisfies OperationTable;

/** @throws OperationNotSupportedException without a part that runs blueprints. */
function servicesOf({ catalog, blueprints, now, newId }: OperationContext): BlueprintServices {
  if (blueprints === undefined)
    throw new DynaframeError("UNSUPPORTED", "This server cannot run blueprints", {
      name: "OperationNotSupportedException",
    });
  return { catalog, now, newId, storage: blueprints.storage(catalog), call: blueprints.call };
}

const requestOf = ({ Name, BlueprintLocation, Description }: Settings) => ({
  name: Name,
  location: BlueprintLocation,
  ...(Description === undefined ? {} : { description: Description }),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidInput("Parameters are no JSON object", { path: "Parameters" });
  }
}

/** Code that cannot be used is refused when it comes: what is kept is active. */
function blueprintOf(
  { name, doc, created, updated }: Entity<BlueprintRecord>,
  { IncludeBlueprint = false, IncludeParameterSpec = false }: Shown,
): object {
  return {
    Name: name,
    ...(doc.description === undefined ? {} : { Description: doc.description }),
    CreatedOn: created,
    LastModifiedOn: updated,
    Status: "ACTIVE",
    BlueprintLocation: doc.location,
    ...(IncludeParameterSpec ? { ParameterSpec: JSON.stringify(doc.parameterSpec) } : {}),
    ...(IncludeBlueprint ? { BlueprintServiceLocation: doc.location } : {}),
  };
}
