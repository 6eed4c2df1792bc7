/** Runs a job's script as a child process: arguments by a pipe, logs into files, limits of memory, an orderly end. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { DynaframeError } from "../../types/error.js";
import { runLimits } from "../definition/capacity.js";
import type { JobRequest, RunJob } from "../run/run-job.js";
import { logFiles, logStream } from "./log-files.js";
import { groupMemory } from "./process-memory.js";
import { scriptCommand } from "./script-command.js";
import { masked, secretValues } from "./secret-values.js";

export type ScriptRunnerOptions = {
  /** Address of the catalog that the script's context opens when it names none. */
  readonly catalog: string;
  readonly logFolder: string;
  /** See `ScriptSource`. */
  readonly packageEntry?: string;
  /** The environment of scripts; those of its variables that hold dynaframe's own keys are left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** Between a polite request to end and the end. */
const GRACE_MS = 3_000;
const MEMORY_POLL_MS = 200;
const LONGEST_MESSAGE = 2_000;
/** What a script has no business with: keys of the server that started it, and settings of its Node. */
const OWN_VARIABLES = ["DYNAFRAME_ACCESS_KEY_ID", "DYNAFRAME_SECRET_ACCESS_KEY", "NODE_OPTIONS"];

/**
 * @throws (the returned function) JOB_FAILED with the last of what the script printed, OUT_OF_MEMORY, and as
 * `scriptCommand`.
 */
export function scriptRunner(options: ScriptRunnerOptions): RunJob {
  return async (request) => {
    const folder = await mkdtemp(join(tmpdir(), "dynaframe-script-"));
    try {
      await runScript(options, request, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function runScript(options: ScriptRunnerOptions, request: JobRequest, folder: string): Promise<void> {
  const { settings, arguments: args, jobName, runId, signal } = request;
  const limits = runLimits(settings, args);
  const command = await scriptCommand({
    location: settings.Command?.ScriptLocation ?? "",
    folder,
    packageEntry: options.packageEntry,
    limits,
  });
  if (signal.aborted) throw ended(runId);
  const child = spawn(command.program, command.args, {
    detached: true, // a group of its own, so that what the script starts ends with it
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: environment(options, request, { ...command.environment, ...limitVariables(limits) }),
  });
  const exit = exitOf(child, command.program);
  // listened to at once: what a process that cannot start prints nothing
  exit.catch(() => undefined);
  const pipe = child.stdio[3] as Writable;
  pipe.on("error", () => undefined); // the script ended before it took its arguments
  pipe.write(`${JSON.stringify(argv(request))}\n`);
  const secrets = secretValues(args);
  const logs = logFiles(options.logFolder, jobName, runId);
  const [output, error] = await Promise.all([
    logStream(child.stdio[1] as Readable, logs.output, secrets),
    logStream(child.stdio[2] as Readable, logs.error, secrets),
  ]);
  let overMemory = 0;
  const stop = (): void => {
    end(child, "SIGTERM");
    setTimeout(() => {
      end(child, "SIGKILL");
    }, GRACE_MS).unref();
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const { memory } = limits;
  const watch =
    memory === undefined
      ? undefined
      : setInterval(() => {
          void groupMemory(child.pid ?? 0).then((used) => {
            if (used > memory && overMemory === 0) {
              overMemory = used;
              end(child, "SIGKILL");
            }
          });
        }, MEMORY_POLL_MS);
  try {
    const { code, signal: by } = await exit;
    end(child, "SIGKILL"); // what the script left running
    await Promise.all([output.done, error.done]);
    if (overMemory > 0) {
      throw new DynaframeError(
        "OUT_OF_MEMORY",
        `The run took ${overMemory} bytes of memory; its limit is ${memory ?? 0}.`,
        { path: jobName, hint: "Give it more: WorkerType, NumberOfWorkers or --dynaframe-memory-limit." },
      );
    }
    if (signal.aborted) throw ended(runId);
    if (code !== 0)
      throw new DynaframeError("JOB_FAILED", masked(failureText(code, by, error.tail()), secrets), {
        path: jobName,
        hint: `dynaframe job logs ${jobName} ${runId}`,
      });
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", stop);
    pipe.end();
  }
}

/** The command line as Glue gives it to a script. */
function argv({ jobName, runId, arguments: args }: JobRequest): readonly string[] {
  const own = { "--JOB_NAME": jobName, "--JOB_RUN_ID": runId, ...args };
  // a value that looks like an option is taken for one unless it is tied to its name
  return Object.entries(own).flatMap(([name, value]) => (value.startsWith("-") ? [`${name}=${value}`] : [name, value]));
}

function environment(
  { env = process.env, catalog }: ScriptRunnerOptions,
  { jobName, runId, token, environment: more }: JobRequest,
  settings: { readonly [name: string]: string },
): NodeJS.ProcessEnv {
  const isRemote = /^https?:/i.test(catalog);
  const inherited = Object.fromEntries(
    Object.entries(env).filter(([name]) => !OWN_VARIABLES.includes(name) || (isRemote && name !== "NODE_OPTIONS")),
  );
  return {
    ...inherited,
    DYNAFRAME_CATALOG: catalog,
    DYNAFRAME_RUN_JOB: jobName,
    DYNAFRAME_RUN_ID: runId,
    DYNAFRAME_RUN_TOKEN: token,
    ...settings,
    ...more,
  };
}

const limitVariables = ({ memory, threads }: ReturnType<typeof runLimits>): { readonly [name: string]: string } => ({
  ...(memory === undefined ? {} : { DYNAFRAME_MEMORY_LIMIT: `${Math.floor(memory / 2 / 1e6)}MB` }),
  ...(threads === undefined ? {} : { DYNAFRAME_THREADS: String(threads) }),
});

function exitOf(
  child: ChildProcess,
  program: string,
): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        new DynaframeError(
          "SCRIPT_NOT_STARTED",
          `${program} cannot be started${cause.code === "ENOENT" ? ": it is not installed" : ""}.`,
          { found: program, cause, hint: "Install it, or name it by the environment variable PYTHON." },
        ),
      );
    });
    child.once("exit", (code, signal) => {
      resolve({ code, signal });
    });
  });
}

/** To the whole group, as far as it is there. */
function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    /* it has ended */
  }
}

/**
 * The error that the script died of: as Node and Python print one at the start of a line, else the last lines that say
 * something.
 */
function failureText(code: number | null, signal: string | null, tail: readonly string[]): string {
  const how = signal === null ? `exit status ${code ?? "unknown"}` : `signal ${signal}`;
  const lines = tail.map((line) => line.trimEnd());
  const said =
    lines.findLast((line) => /^[\w.$]*(Error|Exception)\b/.test(line))
    ?? lines
      .filter((line) => line !== "" && !/^\s+at |^Node\.js v/.test(line))
      .slice(-6)
      .join("\n");
  return said === ""
    ? `The script ended with ${how}.`
    : `The script ended with ${how}: ${said.slice(-LONGEST_MESSAGE)}`;
}

const ended = (runId: string): DynaframeError =>
  new DynaframeError("INTERRUPTED", `Run ${runId} was ended from outside.`, { path: runId });
