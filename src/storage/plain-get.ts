import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, get as httpsGet } from "node:https";
import type { PlainRequest } from "./index.js";

/**
 * Asks for bytes. Undefined for any answer but the one that has them, and when there is none: then the storage asks
 * again, and tells what is wrong.
 */
export type PlainGet = (request: PlainRequest, signal?: AbortSignal) => Promise<IncomingMessage | undefined>;

type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };

/**
 * With connections of its own, kept open between requests. `silence`: milliseconds without a byte until one counts as
 * lost.
 */
export function plainGets(maxSockets: number, silence = SILENCE_MS): PlainGet {
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets }),
    https: new HttpsAgent({ keepAlive: true, maxSockets }),
  };
  return (request, signal) => get(request, agents, silence, signal);
}

/** Until the first byte of the answer at most, and between two of its bytes. */
const ANSWER_MS = 10_000;
const SILENCE_MS = 60_000;

type Answer = Promise<IncomingMessage | undefined>;

function get(
  { secure, headers, ...address }: PlainRequest,
  agents: Agents,
  silence: number,
  signal: AbortSignal | undefined,
): Answer {
  return new Promise((resolve) => {
    const options = { ...address, headers };
    const stop = (): void => {
      request.destroy();
    };
    const heard = (response: IncomingMessage): void => {
      response.on("error", () => undefined); // heard by whoever reads it, if anybody still does
      if (response.statusCode !== 200 && response.statusCode !== 206) {
        response.resume();
        return resolve(undefined);
      }
      request.setTimeout(silence);
      resolve(response);
    };
    const request = secure
      ? httpsGet({ ...options, agent: agents.https }, heard)
      : httpGet({ ...options, agent: agents.http }, heard);
    request.setTimeout(Math.min(ANSWER_MS, silence), () => {
      request.destroy(new Error("the server says nothing"));
    });
    request.on("error", () => {
      resolve(undefined);
    });
    request.on("close", () => {
      signal?.removeEventListener("abort", stop);
      resolve(undefined);
    });
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
