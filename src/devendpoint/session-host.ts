/** Interactive sessions: a process each, with a warm context, that runs statements one after the other. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { DynaframeError } from "../types/error.js";
import type { Evaluation } from "./evaluator.js";
import { asUser, type SessionUser } from "./session-user.js";
import { resultOf, type StatementLine } from "./statement-loop.js";

export type SessionHost = {
  /**
   * Starts a session's process; resolves once it takes statements. `onEnd` hears when it ended by itself.
   * @throws SESSION_FAILED.
   */
  open(
    id: string,
    options: { readonly idleMinutes: number; readonly onEnd: (why: "idle" | "gone") => void },
  ): Promise<void>;
  has(id: string): boolean;
  /**
   * Runs the statement once those before it have ended; `onStart` is asked then, and may say that it is no longer
   * wanted: undefined.
   * @throws SESSION_FAILED when the process ends before the statement does.
   */
  run(id: string, code: string, onStart: () => Promise<boolean>): Promise<Evaluation | undefined>;
  /** Ends the statement that runs, where it runs code; one that waits goes on. */
  interrupt(id: string): void;
  close(id: string): Promise<void>;
  closeAll(): Promise<void>;
};

const START_MS = 60_000;
const WATCH_MS = 2000;
/** To end in good order. */
const GRACE_MS = 5000;
const MS_PER_MINUTE = 60_000;
const ERROR_TAIL = 2000;

type Live = {
  readonly child: ChildProcess;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<void>;
  readonly waiting: Map<
    number,
    { readonly resolve: (result: Evaluation) => void; readonly reject: (error: Error) => void }
  >;
  readonly touch: () => void;
  next: number;
  /** The last statement's end. */
  last: Promise<unknown>;
};

export type SessionCommand = {
  readonly words: readonly [program: string, ...args: readonly string[]];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Another user of the system, which only root may choose. */
  readonly user?: SessionUser;
  /** It runs in namespaces of its own, and what is started here only waits for it. */
  readonly isIsolated?: boolean;
};

export type SessionHostOptions = {
  /** Starts a process that serves statements on its standard input and output. Rejects when no session may run. */
  readonly command: () => Promise<SessionCommand>;
  /** Rejects once sessions may run no longer: asked before each statement, and every two seconds. */
  readonly check?: () => Promise<void>;
};

export function sessionHost({ command, check = async () => undefined }: SessionHostOptions): SessionHost {
  const live = new Map<string, Live>();

  const close = async (id: string): Promise<void> => {
    const session = live.get(id);
    if (session === undefined) return;
    live.delete(id);
    session.child.stdin?.end();
    session.signal("SIGTERM");
    const late = setTimeout(() => {
      session.child.kill("SIGKILL");
    }, GRACE_MS); // one in a loop hears nothing
    await session.ended;
    clearTimeout(late);
  };

  return {
    async open(id, { idleMinutes, onEnd }) {
      const { session, ready } = start(await command(), id);
      let idle: NodeJS.Timeout | undefined;
      const touch = (): void => {
        clearTimeout(idle);
        idle = setTimeout(() => {
          if (session.waiting.size > 0) return touch();
          void close(id).then(() => {
            onEnd("idle");
          });
        }, idleMinutes * MS_PER_MINUTE);
        idle.unref();
      };
      live.set(id, { ...session, touch });
      touch();
      const watch = setInterval(() => {
        check().catch(() =>
          close(id).then(() => {
            onEnd("gone");
          }),
        );
      }, WATCH_MS).unref();
      void session.ended.then(() => {
        clearTimeout(idle);
        clearInterval(watch);
        if (live.delete(id)) onEnd("gone");
      });
      await ready;
    },
    has: (id) => live.has(id),
    run(id, code, onStart) {
      const session = live.get(id);
      if (session === undefined) return Promise.reject(failed(id, "it has no process"));
      session.touch();
      const result = session.last.then(async () => {
        if (!(await onStart())) return undefined;
        await check();
        if (session.child.exitCode !== null || session.child.signalCode !== null) throw failed(id, "its process ended");
        return sent(session, { id: session.next++, code });
      });
      session.last = result.catch(() => undefined);
      return result;
    },
    interrupt: (id) => {
      live.get(id)?.signal("SIGINT");
    },
    close,
    async closeAll() {
      await Promise.all([...live.keys()].map(close));
    },
  };
}

const sent = ({ waiting, child }: Live, statement: StatementLine): Promise<Evaluation> =>
  new Promise((resolve, reject) => {
    waiting.set(statement.id, { resolve, reject });
    child.stdin?.write(`${JSON.stringify(statement)}\n`);
  });

function start(
  { words: [program, ...args], env, user, isIsolated = false }: SessionCommand,
  id: string,
): { readonly session: Omit<Live, "touch">; readonly ready: Promise<void> } {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env, detached: isIsolated, ...asUser(user) });
  const waiting: Live["waiting"] = new Map();
  let tail = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-ERROR_TAIL);
  });
  child.stdin.on("error", () => undefined); // its end is heard
  let isReady: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    child
      .once("error", ({ message }) => {
        tail = message;
        resolve();
      })
      .once("close", () => {
        resolve();
      });
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const result = resultOf(line);
    if (result === undefined) return;
    if ("ready" in result) return isReady();
    waiting.get(result.id)?.resolve(result);
    waiting.delete(result.id);
  });
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(failed(id, "its process ended"));
    waiting.clear();
  });
  const ready = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
    }, START_MS);
    isReady = () => {
      clearTimeout(late);
      resolve();
    };
    void ended.then(() => {
      clearTimeout(late);
      reject(failed(id, tail.trim().split("\n").at(-1) ?? "its process ended"));
    });
  });
  return {
    session: {
      child,
      signal: (name) => {
        signalled(child, isIsolated, name);
      },
      ended,
      waiting,
      next: 1,
      last: Promise.resolve(),
    },
    ready,
  };
}

/** Behind the process that waits is the session's, of the same group. */
function signalled(child: ChildProcess, isGroup: boolean, name: NodeJS.Signals): void {
  if (!isGroup || child.pid === undefined) child.kill(name);
  else if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
}

const failed = (id: string, why: string): DynaframeError =>
  new DynaframeError("SESSION_FAILED", `The session ${id} cannot go on: ${why}`, {
    path: id,
    hint: "create another session",
  });
