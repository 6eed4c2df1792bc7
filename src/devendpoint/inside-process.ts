/**
 * The inside of an endpoint as a process of its own, which the host starts and reaches by IPC: the host keeps sockets,
 * keys and the catalog's folder, the process has none of them. Should it end, its sessions end with it, and the next
 * session gets another.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { PassThrough, Writable } from "node:stream";
import { DynaframeError } from "../types/error.js";
import {
  insideHere,
  type EndpointInside,
  type InsideHere,
  type InsideRequest,
  type InsideSession,
  type InsideStreams,
  type TerminalSize,
} from "./endpoint-inside.js";
import type { SessionCommand } from "./session-host.js";
import { asUser } from "./session-user.js";

/** What a host says to its inside about a session, by its number. */
type ToInside = { readonly id: number } & (
  | { readonly say: "open"; readonly request: InsideRequest }
  | { readonly say: "input"; readonly data: Uint8Array }
  | { readonly say: "inputEnd" }
  | { readonly say: "resize"; readonly size: TerminalSize }
  | { readonly say: "taken" }
  | { readonly say: "close" }
);
/** And what it hears. Each `output` waits for its `taken`, so that a slow client holds up what prints. */
type FromInside =
  | { readonly id: number; readonly say: "ready" }
  | ({ readonly id: number } & (
      | { readonly say: "output"; readonly to: "output" | "errors"; readonly data: Uint8Array }
      | { readonly say: "ended"; readonly status: number }
    ));

const START_MS = 60_000;
const ERROR_TAIL = 2000;
/** An IPC message with this much at most. */
const CHUNK = 256 << 10;

type Live = {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly gone: Promise<void>;
  readonly sessions: Map<number, (message: FromInside) => void>;
};

/** `command` starts a process that calls `serveInside`. It is started at once, so that it is warm. */
export function insideProcess(command: () => SessionCommand): EndpointInside {
  let live: Live | undefined = start(command());
  let ids = 0;
  let isClosed = false;
  const current = (): Live => {
    if (live === undefined || live.child.exitCode !== null || live.child.signalCode !== null) live = start(command());
    return live;
  };
  return {
    open: (request, streams) => openIn(current(), ++ids, request, streams),
    async close() {
      if (isClosed || live === undefined) return;
      isClosed = true;
      live.child.kill("SIGKILL");
      await live.gone;
    },
  };
}

function start({ words: [program, ...args], env, user, isIsolated = false }: SessionCommand): Live {
  // in a group of its own: `kill 0` reaches a whole group, whichever namespace its members are in
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
    env,
    detached: isIsolated,
    ...asUser(user),
  });
  const sessions: Live["sessions"] = new Map();
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-ERROR_TAIL);
  });
  const gone = new Promise<void>((resolve) => {
    child
      .once("error", ({ message }) => {
        tail = message;
        resolve();
      })
      .once("exit", () => {
        resolve();
      });
  });
  const ready = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
    }, START_MS);
    child.on("message", (message: FromInside) => {
      if (message.say !== "ready") return sessions.get(message.id)?.(message);
      clearTimeout(late);
      resolve();
    });
    void gone.then(() => {
      clearTimeout(late);
      for (const hear of sessions.values()) hear({ id: 0, say: "ended", status: 1 });
      sessions.clear();
      reject(
        new DynaframeError(
          "SESSION_FAILED",
          `The endpoint's inside did not start: ${tail.trim().split("\n").at(-1) ?? ""}`,
          { hint: "see the endpoint's log" },
        ),
      );
    });
  });
  ready.catch(() => undefined); // said to each session
  return { child, ready, gone, sessions };
}

function openIn(
  { child, ready, sessions }: Live,
  id: number,
  request: InsideRequest,
  { input, output, errors }: InsideStreams,
): InsideSession {
  const send = (message: ToInside, done: (error?: Error | null) => void = () => undefined): void => {
    if (child.connected)
      child.send(message, (error) => {
        done(error);
      });
    else done();
  };
  const heard = new Promise<number>((resolve) => {
    sessions.set(id, (message) => {
      if (message.say === "ended") {
        sessions.delete(id);
        resolve(message.status);
      } else if (message.say === "output")
        (message.to === "errors" ? errors : output).write(message.data, () => {
          send({ id, say: "taken" });
        });
    });
  });
  const ended = ready.then(() => {
    send({ id, say: "open", request });
    input.pipe(
      new Writable({
        write: (data: Buffer, _encoding, done) => {
          send({ id, say: "input", data }, () => {
            done();
          });
        },
        final: (done) => {
          send({ id, say: "inputEnd" });
          done();
        },
      }),
    );
    return heard;
  });
  return {
    ended,
    resize: (size) => {
      send({ id, say: "resize", size });
    },
    close: () => {
      send({ id, say: "close" });
    },
  };
}

/** Serves the host of this process until it is gone. */
export async function serveInside(options: InsideHere): Promise<void> {
  const inside = insideHere(options);
  const sessions = new Map<
    number,
    { readonly input: PassThrough; readonly session: InsideSession; readonly taken: (() => void)[] }
  >();
  const send = (message: FromInside): void => {
    if (process.connected) process.send?.(message);
  };
  const open = (id: number, request: InsideRequest): void => {
    const input = new PassThrough();
    const taken: (() => void)[] = [];
    const sink = (to: "output" | "errors"): Writable =>
      new Writable({
        write(data: Buffer, _encoding, done) {
          for (let from = 0; from < data.length; from += CHUNK) {
            taken.push(from + CHUNK >= data.length ? done : () => undefined);
            send({ id, say: "output", to, data: data.subarray(from, from + CHUNK) });
          }
          if (data.length === 0) done();
        },
      });
    const output = sink("output");
    const errors = sink("errors");
    const session = inside.open(request, { input, output, errors });
    sessions.set(id, { input, session, taken });
    const end = (status: number): void => {
      // after all that was printed
      output.end(() => {
        errors.end(() => {
          sessions.delete(id);
          send({ id, say: "ended", status });
        });
      });
    };
    session.ended.then(end, () => {
      end(1);
    });
  };
  process.on("message", (message: ToInside) => {
    if (message.say === "open") return open(message.id, message.request);
    const at = sessions.get(message.id);
    switch (message.say) {
      case "input":
        at?.input.write(message.data);
        return;
      case "inputEnd":
        at?.input.end();
        return;
      case "resize":
        at?.session.resize(message.size);
        return;
      case "taken":
        at?.taken.shift()?.();
        return;
      case "close":
        at?.session.close();
        at?.input.destroy();
        for (const done of at?.taken.splice(0) ?? []) done();
        sessions.delete(message.id);
    }
  });
  send({ id: 0, say: "ready" });
  await new Promise<void>((resolve) => {
    process.once("disconnect", () => {
      resolve();
    });
  });
}
