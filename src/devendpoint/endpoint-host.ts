/** The process of a development endpoint: what SSH and TLS clients reach, until it is stopped, deleted or idle. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Catalog } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import { changeEndpoint, type DevEndpoint, getEndpoint, goodSerials, switchedOff } from "./endpoint-record.js";
import type { EndpointInside } from "./endpoint-inside.js";
import { loadSsh } from "./load-ssh.js";
import { type EndpointLogEntry, startSshServer } from "./ssh-server.js";
import { endpointAuthority } from "./tls/authority.js";
import { startTlsServer } from "./tls/tls-server.js";

export type EndpointHostOptions = {
  readonly catalog: Catalog;
  readonly name: string;
  /** Where the keys of the endpoint lie; made with mode 0700. */
  readonly folder: string;
  /** Where its clients' code runs; closed with the host. */
  readonly inside: EndpointInside;
  /** Asked at each pulse; when it rejects, the endpoint stops. */
  readonly check?: () => Promise<void>;
  readonly log: (entry: EndpointLogEntry) => void;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds between two looks at the record; default 2000. */
  readonly pulseMs?: number;
};

const MS_PER_MINUTE = 60_000;

/**
 * Runs until it is told to stop; gives why it ended. The record tells where it listens while it does.
 * @throws EntityNotFoundException, ENDPOINT_RUNNING when another process hosts it, what opening the port does, and what
 * `check` rejects with.
 */
export async function hostEndpoint(options: EndpointHostOptions): Promise<"stopped" | "deleted" | "idle" | "signal"> {
  const { catalog, name, folder, log, signal, now, pulseMs = 2000, check = async () => undefined } = options;
  const settings = await getEndpoint(catalog, name, now());
  if (settings.host !== undefined) throw running(name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const hostKey = await hostKeyIn(folder);
  const server = await startSshServer({
    hostKey: hostKey.private,
    inside: options.inside,
    forwardPorts: settings.forwardPorts,
    log,
    publicKeys: async () => (await getEndpoint(catalog, name, now())).publicKeys,
  });
  const tls = await startTlsServer({
    authority: await endpointAuthority(folder, name),
    inside: options.inside,
    log,
    serials: async () => goodSerials(await getEndpoint(catalog, name, now()), now()),
  });
  try {
    const readyAt = now();
    await changeEndpoint(catalog, name, ({ failureReason: _, ...endpoint }) => {
      if (endpoint.host !== undefined && endpoint.host.seenAt > readyAt - pulseMs * 3) throw running(name);
      return {
        ...endpoint,
        status: "READY",
        host: {
          port: server.port,
          tlsPort: tls.port,
          pid: process.pid,
          hostKey: hostKey.public,
          readyAt,
          seenAt: readyAt,
        },
      };
    });
    let busyAt = readyAt;
    for (;;) {
      await wait(pulseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return "signal";
      await check();
      const endpoint = await pulse(catalog, name, readyAt, now());
      if (endpoint === undefined) return "deleted";
      if (endpoint.status === "STOPPING") return "stopped";
      await server.dropOthers(endpoint.publicKeys);
      tls.dropOthers(goodSerials(endpoint, now()));
      if (server.clients().length + tls.clients() > 0) busyAt = now();
      else if (now() - busyAt >= endpoint.idleMinutes * MS_PER_MINUTE) return "idle";
    }
  } finally {
    await Promise.all([server.close(), tls.close()]);
    await options.inside.close();
    await changeEndpoint(catalog, name, (endpoint) => switchedOff(endpoint, "STOPPED", now())).catch(ignoreMissing);
  }
}

/** Says that the host lives; the record as it is then, or undefined when it was deleted or is another host's by now. */
async function pulse(
  catalog: Catalog,
  name: string,
  readyAt: number,
  seenAt: number,
): Promise<DevEndpoint | undefined> {
  try {
    const endpoint = await changeEndpoint(catalog, name, (now) =>
      now.host?.readyAt === readyAt ? { ...now, host: { ...now.host, seenAt } } : now,
    );
    return endpoint.host?.readyAt === readyAt ? endpoint : undefined;
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}

/** The key by which clients know the endpoint again; made on the first start. */
async function hostKeyIn(folder: string): Promise<{ readonly private: string; readonly public: string }> {
  const file = join(folder, "host_key");
  const { utils } = await loadSsh();
  const known = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (known === undefined) {
    await writeFile(file, utils.generateKeyPairSync("ed25519").private, { mode: 0o600, flag: "wx", flush: true });
    return hostKeyIn(folder);
  }
  await chmod(file, 0o600);
  const parsed = utils.parseKey(known);
  if (parsed instanceof Error || Array.isArray(parsed)) {
    throw new DynaframeError("ENDPOINT_KEY_INVALID", "The host key of the endpoint cannot be read", {
      file,
      hint: "delete the file; clients will see a new key",
    });
  }
  return { private: known, public: `${parsed.type} ${parsed.getPublicSSH().toString("base64")}` };
}

const running = (name: string): DynaframeError =>
  new DynaframeError("ENDPOINT_RUNNING", `The endpoint ${name} is running`, {
    path: name,
    hint: "connect to it, or stop it first",
  });

function ignoreMissing(error: unknown): void {
  if (!(error instanceof DynaframeError) || error.code !== "ENTITY_NOT_FOUND") throw error;
}
