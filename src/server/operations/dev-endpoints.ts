/** Development endpoints as definitions. Nothing here provides one, and each says so: its status is FAILED, with the reason. */
import { invalidInput } from "../../catalog/catalog-errors.js";
import { changeDefinition, createDefinition, deleteDefinition, getDefinition } from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
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

const STATUS = { Status: "FAILED", FailureReason: "This server has nothing that provides development endpoints; only the definition is kept." } as const;
/** Limits of the service (AWS Glue API, DevEndpoint). */
const MAX_KEYS = 5;
const MAX_ARGUMENTS = 100;

const ref = (name: string) => ({ kind: "dev-endpoint", name });

export const devEndpointOperations = {
  CreateDevEndpoint: operation(async ({ EndpointName, Tags, ...settings }: Settings & Named & { readonly Tags?: Tags }, context) => {
    check(settings);
    await createDefinition(context.catalog, ref(EndpointName), settings);
    await putTags(context, arnOf(context, "devEndpoint", EndpointName), Tags);
    const { PublicKey: _, PublicKeys: _1, ...answered } = settings;
    return { ...answered, EndpointName, ...STATUS, CreatedTimestamp: context.now() };
  }),
  GetDevEndpoint: operation(async ({ EndpointName }: Named, { catalog }) => ({ DevEndpoint: endpointOf(await getDefinition<Settings>(catalog, ref(EndpointName))) })),
  GetDevEndpoints: operation(async (input: Paged, context) => listed<Settings>(context, "dev-endpoint", input, "DevEndpoints", endpointOf)),
  BatchGetDevEndpoints: operation(async ({ DevEndpointNames }: { readonly DevEndpointNames: readonly string[] }, context) =>
    batchGot<Settings>(context, "dev-endpoint", DevEndpointNames, "DevEndpoints", "DevEndpointsNotFound", endpointOf)),
  ListDevEndpoints: operation(async (input: Paged & { readonly Tags?: Tags }, context) => listedNames(context, "dev-endpoint", "devEndpoint", input, "DevEndpointNames")),
  UpdateDevEndpoint: operation(async ({ EndpointName, ...update }: Update, { catalog }) => {
    await changeDefinition<Settings>(catalog, ref(EndpointName), (doc) => {
      const next = updated(doc, update);
      check(next);
      return next;
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

const endpointOf = ({ name, doc, created, updated: changed }: Entity<Settings>): object => ({ ...doc, EndpointName: name, ...STATUS, CreatedTimestamp: created, LastModifiedTimestamp: changed });
