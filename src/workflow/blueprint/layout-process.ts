/** Calls a blueprint's code in a process of its own: it can neither hang the caller nor see its environment. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { hookModule } from "../../job/script/preload.js";
import { badBlueprint } from "./define-blueprint.js";

export type BlueprintCode = {
  /** An ES module. */ readonly code: string;
  /** Where its imports are looked for. */ readonly from: string;
};

/** What the code answers: its parameters, or with parameters the layout. As plain JSON, not yet checked. */
export type CallBlueprint = (source: BlueprintCode, parameters?: object) => Promise<unknown>;

const TIMEOUT_MS = 60_000;
/** A layout that is longer is none. */
const MOST_BYTES = 16 * 2 ** 20;

const RUNNER = `
import { writeFileSync } from "node:fs";
let text = "";
for await (const chunk of process.stdin) text += chunk;
const answer = (value) => { writeFileSync(3, JSON.stringify(value)); process.exit(0); };
try {
  const module = await import("./blueprint.mjs");
  const blueprint = module.blueprint ?? module.default;
  if (typeof blueprint?.layout !== "function") answer({ error: "it exports no blueprint with a layout" });
  const { parameters } = JSON.parse(text);
  answer({ value: parameters === undefined ? blueprint.parameterSpec ?? {} : await blueprint.layout(parameters) });
} catch (error) { answer({ error: String(error?.message ?? error).slice(0, 1000) }); }
`;

/**
 * `packageEntry`: the file of this package, for code that finds it in no node_modules.
 * @throws BAD_BLUEPRINT, with what the code threw.
 */
export function layoutProcess(packageEntry: string | undefined): CallBlueprint {
  return async ({ code, from }, parameters) => {
    const folder = await mkdtemp(join(tmpdir(), "dynaframe-blueprint-"));
    try {
      await writeFile(join(folder, "blueprint.mjs"), code, { mode: 0o600 });
      await writeFile(join(folder, "run.mjs"), RUNNER, { mode: 0o600 });
      const hook = hookModule({
        script: pathToFileURL(from).href,
        packages: packageEntry === undefined ? {} : { dynaframe: pathToFileURL(packageEntry).href },
      });
      const text = await answerOf(["--import", hook, join(folder, "run.mjs")], JSON.stringify({ parameters }));
      const { value, error } = JSON.parse(text) as { readonly value?: unknown; readonly error?: string };
      if (error !== undefined) throw badBlueprint(error);
      return value;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

function answerOf(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // of the caller's environment only what a program needs: no keys of the catalog, no credentials
    const { PATH = "", HOME = "", TMPDIR } = process.env;
    const child = spawn(process.execPath, [...args], {
      stdio: ["pipe", "ignore", "ignore", "pipe"],
      env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) },
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    (child.stdio[3] as Readable).on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) child.kill("SIGKILL");
      else chunks.push(chunk);
    });
    child.once("error", (cause) => {
      reject(badBlueprint("no process for it could be started", { cause }));
    });
    child.once("close", (code, signal) => {
      if (code === 0 && bytes > 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else
        reject(
          badBlueprint(
            bytes > MOST_BYTES
              ? "its layout is too long"
              : signal === "SIGKILL"
                ? `it took longer than ${TIMEOUT_MS / 1000} seconds`
                : "it ended without a layout",
          ),
        );
    });
    child.stdin?.on("error", () => undefined); // gone before it read: the close tells
    child.stdin?.end(input);
  });
}
