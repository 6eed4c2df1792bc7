/**
 * A proxy in front of an S3 server: it remembers what was asked, and refuses what a test says. Signatures pass, since
 * they cover the host that is asked.
 */
import { createServer, request as forward, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { refuse } from "./fake-s3.js";

export type ProxiedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
};
export type S3Proxy = {
  readonly endpoint: string;
  readonly requests: ProxiedRequest[];
  /** Whether a request is answered with AccessDenied. */
  denies: (request: ProxiedRequest) => boolean;
  stop(): void;
};

export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const { hostname, port } = new URL(target);
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    const seen = { method, url, headers };
    proxy.requests.push(seen);
    if (proxy.denies(seen)) {
      request.resume();
      refuse(response, 403, "AccessDenied");
      return;
    }
    const onward = forward({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const proxy: S3Proxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    denies: () => false,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return proxy;
}
