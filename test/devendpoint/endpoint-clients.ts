/** Hosts of endpoints in a test's own process, and clients that enter them by SSH and TLS. */
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { Client, type ClientChannel, type ConnectConfig, utils } from "ssh2";
import { hostEndpoint } from "../../src/devendpoint/endpoint-host.js";
import { insideHere } from "../../src/devendpoint/endpoint-inside.js";
import {
  createEndpoint,
  type EndpointHost,
  type EndpointSettings,
  getEndpoint,
} from "../../src/devendpoint/endpoint-record.js";
import type { SessionNames } from "../../src/devendpoint/evaluator.js";
import type { EndpointLogEntry } from "../../src/devendpoint/ssh-server.js";
import type { TemporaryContext } from "../../src/testing/index.js";

export const alice = utils.generateKeyPairSync("ed25519");
export const bob = utils.generateKeyPairSync("rsa", { bits: 2048 });
export const SETTINGS: EndpointSettings = {
  publicKeys: [alice.public, bob.public],
  threads: 1,
  idleMinutes: 30,
  hourlyRate: 0.44,
  forwardPorts: [],
};

export type StartedHost = {
  readonly host: EndpointHost;
  readonly folder: string;
  readonly log: EndpointLogEntry[];
  readonly stop: () => void;
  readonly ended: Promise<string>;
};

export type HostOptions = {
  readonly settings?: Partial<EndpointSettings>;
  readonly names?: SessionNames;
  readonly now?: () => number;
  readonly check?: () => Promise<void>;
};

export async function startHost(
  { glue, directory }: TemporaryContext,
  name: string,
  { settings = {}, names = {}, now = Date.now, check = async () => undefined }: HostOptions = {},
): Promise<StartedHost> {
  const { catalog } = glue;
  await createEndpoint(catalog, name, { ...SETTINGS, ...settings });
  const log: EndpointLogEntry[] = [];
  const abort = new AbortController();
  const folder = join(directory, name);
  const ended = hostEndpoint({
    catalog,
    name,
    folder,
    inside: insideHere({ names: { glue, catalog, ...names } }),
    log: (entry) => {
      log.push(entry);
    },
    signal: abort.signal,
    now,
    check,
    pulseMs: 20,
  });
  for (;;) {
    const { host } = await getEndpoint(catalog, name, now());
    if (host !== undefined)
      return {
        host,
        folder,
        log,
        stop: () => {
          abort.abort();
        },
        ended,
      };
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10))]);
  }
}

export async function enterBySsh(port: number, how: Partial<ConnectConfig> = {}): Promise<Client> {
  const client = new Client();
  const ready = new Promise<Client>((resolve, reject) => {
    client.once("ready", () => {
      resolve(client);
    });
    client.once("error", reject);
  });
  client.connect({ host: "127.0.0.1", port, username: "glue", privateKey: alice.private, ...how });
  return ready;
}

export type Said = { readonly out: string; readonly err: string; readonly status: number | undefined };

export async function collected(channel: ClientChannel): Promise<Said> {
  let out = "";
  let err = "";
  let status: number | undefined;
  channel.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  channel.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  channel.on("exit", (code: number) => {
    status = code;
  });
  await once(channel, "close");
  return { out, err, status };
}

export const exec = (client: Client, command: string, input?: string): Promise<Said> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      resolve(collected(channel));
      channel.end(input ?? "");
    });
  });

/** What the REPL behind TLS says to these lines, until it ends. */
export async function saidByTls(socket: TLSSocket, lines: string): Promise<string> {
  let out = "";
  socket.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  socket.write(lines);
  await once(socket, "close");
  return out;
}

/** Sockets of this process, which is both sides. */
export const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;

/**
 * A thousand clients that know nothing, many at once: each says `hello`, waits for an answer where one is due, and
 * leaves.
 */
export async function aThousandStrangers(port: number, hello: string, isAnswered: boolean): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = connectSocket(port, "127.0.0.1");
        socket.on("error", () => undefined);
        await once(socket, "connect");
        if (isAnswered) {
          socket.write(hello);
          await once(socket, "data");
          socket.destroy();
        } else {
          socket.end(hello);
          socket.resume();
        }
        await once(socket, "close");
      }),
    );
  }
}
