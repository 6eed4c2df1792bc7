/**
 * Development endpoints: the same ones that `dynaframe dev-endpoint` has. Without a part that starts them they are definitions, and each says so:
 * its status is FAILED, with the reason.
 */
import { invalidInput } from "../../catalog/catalog-errors.js";
import { changeDefinition, createDefinition, deleteDefinition, getDefinition } from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import { asItStands, type DevEndpoint, endpointRef as ref } from "../../devendpoint/endpoint-record.js";
import { batchGot, listed, listedNames } from "../definition-operations.js";
import { operation, type OperationTable } from "../operation.js";
import type { Paged } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type Arguments = { readonly [name: string]: string };
type Settings = {
  readonly RoleArn: string; readonly SecurityGroupIds?: readonly string[]; readonly SubnetId?: string; readonly PublicKey?: string; readonly PublicKeys?: readonly string[]; readonly NumberOfNodes?: number;
  readonly WorkerType?: string; readonly GlueVersion?: string; readonly NumberOfWorkers?: number; readonly ExtraPythonLibsS3Path?: string; readonly ExtraJarsS3Path?: string; readonly SecurityConfiguration?: string; readonly Arguments?: Arguments;
};
type Named = { readonly EndpointName: string };
type Update = Named & {
  readonly PublicKey?: string; readonly AddPublicKeys?: readonly string[]; readonly DeletePublicKeys?: readonly string[]; readonly DeleteArguments?: readonly string[]; readonly AddArguments?: Arguments;
  readonly CustomLibraries?: Pick<Settings, "ExtraPythonLibsS3Path" | "ExtraJarsS3Path">;
};

const NOBODY = "This server has nothing that provides development endpoints; only the definition is kept.";
/** What Glue's definitions do not say. */
const DEFAULTS = { threads: 1, idleMinutes: 30, hourlyRate: 0.44, forwardPorts: [], secondsOn: 0 } as const;
/** Limits of the service (AWS Glue API, DevEndpoint). */
const MAX_KEYS = 5;
const MAX_ARGUMENTS = 100;

export const devEndpointOperations = {
  CreateDevEndpoint: operation(async ({ EndpointName, Tags, ...settings }: Settings & Named & { readonly Tags?: Tags }, context) => {
    check(settings);
    const { startEndpoint } = context;
    const state = startEndpoint === undefined ? { status: "FAILED", failureReason: NOBODY } as const : { status: "PROVISIONING" } as const;
    await createDefinition(context.catalog, ref(EndpointName), { ...DEFAULTS, ...state, publicKeys: keysOf(settings), glue: settings } satisfies DevEndpoint);
    await putTags(context, arnOf(context, "devEndpoint", EndpointName), Tags);
    if (startEndpoint !== undefined) context.background.add(startEndpoint(context.catalog, EndpointName).then(() => undefined, () => undefined)); // its record says why it failed
    const { PublicKey: _, PublicKeys: _1, ...answered } = settings;
    return { ...answered, EndpointName, Status: state.status, ...("failureReason" in state ? { FailureReason: state.failureReason } : {}), CreatedTimestamp: context.now() };
  }),
  GetDevEndpoint: operation(async ({ EndpointName }: Named, { catalog, now }) => ({ DevEndpoint: endpointOf(now())(await getDefinition<DevEndpoint>(catalog, ref(EndpointName))) })),
  GetDevEndpoints: operation(async (input: Paged, context) => listed<DevEndpoint>(context, "dev-endpoint", input, "DevEndpoints", endpointOf(context.now()))),
  BatchGetDevEndpoints: operation(async ({ DevEndpointNames }: { readonly DevEndpointNames: readonly string[] }, context) =>
    batchGot<DevEndpoint>(context, "dev-endpoint", DevEndpointNames, "DevEndpoints", "DevEndpointsNotFound", endpointOf(context.now()))),
  ListDevEndpoints: operation(async (input: Paged & { readonly Tags?: Tags }, context) => listedNames(context, "dev-endpoint", "devEndpoint", input, "DevEndpointNames")),
  UpdateDevEndpoint: operation(async ({ EndpointName, ...update }: Update, { catalog }) => {
    await changeDefinition<DevEndpoint>(catalog, ref(EndpointName), (doc) => {
      const next = updated(settingsOf(doc), update);
      check(next);
      return { ...doc, publicKeys: keysOf(next), glue: next };
    });
    return {};
  }),
  DeleteDevEndpoint: operation(async ({ EndpointName }: Named, context) => {
    await deleteDefinition(context.catalog, ref(EndpointName));
    await dropTags(context, arnOf(context, "devEndpoint", EndpointName));
    return {};
  }),
} satisfies OperationTable;

function check({ PublicKey, PublicKeys = [], Arguments = {}, NumberOfNodes, NumberOfWorkers, WorkerType }: Settings): void {
  if (PublicKey !== undefined && PublicKeys.length > 0) throw invalidInput("PublicKey and PublicKeys exclude each other", { path: "PublicKeys" });
  if (PublicKeys.length > MAX_KEYS) throw invalidInput(`An endpoint has at most ${MAX_KEYS} public keys`, { path: "PublicKeys" });
  if (Object.keys(Arguments).length > MAX_ARGUMENTS) throw invalidInput(`An endpoint has at most ${MAX_ARGUMENTS} arguments`, { path: "Arguments" });
  if (NumberOfNodes !== undefined && (NumberOfWorkers !== undefined || WorkerType !== undefined)) throw invalidInput("NumberOfNodes excludes WorkerType and NumberOfWorkers", { path: "NumberOfNodes" });
}

function updated(doc: Settings, { PublicKey, AddPublicKeys = [], DeletePublicKeys = [], DeleteArguments = [], AddArguments = {}, CustomLibraries = {} }: Omit<Update, "EndpointName">): Settings {
  const unknown = DeletePublicKeys.find((key) => !doc.PublicKeys?.includes(key));
  if (unknown !== undefined) throw invalidInput("DeletePublicKeys names a key that the endpoint does not have", { path: "DeletePublicKeys" });
  const keys = [...(doc.PublicKeys ?? []).filter((key) => !DeletePublicKeys.includes(key) && !AddPublicKeys.includes(key)), ...AddPublicKeys];
  const settings = { ...Object.fromEntries(Object.entries(doc.Arguments ?? {}).filter(([name]) => !DeleteArguments.includes(name))), ...AddArguments };
  return { ...doc, ...CustomLibraries, PublicKeys: keys, Arguments: settings, ...(PublicKey === undefined ? {} : { PublicKey }) };
}

/** One that the command made has no settings of Glue's but its keys. */
const settingsOf = ({ glue, publicKeys }: DevEndpoint): Settings => (glue ?? { RoleArn: "", PublicKeys: publicKeys }) as Settings;

const keysOf = ({ PublicKey, PublicKeys = [] }: Settings): readonly string[] => (PublicKey === undefined ? PublicKeys : [PublicKey]);

const endpointOf = (now: number) => ({ name, doc, created, updated: changed }: Entity<DevEndpoint>): object => {
  const { status, failureReason, host } = asItStands(doc, now * 1000);
  return {
    ...settingsOf(doc), EndpointName: name, Status: status, ...(failureReason === undefined ? {} : { FailureReason: failureReason }), ...(host === undefined ? {} : { PublicAddress: `127.0.0.1:${host.port}` }),
    CreatedTimestamp: created, LastModifiedTimestamp: changed,
  };
};
