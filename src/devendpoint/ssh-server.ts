/**
 * The SSH side of a development endpoint: public keys only, one user, sessions and tunnels to ports that were named. A
 * client that has not proved its key within `LOGIN_MS`, or that comes when `MAX_CLIENTS` are there, is put off; each
 * refusal is logged without what was offered.
 */
import { connect } from "node:net";
import type { AuthContext, Connection, PublicKeyAuthContext, Session } from "ssh2";
import { DynaframeError } from "../types/error.js";
import { fingerprint, isSameKey, usableKeys } from "./public-keys.js";
import { loadSsh } from "./load-ssh.js";
import type { EndpointInside } from "./endpoint-inside.js";
import { serveSession } from "./ssh-session.js";

/** The user that Glue's endpoints have (AWS Glue developer guide, "Connecting to a development endpoint"). */
export const SSH_USER = "glue";
const LOGIN_MS = 10_000;
const MAX_CLIENTS = 32;
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

export type EndpointLogEntry = {
  readonly event: "listening" | "refused" | "entered" | "left" | "tunnel" | "closed";
  readonly from?: string;
  readonly key?: string;
  readonly reason?: string;
};

export type SshServerOptions = {
  readonly inside: EndpointInside;
  /** The host's private key. */
  readonly hostKey: string;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Asked at each login, so that a key that was taken away opens nothing more. */
  readonly publicKeys: () => Promise<readonly string[]>;
  readonly forwardPorts: readonly number[];
  readonly log: (entry: EndpointLogEntry) => void;
};

export type SshServer = {
  readonly port: number;
  /** Clients that have proved their key, each with the key's fingerprint. */
  readonly clients: () => readonly string[];
  /** Ends the sessions of clients whose key is not one of these. */
  dropOthers(publicKeys: readonly string[]): Promise<void>;
  /** Ends all sessions. */
  close(): Promise<void>;
};

/** @throws OPTIONAL_DEPENDENCY without ssh2; ENDPOINT_UNREACHABLE when the port cannot be had. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const { Server } = await loadSsh();
  const open = new Map<Connection, string>(); // with the fingerprint of the key, once it is proved
  const server = new Server({ hostKeys: [options.hostKey], ident: "dynaframe" }, (client, { ip }) => {
    // a client that breaks off is no error of ours
    client.on("error", () => {
      client.end();
    });
    if (open.size >= MAX_CLIENTS) return refuse(client, ip, "too many clients", options);
    open.set(client, "");
    let isRefused = false;
    const login = setTimeout(() => {
      isRefused = true;
      refuse(client, ip, "no login in time", options);
    }, LOGIN_MS);
    client.once("close", () => {
      clearTimeout(login);
      const key = open.get(client) ?? "";
      open.delete(client);
      if (key !== "") options.log({ event: "left", from: ip, key });
      else if (!isRefused) options.log({ event: "refused", from: ip, reason: "left without a login" });
    });
    client.on("authentication", (context) => {
      checkLogin(context, options.publicKeys)
        .then((key) => {
          if (key.answer === "probe") return context.accept();
          if (key.answer === "refused") {
            isRefused ||= context.method !== "none";
            if (context.method !== "none") options.log({ event: "refused", from: ip, reason: key.reason });
            return context.reject(["publickey"]);
          }
          clearTimeout(login);
          open.set(client, key.fingerprint);
          options.log({ event: "entered", from: ip, key: key.fingerprint });
          context.accept();
        })
        .catch(() => {
          context.reject(["publickey"]);
        });
    });
    client.on("session", (accept) => {
      serveSession(accept() as Session, options.inside);
    });
    client.on("tcpip", (accept, reject, { destIP, destPort }) => {
      if (!LOOPBACK.has(destIP) || !options.forwardPorts.includes(destPort)) {
        options.log({ event: "refused", from: ip, reason: `a tunnel to ${destIP}:${destPort}` });
        reject();
        return;
      }
      options.log({ event: "tunnel", from: ip, reason: `port ${destPort}` });
      tunnel(accept, reject, destPort);
    });
  });
  const port = await listening(server, options.host ?? "127.0.0.1", options.port ?? 0);
  options.log({ event: "listening" });
  return {
    port,
    clients: () => [...open.values()].filter((key) => key !== ""),
    async dropOthers(lines) {
      const kept = new Set((await usableKeys(lines)).map(fingerprint));
      for (const [client, key] of open) if (key !== "" && !kept.has(key)) client.end();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const client of open.keys()) client.end();
        options.log({ event: "closed" });
      }),
  };
}

type Login =
  | { readonly answer: "probe" }
  | { readonly answer: "refused"; readonly reason: string }
  | { readonly answer: "entered"; readonly fingerprint: string };

/**
 * A client first asks whether a key would do (a probe, without a signature), then proves that it has it (RFC 4252 §7).
 */
async function checkLogin(context: AuthContext, publicKeys: () => Promise<readonly string[]>): Promise<Login> {
  if (context.username !== SSH_USER) return { answer: "refused", reason: `the user is ${SSH_USER}` };
  if (context.method !== "publickey") return { answer: "refused", reason: `${context.method} login` };
  const { key: offered, signature, blob, hashAlgo } = context as PublicKeyAuthContext;
  for (const key of await usableKeys(await publicKeys())) {
    if (key.type !== (offered.algo.startsWith("rsa-sha2-") ? "ssh-rsa" : offered.algo) || !isSameKey(key, offered.data))
      continue;
    if (signature === undefined || blob === undefined) return { answer: "probe" };
    return key.verify(blob, signature, hashAlgo) === true
      ? { answer: "entered", fingerprint: fingerprint(key) }
      : { answer: "refused", reason: "wrong signature" };
  }
  return { answer: "refused", reason: "unknown key" };
}

function refuse(client: Connection, from: string, reason: string, { log }: SshServerOptions): void {
  log({ event: "refused", from, reason });
  client.end();
}

type Channel = NodeJS.ReadWriteStream & { destroy(): void; close(): void };

function tunnel(accept: () => Channel, reject: () => void, port: number): void {
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => {
    const channel = accept();
    channel.on("error", () => {
      socket.destroy();
    });
    channel.on("close", () => {
      socket.destroy();
    });
    socket.on("error", () => {
      channel.close();
    });
    socket.pipe(channel).pipe(socket);
  });
  socket.once("error", () => {
    if (socket.readyState !== "open") reject();
  });
}

type Listener = {
  listen(port: number, host: string, done: () => void): unknown;
  once(event: "error", hear: (error: Error) => void): unknown;
  address(): unknown;
};

const listening = (server: Listener, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new DynaframeError("ENDPOINT_UNREACHABLE", `The endpoint cannot listen on ${host}:${port}`, {
          cause,
          hint: "take another port, or 0 for a free one",
        }),
      );
    });
    server.listen(port, host, () => {
      resolve((server.address() as { readonly port: number }).port);
    });
  });
