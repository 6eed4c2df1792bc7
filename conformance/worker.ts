/**
 * Runs cases in a process of their own, so that a hang or a crash costs one case. Messages: `Job` in, `Verdict` out.
 */
import { fork, type ChildProcess } from "node:child_process";
import type { ConformanceCase } from "./case.js";
import type { EngineName } from "./environment.js";
import { runCase, type Verdict } from "./run-case.js";

export type Job = { readonly testCase: ConformanceCase; readonly engine: EngineName };

/** The child's side: one job after the other, until the parent goes away. */
export function serveJobs(): void {
  process.on("message", (job: Job) => {
    void runCase(job.testCase, job.engine).then((verdict) => process.send?.(verdict));
  });
  process.on("disconnect", () => process.exit(0));
}

/**
 * The parent's side. A case that takes longer than `timeout` ms, or ends the process, fails; the next gets a new
 * process.
 */
export class WorkerProcess {
  private child: ChildProcess | undefined;
  constructor(
    private readonly script: string,
    private readonly timeout = 60_000,
  ) {}

  run(job: Job): Promise<Verdict> {
    const child = (this.child ??= fork(this.script, ["--worker"], { stdio: ["ignore", "ignore", "pipe", "ipc"] }));
    return new Promise((resolve) => {
      let stderr = "";
      const onData = (chunk: Buffer): void => {
        stderr = (stderr + chunk.toString()).slice(-2000);
      };
      const finish = (verdict: Verdict, spoiled: boolean): void => {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit);
        child.stderr?.off("data", onData);
        if (spoiled) {
          this.child = undefined;
          child.kill("SIGKILL");
        }
        resolve(verdict);
      };
      const onMessage = (verdict: Verdict): void => finish(verdict, false);
      const onExit = (code: number | null, signal: string | null): void =>
        finish(
          { status: "FAIL", reason: `the process ended with ${signal ?? `status ${String(code)}`}: ${stderr.trim()}` },
          true,
        );
      const timer = setTimeout(
        () => finish({ status: "FAIL", reason: `took more than ${this.timeout / 1000} s` }, true),
        this.timeout,
      );
      child.on("message", onMessage).on("exit", onExit);
      child.stderr?.on("data", onData);
      child.send(job);
    });
  }

  close(): void {
    this.child?.disconnect();
    this.child = undefined;
  }
}
