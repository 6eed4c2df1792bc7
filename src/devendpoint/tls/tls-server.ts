/**
 * The TLS side of a development endpoint: who has a certificate that the endpoint issued, and has not revoked, gets a
 * REPL that reads lines. All else is refused and logged.
 */
import { createServer, type TLSSocket } from "node:tls";
import { DynaframeError } from "../../types/error.js";
import type { EndpointInside } from "../endpoint-inside.js";
import type { EndpointLogEntry } from "../ssh-server.js";
import type { Authority } from "./authority.js";

const LOGIN_MS = 10_000;
const MAX_CLIENTS = 32;
/** The endpoint's own certificate is made anew at each start. */
const SERVER_DAYS = 365;

export type TlsServerOptions = {
  readonly authority: Authority;
  readonly inside: EndpointInside;
  /** Serials of the certificates that open it now; asked at each login. */
  readonly serials: () => Promise<ReadonlySet<string>>;
  readonly log: (entry: EndpointLogEntry) => void;
};

export type TlsEndpoint = {
  readonly port: number;
  readonly clients: () => number;
  /** Ends the sessions of other certificates than these. */
  dropOthers(serials: ReadonlySet<string>): void;
  close(): Promise<void>;
};

/** @throws ENDPOINT_UNREACHABLE when no port can be had. */
export async function startTlsServer({ authority, inside, serials, log }: TlsServerOptions): Promise<TlsEndpoint> {
  const { key, certificate } = authority.issue({
    name: "localhost",
    use: "server",
    from: new Date(),
    days: SERVER_DAYS,
  });
  const open = new Map<TLSSocket, string>(); // with the serial of its certificate, once that is known to be good
  const refuse = (socket: TLSSocket, from: string, reason: string): void => {
    log({ event: "refused", from, reason });
    socket.destroy();
  };
  const server = createServer(
    {
      key,
      cert: certificate,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      handshakeTimeout: LOGIN_MS,
    },
    (socket) => {
      const from = socket.remoteAddress ?? "";
      socket.on("error", () => {
        socket.destroy();
      });
      if (open.size >= MAX_CLIENTS) return refuse(socket, from, "too many clients");
      open.set(socket, "");
      const serial = socket.getPeerCertificate().serialNumber.toLowerCase();
      socket.once("close", () => {
        if (open.get(socket) !== "") log({ event: "left", from, key: serial });
        open.delete(socket);
      });
      serials()
        .then((good) => {
          if (!good.has(serial)) return refuse(socket, from, "a certificate that was revoked");
          open.set(socket, serial);
          log({ event: "entered", from, key: serial });
          const session = inside.open({ kind: "shell" }, { input: socket, output: socket, errors: socket });
          session.ended.then(
            () => {
              socket.end();
            },
            () => {
              socket.destroy();
            },
          );
          socket.once("close", () => {
            session.close();
          });
        })
        .catch(() => {
          refuse(socket, from, "its certificate could not be checked");
        });
    },
  );
  // OpenSSL's words say what was wrong, and hold nothing that the client sent
  server.on("tlsClientError", (error, socket) => {
    log({
      event: "refused",
      from: socket.remoteAddress ?? "",
      reason: `no certificate of this endpoint (${(error as NodeJS.ErrnoException).code ?? error.message})`,
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new DynaframeError("ENDPOINT_UNREACHABLE", "The endpoint cannot listen for TLS", {
          cause,
          hint: "see the cause",
        }),
      );
    });
    server.listen(0, "127.0.0.1", () => {
      resolve((server.address() as { readonly port: number }).port);
    });
  });
  return {
    port,
    clients: () => [...open.values()].filter((serial) => serial !== "").length,
    dropOthers: (good) => {
      for (const [socket, serial] of open) if (serial !== "" && !good.has(serial)) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open.keys()) socket.destroy();
      }),
  };
}
