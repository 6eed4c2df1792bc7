/** Development endpoints of Glue's API over those of `src/devendpoint`: one record, whichever way it was made. */
import { invalidInput } from "../../catalog/catalog-errors.js";
import { allDefinitions } from "../../catalog/definitions/definition.js";
import type { Catalog, Entity } from "../../catalog/index.js";
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  type DevEndpoint,
  getEndpoint,
  listEndpoints,
  switchedOff,
} from "../../devendpoint/endpoint-record.js";
import { checkPublicKeys } from "../../devendpoint/public-keys.js";
import { DynaframeError } from "../../types/error.js";
import { listedNames } from "../definition-operations.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { paged } from "../page-of-list.js";
import { type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type Arguments = { readonly [name: string]: string };
/** What Glue's definition has beside ours; kept as it was given. */
type Settings = {
  readonly RoleArn?: string;
  readonly SecurityGroupIds?: readonly string[];
  readonly SubnetId?: string;
  readonly NumberOfNodes?: number;
  readonly WorkerType?: string;
  readonly GlueVersion?: string;
  readonly NumberOfWorkers?: number;
  readonly ExtraPythonLibsS3Path?: string;
  readonly ExtraJarsS3Path?: string;
  readonly SecurityConfiguration?: string;
  readonly Arguments?: Arguments;
};
type Keys = { readonly PublicKey?: string; readonly PublicKeys?: readonly string[] };
type Named = { readonly EndpointName: string };
type Update = Named & {
  readonly PublicKey?: string;
  readonly AddPublicKeys?: readonly string[];
  readonly DeletePublicKeys?: readonly string[];
  readonly DeleteArguments?: readonly string[];
  readonly AddArguments?: Arguments;
  readonly CustomLibraries?: Pick<Settings, "ExtraPythonLibsS3Path" | "ExtraJarsS3Path">;
};

/** As `dynaframe dev-endpoint create` has them. */
const DEFAULTS = { idleMinutes: 30, hourlyRate: 0.44, forwardPorts: [] } as const;
/** Most of the service (AWS Glue API, DevEndpoint). */
const MAX_ARGUMENTS = 100;

const settingsRef = (name: string) => ({ kind: "dev-endpoint-settings", name });

export const devEndpointOperations = {
  CreateDevEndpoint: operation(
    async (
      {
        EndpointName,
        Tags,
        PublicKey,
        PublicKeys = [],
        ...settings
      }: Settings & Keys & Named & { readonly Tags?: Tags },
      context,
    ) => {
      const { catalog, isKeyGiven = false } = context;
      if (PublicKey !== undefined && PublicKeys.length > 0)
        throw invalidInput("PublicKey and PublicKeys exclude each other", { path: "PublicKeys" });
      checkSettings(settings);
      const publicKeys = PublicKey === undefined ? PublicKeys : [PublicKey];
      await checkPublicKeys(publicKeys);
      await createEndpoint(catalog, EndpointName, {
        ...DEFAULTS,
        publicKeys,
        threads: settings.NumberOfWorkers ?? settings.NumberOfNodes ?? 1,
        ...(isKeyGiven ? { isKeyGiven } : {}),
      });
      await catalog.changeEntities([{ ref: settingsRef(EndpointName), doc: settings }]);
      await putTags(context, arnOf(context, "devEndpoint", EndpointName), Tags);
      await start(context, EndpointName);
      return {
        ...settings,
        EndpointName,
        Status: (await endpointNamed(context, EndpointName)).Status,
        CreatedTimestamp: context.now(),
      };
    },
  ),
  GetDevEndpoint: operation(async ({ EndpointName }: Named, context) => ({
    DevEndpoint: await endpointNamed(context, EndpointName),
  })),
  GetDevEndpoints: operation(async (input: Paged, context) => {
    const settings = new Map(
      (await allDefinitions<Settings>(context.catalog, { kind: "dev-endpoint-settings" })).map(({ name, doc }) => [
        name,
        doc,
      ]),
    );
    const all = (await listEndpoints(context.catalog, context.now() * 1000)).map(({ name, endpoint }) =>
      endpointOf(name, endpoint, settings.get(name)),
    );
    return paged("DevEndpoints", all, pageOf(input), ["dev-endpoints"]);
  }),
  BatchGetDevEndpoints: operation(
    async ({ DevEndpointNames }: { readonly DevEndpointNames: readonly string[] }, context) => {
      const found = await Promise.all(
        DevEndpointNames.map(async (name) => ({ name, endpoint: await orMissing(endpointNamed(context, name)) })),
      );
      return {
        DevEndpoints: found.flatMap(({ endpoint }) => endpoint ?? []),
        DevEndpointsNotFound: found.flatMap(({ name, endpoint }) => (endpoint === undefined ? [name] : [])),
      };
    },
  ),
  ListDevEndpoints: operation(async (input: Paged & { readonly Tags?: Tags }, context) =>
    listedNames(context, "dev-endpoint", "devEndpoint", input, "DevEndpointNames"),
  ),
  UpdateDevEndpoint: operation(async ({ EndpointName, PublicKey, ...update }: Update, { catalog, now }) => {
    const { publicKeys } = await getEndpoint(catalog, EndpointName, now() * 1000);
    const keys = PublicKey === undefined ? keysAfter(publicKeys, update) : [PublicKey];
    await checkPublicKeys(keys);
    const settings = settingsAfter(await settingsOf(catalog, EndpointName), update);
    checkSettings(settings);
    await changeEndpoint(catalog, EndpointName, (endpoint) => ({ ...endpoint, publicKeys: keys }));
    await catalog.changeEntities([{ ref: settingsRef(EndpointName), doc: settings }]);
    return {};
  }),
  DeleteDevEndpoint: operation(async ({ EndpointName }: Named, context) => {
    await deleteEndpoint(context.catalog, EndpointName);
    await context.catalog.changeEntities([{ ref: settingsRef(EndpointName) }]);
    await dropTags(context, arnOf(context, "devEndpoint", EndpointName));
    return {};
  }),
} satisfies OperationTable;

/**
 * PROVISIONING, and READY or FAILED when its process is; where the server starts none it is STOPPED, for whoever starts
 * it.
 */
async function start({ catalog, startEndpoint, background, now }: OperationContext, name: string): Promise<void> {
  if (startEndpoint === undefined)
    await changeEndpoint(catalog, name, (endpoint) => switchedOff(endpoint, "STOPPED", now() * 1000));
  // the record tells how it went
  else
    background.add(
      startEndpoint(catalog, name).then(
        () => undefined,
        () => undefined,
      ),
    );
}

function checkSettings({ Arguments = {}, NumberOfNodes, NumberOfWorkers, WorkerType }: Settings): void {
  if (Object.keys(Arguments).length > MAX_ARGUMENTS)
    throw invalidInput(`An endpoint has at most ${MAX_ARGUMENTS} arguments`, { path: "Arguments" });
  if (NumberOfNodes !== undefined && (NumberOfWorkers !== undefined || WorkerType !== undefined))
    throw invalidInput("NumberOfNodes excludes WorkerType and NumberOfWorkers", { path: "NumberOfNodes" });
  if ((NumberOfWorkers ?? NumberOfNodes ?? 1) < 1)
    throw invalidInput("An endpoint has at least one worker", { path: "NumberOfWorkers" });
}

function keysAfter(
  keys: readonly string[],
  { AddPublicKeys = [], DeletePublicKeys = [] }: Pick<Update, "AddPublicKeys" | "DeletePublicKeys">,
): readonly string[] {
  if (DeletePublicKeys.some((key) => !keys.includes(key)))
    throw invalidInput("DeletePublicKeys names a key that the endpoint does not have", { path: "DeletePublicKeys" });
  return [...keys.filter((key) => !DeletePublicKeys.includes(key) && !AddPublicKeys.includes(key)), ...AddPublicKeys];
}

const settingsAfter = (
  settings: Settings,
  { DeleteArguments = [], AddArguments = {}, CustomLibraries = {} }: Omit<Update, "EndpointName">,
): Settings => ({
  ...settings,
  ...CustomLibraries,
  Arguments: {
    ...Object.fromEntries(Object.entries(settings.Arguments ?? {}).filter(([name]) => !DeleteArguments.includes(name))),
    ...AddArguments,
  },
});

async function settingsOf(catalog: Catalog, name: string): Promise<Settings> {
  // one that the command made has none
  return ((await catalog.getEntity(settingsRef(name))) as Entity<Settings> | undefined)?.doc ?? {};
}

async function endpointNamed({ catalog, now }: OperationContext, name: string) {
  return endpointOf(name, await getEndpoint(catalog, name, now() * 1000), await settingsOf(catalog, name));
}

/** Where it listens is a port of the server's machine; Glue's shape has no member for a port of SSH. */
const endpointOf = (
  name: string,
  { publicKeys, status, failureReason, host }: DevEndpoint,
  settings: Settings = {},
) => ({
  ...settings,
  EndpointName: name,
  PublicKeys: publicKeys,
  Status: status,
  ...(failureReason === undefined ? {} : { FailureReason: failureReason }),
  ...(host === undefined ? {} : { PrivateAddress: `127.0.0.1:${host.port}` }),
});

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DynaframeError && error.code === "ENTITY_NOT_FOUND") return undefined;
    throw error;
  }
}
