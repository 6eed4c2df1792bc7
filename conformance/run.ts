/**
 * `npm run conformance -- DIR [--engine duckdb|reference|spark|all] [--strict] [--json FILE]`; FORMAT.md is the
 * contract.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isObject, member, type ConformanceCase, type Json } from "./case.js";
import type { EngineName } from "./environment.js";
import { operations } from "./ops/index.js";
import { caseLine, exitStatus, opTable, reportJson, summaryLine, type CaseResult } from "./report.js";
import { judgeUnrun, type Verdict } from "./run-case.js";
import { serveJobs, WorkerProcess } from "./worker.js";

const USAGE = "usage: npm run conformance -- DIR [--engine duckdb|reference|spark|all] [--strict] [--json FILE]";
const ENGINES: { readonly [name: string]: readonly EngineName[] } = {
  duckdb: ["duckdb"],
  reference: ["reference"],
  spark: ["spark"],
  all: ["duckdb", "reference"],
};

type CaseFile = { readonly id: string; readonly op: string; readonly content: Json | Error };

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "string") {
    process.stderr.write(`${options}\n${USAGE}\n`);
    return 2;
  }
  const files = await readCases(options.directory);
  const worker = new WorkerProcess(process.argv[1] ?? "");
  const results: CaseResult[] = [];
  try {
    for (const file of files) {
      const result = await judge(file, options.engines, worker);
      process.stdout.write(`${caseLine(result)}\n`);
      results.push(result);
    }
  } finally {
    worker.close();
  }
  process.stdout.write(`\n${opTable(results)}\n\n${summaryLine(results)}\n`);
  if (options.json !== undefined) await writeFile(options.json, reportJson(options.engines, results));
  return exitStatus(results, options.strict);
}

type Options = {
  readonly directory: string;
  readonly engines: readonly EngineName[];
  readonly strict: boolean;
  readonly json: string | undefined;
};

function readOptions(): Options | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        engine: { type: "string", default: "duckdb" },
        strict: { type: "boolean", default: false },
        json: { type: "string" },
      },
    });
    const engines = ENGINES[values.engine];
    const [directory] = positionals;
    if (!engines) return `unknown engine ${values.engine}`;
    if (directory === undefined || positionals.length > 1) return "one directory of cases is needed";
    return { directory, engines, strict: values.strict, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Every `*.json` directly in the directory, sorted by id. */
async function readCases(directory: string): Promise<readonly CaseFile[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory() && entry.name.endsWith(".json")).map(({ name }) => name);
  const files = await Promise.all(
    names.map(async (name): Promise<CaseFile> => {
      try {
        const content = JSON.parse(await readFile(join(directory, name), "utf8")) as Json;
        const text = (key: string, otherwise: string): string => {
          const value = isObject(content) ? member(content, key) : undefined;
          return typeof value === "string" ? value : otherwise;
        };
        return { id: text("id", name), op: text("op", "?"), content };
      } catch (error) {
        return { id: name, op: "?", content: error instanceof Error ? error : new Error(String(error)) };
      }
    }),
  );
  return files.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

async function judge(
  { id, op, content }: CaseFile,
  engines: readonly EngineName[],
  worker: WorkerProcess,
): Promise<CaseResult> {
  const start = performance.now();
  const done = (verdict: Verdict): CaseResult => ({
    id,
    op,
    verdict,
    milliseconds: Math.round(performance.now() - start),
  });
  if (content instanceof Error) return done({ status: "FAIL", reason: `not readable: ${content.message}` });
  const unrun = judgeUnrun(content, (name) => (Object.hasOwn(operations, name) ? undefined : "unknown operation"));
  if (unrun) return done(unrun);
  const verdicts: Verdict[] = [];
  for (const engine of engines) {
    const verdict = await worker.run({ testCase: content as unknown as ConformanceCase, engine });
    verdicts.push(
      verdict.status === "FAIL" && engines.length > 1
        ? { status: "FAIL", reason: `[${engine}] ${verdict.reason}` }
        : verdict,
    );
  }
  return done(
    verdicts.find(({ status }) => status === "FAIL")
      ?? verdicts.find(({ status }) => status === "UNSUPPORTED") ?? { status: "PASS" },
  );
}

if (process.argv.includes("--worker")) serveJobs();
else {
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  });
}
