/**
 * Blueprints that the catalog keeps, and their runs: each makes one workflow, with its jobs and crawlers, all or
 * nothing.
 */
import {
  allDefinitions,
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../../catalog/definitions/definition.js";
import { allPages } from "../../catalog/all-pages.js";
import type { Entity, EntityStore } from "../../catalog/index.js";
import type { Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { checkLayout } from "./check-layout.js";
import { checkParameterSpec, type ParameterSpec } from "./define-blueprint.js";
import type { BlueprintCode, CallBlueprint } from "./layout-process.js";
import { runParameters } from "./parameters.js";
import { readBlueprint } from "./read-blueprint.js";

export type BlueprintServices = {
  readonly catalog: EntityStore;
  readonly storage: Storage;
  readonly call: CallBlueprint;
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly newId: () => string;
};

/** What was registered is what runs, whatever becomes of the file at its location. */
export type BlueprintRecord = {
  readonly location: string;
  readonly description?: string;
  readonly source: BlueprintCode;
  readonly parameterSpec: ParameterSpec;
};

/** Times in seconds since the epoch. */
export type BlueprintRun = {
  readonly State: "RUNNING" | "SUCCEEDED" | "FAILED";
  readonly StartedOn: number;
  readonly CompletedOn?: number;
  readonly WorkflowName?: string;
  readonly ErrorMessage?: string;
  /** JSON, as given. */
  readonly Parameters: string;
  readonly RoleArn?: string;
};

/** A blueprint to register: its name, and the module that exports `blueprint`. */
export type BlueprintRequest = {
  /** Name in the catalog. */
  readonly name: string;
  /** Path of the module. */
  readonly location: string;
  /** Kept with it. */
  readonly description?: string;
};

export const blueprintRef = (name: string) => ({ kind: "blueprint", name });
const runRef = (blueprint: string, id: string) => ({ kind: "blueprint-run", scope: blueprint, name: id });

/** After that a run's process is gone: a layout takes a minute at most. */
const LOST_AFTER = 300;

/** Reads and tries the code, and keeps it. @throws AlreadyExistsException, BAD_BLUEPRINT, OPTIONAL_DEPENDENCY. */
export async function createBlueprint(services: BlueprintServices, request: BlueprintRequest): Promise<void> {
  await createDefinition(services.catalog, blueprintRef(request.name), await recordOf(services, request));
}

/**
 * The code is read anew; when it cannot be used, the one before stays.
 * @throws EntityNotFoundException, and as `createBlueprint`.
 */
export async function updateBlueprint(services: BlueprintServices, request: BlueprintRequest): Promise<void> {
  await getDefinition(services.catalog, blueprintRef(request.name));
  const record = await recordOf(services, request);
  await changeDefinition<BlueprintRecord>(services.catalog, blueprintRef(request.name), () => record);
}

/** Workflows that it made stay. @throws EntityNotFoundException */
export async function deleteBlueprint(catalog: EntityStore, name: string): Promise<void> {
  await deleteDefinition(catalog, blueprintRef(name));
  const runs = await allDefinitions(catalog, { kind: "blueprint-run", scope: name });
  if (runs.length > 0) await catalog.changeEntities(runs.map((run) => ({ ref: runRef(name, run.name) })));
}

async function recordOf(
  { storage, call }: BlueprintServices,
  { location, description }: BlueprintRequest,
): Promise<BlueprintRecord> {
  const source = await readBlueprint(location, storage);
  const parameterSpec = await call(source);
  checkParameterSpec(parameterSpec);
  return { location, source, parameterSpec, ...(description === undefined ? {} : { description }) };
}

/**
 * Begins a run: the record of it is there when this resolves; `finished` gives it as it ended and never rejects but for
 * the catalog.
 * @throws EntityNotFoundException, BAD_PARAMETERS
 */
export async function startBlueprintRun(
  services: BlueprintServices,
  name: string,
  given: unknown,
  roleArn?: string,
): Promise<{ readonly runId: string; readonly finished: Promise<BlueprintRun> }> {
  const { doc } = await getDefinition<BlueprintRecord>(services.catalog, blueprintRef(name));
  const parameters = runParameters(doc.parameterSpec, given);
  const runId = services.newId();
  const run: BlueprintRun = {
    State: "RUNNING",
    StartedOn: services.now(),
    Parameters: JSON.stringify(given),
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
  };
  await services.catalog.changeEntities([{ ref: runRef(name, runId), doc: run, ifVersion: 0 }]);
  return { runId, finished: finish(services, name, runId, run, doc.source, parameters) };
}

async function finish(
  { catalog, call, now }: BlueprintServices,
  name: string,
  runId: string,
  run: BlueprintRun,
  source: BlueprintCode,
  parameters: object,
): Promise<BlueprintRun> {
  try {
    const { workflow, changes } = checkLayout(
      await call(source, parameters),
      { BlueprintName: name, RunId: runId },
      now() * 1000,
    );
    const done: BlueprintRun = { ...run, State: "SUCCEEDED", WorkflowName: workflow, CompletedOn: now() };
    await catalog.changeEntities([...changes, { ref: runRef(name, runId), doc: done, ifVersion: 1 }]);
    return done;
  } catch (error) {
    const failed: BlueprintRun = { ...run, State: "FAILED", CompletedOn: now(), ErrorMessage: whyFailed(error) };
    await catalog.changeEntities([{ ref: runRef(name, runId), doc: failed }]);
    return failed;
  }
}

function whyFailed(error: unknown): string {
  if (!(error instanceof DynaframeError)) return "The layout cannot be used.";
  return error.code === "CONCURRENT_MODIFICATION"
    ? "A workflow, trigger, job or crawler of the layout already exists."
    : error.message;
}

/** Newest first. @throws EntityNotFoundException */
export async function blueprintRuns(
  catalog: EntityStore,
  name: string,
  now: number,
): Promise<readonly (BlueprintRun & { readonly RunId: string })[]> {
  await getDefinition(catalog, blueprintRef(name));
  const runs = await allPages((page) =>
    catalog.listEntities({ kind: "blueprint-run", scope: name }, { ...page, newestFirst: true }),
  );
  return runs.map((entity) => blueprintRunOf(entity as Entity<BlueprintRun>, now));
}

/** @throws EntityNotFoundException */
export async function getBlueprintRun(
  catalog: EntityStore,
  name: string,
  runId: string,
  now: number,
): Promise<BlueprintRun & { readonly RunId: string }> {
  return blueprintRunOf(await getDefinition<BlueprintRun>(catalog, runRef(name, runId)), now);
}

/** A run whose process is gone has failed: it made nothing, for all is made with its end. */
export function blueprintRunOf(
  { name, doc }: Entity<BlueprintRun>,
  now: number,
): BlueprintRun & { readonly RunId: string } {
  const isLost = doc.State === "RUNNING" && now - doc.StartedOn > LOST_AFTER;
  return {
    ...doc,
    ...(isLost ? { State: "FAILED" as const, ErrorMessage: "The process that ran it is gone." } : {}),
    RunId: name,
  };
}
