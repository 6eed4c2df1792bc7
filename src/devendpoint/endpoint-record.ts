/**
 * Development endpoints as the catalog keeps them (AWS Glue API, DevEndpoint; the product is retired, its API is not).
 */
import {
  allDefinitions,
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../catalog/definitions/definition.js";
import type { EntityRef, EntityStore } from "../catalog/entity.js";
import { DynaframeError } from "../types/error.js";

/** `STOPPED` is ours: idle, stopped or gone; its definition and keys stay, and it can be started again. */
export type EndpointStatus = "PROVISIONING" | "READY" | "STOPPING" | "STOPPED" | "FAILED";

export type DevEndpoint = {
  /** At most `MAX_PUBLIC_KEYS`, each as a line of an authorized_keys file. */
  readonly publicKeys: readonly string[];
  /** Engine threads. */
  readonly threads: number;
  /** The engine's memory, such as "2GB"; absent: its default. */
  readonly memoryLimit?: string;
  /** Minutes without a connection after which the endpoint stops. */
  readonly idleMinutes: number;
  /** Price of an hour that it is on, in any currency. */
  readonly hourlyRate: number;
  /** Ports of this machine that a client may reach through the tunnel. */
  readonly forwardPorts: readonly number[];
  /** Issued to those who come by TLS; revoked ones stay, so that one sees them. */
  readonly certificates?: readonly EndpointCertificate[];
  /** Its code may read the catalog's key file; absent: it is kept from it, or the endpoint does not start. */
  readonly isKeyGiven?: boolean;
  readonly status: EndpointStatus;
  readonly failureReason?: string;
  /** While it runs. */
  readonly host?: EndpointHost;
  /** Seconds it was on before the present start. */
  readonly secondsOn: number;
};

export type EndpointCertificate = {
  /** Hex. */
  readonly serial: string;
  /** Whose it is. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly isRevoked?: boolean;
};

export type EndpointHost = {
  readonly port: number;
  /** Where it listens for TLS. */
  readonly tlsPort?: number;
  readonly pid: number;
  /** The public half of its host key, as a known_hosts line has it. */
  readonly hostKey: string;
  /** Milliseconds since the epoch: when it became ready, and its last sign of life. */
  readonly readyAt: number;
  readonly seenAt: number;
};

export type EndpointSettings = Pick<
  DevEndpoint,
  "publicKeys" | "threads" | "memoryLimit" | "idleMinutes" | "hourlyRate" | "forwardPorts" | "isKeyGiven"
>;

/** A host that gave no sign for so long is gone: it writes one every two seconds. */
const SILENT_AFTER_MS = 15_000;
const SECONDS_PER_HOUR = 3600;

const endpointRef = (name: string): EntityRef => ({ kind: "dev-endpoint", name });

/** Names become folders. @throws BAD_OPTION. */
function checkEndpointName(name: string): void {
  if (!/^[A-Za-z0-9][\w.-]{0,127}$/.test(name)) {
    throw new DynaframeError("BAD_OPTION", `${JSON.stringify(name)} cannot be the name of an endpoint`, {
      path: "name",
      expected: "letters, digits, - _ . and at most 128 of them",
    });
  }
}

/** @throws AlreadyExistsException. */
export async function createEndpoint(store: EntityStore, name: string, settings: EndpointSettings): Promise<void> {
  checkEndpointName(name);
  const record: DevEndpoint = { ...settings, status: "PROVISIONING", secondsOn: 0 };
  await createDefinition(store, endpointRef(name), record);
}

/** @throws EntityNotFoundException. */
export async function getEndpoint(store: EntityStore, name: string, now: number): Promise<DevEndpoint> {
  return asItStands((await getDefinition<DevEndpoint>(store, endpointRef(name))).doc, now);
}

export async function listEndpoints(
  store: EntityStore,
  now: number,
): Promise<readonly { readonly name: string; readonly endpoint: DevEndpoint }[]> {
  return (await allDefinitions<DevEndpoint>(store, { kind: "dev-endpoint" })).map(({ name, doc }) => ({
    name,
    endpoint: asItStands(doc, now),
  }));
}

export async function changeEndpoint(
  store: EntityStore,
  name: string,
  change: (endpoint: DevEndpoint) => DevEndpoint,
): Promise<DevEndpoint> {
  return changeDefinition<DevEndpoint>(store, endpointRef(name), change);
}

/** Serials of the certificates that open it at a time. */
export const goodSerials = ({ certificates = [] }: DevEndpoint, now: number): ReadonlySet<string> =>
  new Set(certificates.filter(({ until, isRevoked = false }) => !isRevoked && until > now).map(({ serial }) => serial));

/** A host that still runs sees that it is gone, and stops. */
export async function deleteEndpoint(store: EntityStore, name: string): Promise<void> {
  return deleteDefinition(store, endpointRef(name));
}

/** What being on has cost: every started second counts. */
export function costOf(
  { secondsOn, hourlyRate, host }: DevEndpoint,
  now: number,
): { readonly hours: number; readonly cost: number } {
  const seconds = secondsOn + (host === undefined ? 0 : Math.ceil(Math.max(0, now - host.readyAt) / 1000));
  const hours = seconds / SECONDS_PER_HOUR;
  return { hours, cost: hours * hourlyRate };
}

/** The endpoint with its host taken off, and the time that it was on added up. */
export function switchedOff(
  { host, ...endpoint }: DevEndpoint,
  status: "STOPPED" | "FAILED",
  until: number,
): DevEndpoint {
  const seconds = host === undefined ? 0 : Math.ceil(Math.max(0, until - host.readyAt) / 1000);
  return { ...endpoint, status, secondsOn: endpoint.secondsOn + seconds };
}

/** One whose process is gone without a word is STOPPED. */
function asItStands(endpoint: DevEndpoint, now: number): DevEndpoint {
  const { host } = endpoint;
  return host !== undefined && now - host.seenAt > SILENT_AFTER_MS
    ? switchedOff(endpoint, "STOPPED", host.seenAt)
    : endpoint;
}
