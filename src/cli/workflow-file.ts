import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fileError } from "../storage/file-error.js";
import { DynaframeError } from "../types/error.js";
import { loadOptional } from "../types/load-optional.js";
import type { WorkflowDefinition, WorkflowSpec } from "../workflow/define-workflow.js";
import { readJsonFile } from "./json-file.js";

const JSON_FILE = {
  what: "the workflow file",
  code: "WORKFLOW_INVALID",
  expected: "what defineWorkflow takes",
  hint: 'for example {"name": "nightly", "nodes": {"clean": {"job": "clean"}}}',
  schema: {
    type: "object",
    required: ["name", "nodes"],
    properties: { name: { type: "string", minLength: 1 }, nodes: { type: "object", minProperties: 1 } },
  },
};

/**
 * The workflow of a JSON file, or what a module exports as `workflow` (or as its default): a definition, or what
 * `defineWorkflow` takes.
 */
export async function readWorkflowFile(file: string): Promise<WorkflowDefinition> {
  // with its schedules it is no part of --help
  const { defineWorkflow } = await import("../workflow/define-workflow.js");
  if (file.endsWith(".json")) return defineWorkflow(await readJsonFile<WorkflowSpec<string>>(file, JSON_FILE));
  await access(file).catch((cause: unknown) => {
    throw fileError(cause, file);
  });
  const module = (await import(
    /\.m?ts$/.test(file) ? await asJavaScript(file) : pathToFileURL(resolve(file)).href
  )) as { readonly workflow?: unknown; readonly default?: unknown };
  const exported = module.workflow ?? module.default;
  if (typeof exported === "object" && exported !== null && "triggers" in exported)
    return exported as WorkflowDefinition;
  if (typeof exported === "object" && exported !== null && "nodes" in exported)
    return defineWorkflow(exported as WorkflowSpec<string>);
  throw new DynaframeError("WORKFLOW_INVALID", `${file} exports no workflow.`, {
    file,
    expected: "export const workflow = defineWorkflow({ … })",
    hint: "Export it by that name.",
  });
}

/** A module as a data address; the types are stripped, and `dynaframe` is this package. */
async function asJavaScript(file: string): Promise<string> {
  const { build } = await loadOptional("esbuild", () => import("esbuild"), "A workflow in TypeScript");
  const { packageEntry } = await import("./job-runner.js");
  const result = await build({
    entryPoints: [resolve(file)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    external: [pathToFileURL(packageEntry()).href],
    alias: { dynaframe: pathToFileURL(packageEntry()).href },
    logLevel: "silent",
  }).catch((cause: unknown) => {
    throw new DynaframeError(
      "BAD_SCRIPT",
      `The workflow cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { file, cause },
    );
  });
  return `data:text/javascript;base64,${Buffer.from(result.outputFiles[0]?.contents ?? "").toString("base64")}`;
}
