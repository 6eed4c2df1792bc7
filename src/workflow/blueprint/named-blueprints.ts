/** Blueprints by name: `glue.blueprints()`. */
import { allDefinitions, getDefinition } from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import {
  type BlueprintRecord,
  blueprintRef,
  type BlueprintRequest,
  type BlueprintRun,
  blueprintRuns,
  type BlueprintServices,
  createBlueprint,
  deleteBlueprint,
  startBlueprintRun,
  updateBlueprint,
} from "./blueprints.js";
import type { ParameterSpec } from "./define-blueprint.js";

/** A blueprint as the catalog keeps it. */
export type NamedBlueprint = {
  readonly name: string;
  readonly location: string;
  readonly description?: string;
  readonly parameterSpec: ParameterSpec;
};

/**
 * Blueprints that the catalog keeps. Every call on one that is not there is ENTITY_NOT_FOUND; code that cannot be used
 * is BAD_BLUEPRINT, parameters that do not fit BAD_PARAMETERS.
 */
export type NamedBlueprints = {
  /** Registers the code at a location: a module that exports `blueprint`. Later changes of the file do not touch it. */
  create(request: BlueprintRequest): Promise<void>;
  update(request: BlueprintRequest): Promise<void>;
  get(name: string): Promise<NamedBlueprint>;
  list(): Promise<readonly NamedBlueprint[]>;
  /** Makes the workflow; a run that FAILED made nothing, and tells why. */
  run(
    name: string,
    parameters?: { readonly [name: string]: unknown },
  ): Promise<BlueprintRun & { readonly RunId: string }>;
  /** Newest first. */
  runs(name: string): Promise<readonly (BlueprintRun & { readonly RunId: string })[]>;
  /** Its workflows stay. */
  delete(name: string): Promise<void>;
};

export function namedBlueprints(services: BlueprintServices): NamedBlueprints {
  const { catalog, now } = services;
  return Object.freeze({
    create: (request) => createBlueprint(services, request),
    update: (request) => updateBlueprint(services, request),
    get: async (name) => namedOf(await getDefinition<BlueprintRecord>(catalog, blueprintRef(name))),
    list: async () => (await allDefinitions<BlueprintRecord>(catalog, { kind: "blueprint" })).map(namedOf),
    run: async (name, parameters = {}) => {
      const { runId, finished } = await startBlueprintRun(services, name, parameters);
      return { ...(await finished), RunId: runId };
    },
    runs: (name) => blueprintRuns(catalog, name, now()),
    delete: (name) => deleteBlueprint(catalog, name),
  } satisfies NamedBlueprints);
}

const namedOf = ({ name, doc: { location, description, parameterSpec } }: Entity<BlueprintRecord>): NamedBlueprint => ({
  name,
  location,
  parameterSpec,
  ...(description === undefined ? {} : { description }),
});
