import { resolve } from "node:path";
import type { Command } from "commander";
import type { Entity } from "../../../catalog/index.js";
import type { JobRecord, JobSettings } from "../../../job/definition/job-record.js";
import { collect, oneOf, parseCount, parseMinutes } from "../../arguments.js";
import type { ActionRunner, Invocation } from "../../command.js";
import { readJsonFile } from "../../json-file.js";
import { withContext, withExisting } from "../../open-context.js";
import { jsonDocument } from "../../print/json.js";
import { printTable } from "../../print/table.js";
import { printable } from "../../print/text.js";
import { UsageError } from "../../usage-error.js";
import { shownArguments } from "../../../job/script/secret-values.js";
import { namedArguments } from "./named-arguments.js";

type DefinitionOptions = {
  readonly script?: string;
  readonly file?: string;
  readonly description?: string;
  readonly arg: readonly string[];
  readonly fixedArg: readonly string[];
  readonly connection: readonly string[];
  readonly maxConcurrent?: number;
  readonly retries?: number;
  readonly timeout?: number;
  readonly notifyAfter?: number;
  readonly workerType?: string;
  readonly workers?: number;
  readonly bookmark?: "enable" | "pause" | "disable";
};

const FILE = {
  what: "the job file",
  code: "JOB_INVALID",
  expected: "a job as the Glue API takes it, without Name",
  hint: 'for example {"Command": {"Name": "glueetl", "ScriptLocation": "etl.ts"}}',
  schema: { type: "object" },
};

/** All that the Glue API names; what each means here is said by its capacity. */
const WORKER_TYPES = [
  "G.025X",
  "G.1X",
  "G.2X",
  "G.4X",
  "G.8X",
  "G.12X",
  "G.16X",
  "R.1X",
  "R.2X",
  "R.4X",
  "R.8X",
  "Z.2X",
  "Standard",
] as const;

/** `dynaframe job create | update | list | get | delete` */
export function definitionCommands(job: Command, run: ActionRunner): void {
  options(job.command("create").argument("<job>", "name of the job").description("define a job"))
    .addHelpText(
      "after",
      `
Numbers of workers are limits of memory and threads here: a G.1X worker is 4 threads and 16 GB; --dynaframe-memory-limit and
--dynaframe-threads among the arguments say it directly.

Examples:
  $ dynaframe job create orders-etl --script ./orders-etl.ts --arg target=./out --bookmark enable --retries 2
  $ dynaframe job create orders-etl --file orders-etl.job.json`,
    )
    .action(
      run(async (invocation, name: string, given: DefinitionOptions) => {
        if (given.script === undefined && given.file === undefined)
          throw new UsageError("job create needs --script, or --file with a Command");
        const { checkJob, jobRef } = await import("../../../job/definition/job-record.js");
        const { createDefinition } = await import("../../../catalog/definitions/definition.js");
        const settings = await settingsOf(given, { Role: "", Command: { Name: "glueetl" } });
        checkJob(settings);
        await withContext(invocation, async ({ catalog }) => {
          // only now: a bad definition makes no catalog
          await createDefinition(catalog, jobRef(name), { settings, active: [] } satisfies JobRecord);
          await printJob(invocation, await jobOf(catalog, name));
        });
      }),
    );
  options(
    job
      .command("update")
      .argument("<job>", "name of the job")
      .description("change what the options name; the rest stays"),
  )
    .addHelpText("after", "\nExample:\n  $ dynaframe job update orders-etl --timeout 30 --bookmark disable")
    .action(
      run(async (invocation, name: string, given: DefinitionOptions) =>
        withExisting(invocation, async ({ catalog }) => {
          const { checkJob, jobRef } = await import("../../../job/definition/job-record.js");
          const { changeDefinition, getDefinition } = await import("../../../catalog/definitions/definition.js");
          const before = await getDefinition<JobRecord>(catalog, jobRef(name));
          const settings = await settingsOf(given, before.doc.settings);
          checkJob(settings);
          await changeDefinition<JobRecord>(catalog, jobRef(name), (doc) => ({ ...doc, settings }));
          await printJob(invocation, await jobOf(catalog, name));
        }),
      ),
    );
  job
    .command("list")
    .description("list the jobs")
    .addHelpText("after", "\nExample:\n  $ dynaframe job list --json")
    .action(
      run(async (invocation) =>
        withExisting(invocation, async ({ catalog }) => {
          const { terminal, global, style } = invocation;
          const { allDefinitions } = await import("../../../catalog/definitions/definition.js");
          const { jobOf: shape } = await import("../../../job/definition/job-record.js");
          const jobs = await allDefinitions<JobRecord>(catalog, { kind: "job" });
          if (global.json) return terminal.out(jsonDocument(jobs.map((entity) => shown(shape(entity)))));
          const rows = jobs.map(({ name, doc: { settings, active } }) => [
            style.name(printable(name)),
            String(active.length),
            printable(settings.Command?.ScriptLocation ?? ""),
          ]);
          return terminal.out(
            printTable([{ title: "JOB" }, { title: "RUNNING", align: "right" }, { title: "SCRIPT" }], rows, style),
          );
        }),
      ),
    );
  job
    .command("get")
    .argument("<job>", "name of the job")
    .description("show a job's definition")
    .addHelpText("after", "\nExample:\n  $ dynaframe job get orders-etl --json")
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async ({ catalog }) => printJob(invocation, await jobOf(catalog, name))),
      ),
    );
  job
    .command("delete")
    .argument("<job>", "name of the job")
    .description("delete a job's definition; its runs and logs stay")
    .addHelpText("after", "\nExample:\n  $ dynaframe job delete orders-etl")
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async ({ catalog }) => {
          const { terminal, global } = invocation;
          const { deleteDefinition } = await import("../../../catalog/definitions/definition.js");
          const { jobRef } = await import("../../../job/definition/job-record.js");
          await deleteDefinition(catalog, jobRef(name));
          return terminal.out(global.json ? jsonDocument({ Name: name }) : `deleted ${printable(name)}\n`);
        }),
      ),
    );
}

function options(command: Command): Command {
  return command
    .option("--script <path>", "the script: .ts, .mts, .js, .mjs, .cjs or .py")
    .option("--file <json>", "the definition as the Glue API takes it; options given here win over it")
    .option("--description <text>", "what it is for")
    .option("--arg <name=value>", "a default argument; repeatable", collect, [])
    .option("--fixed-arg <name=value>", "an argument that no run can change; repeatable", collect, [])
    .option("--connection <name>", "a connection that it uses; repeatable", collect, [])
    .option("--max-concurrent <count>", "runs at the same time (default: 1)", parseCount("--max-concurrent", 1))
    .option("--retries <count>", "times a failed run is tried again, 0 to 10", parseCount("--retries", 0, 10))
    .option("--timeout <minutes>", "longest a run may take (default: 2880)", parseMinutes("--timeout"))
    .option(
      "--notify-after <minutes>",
      "a run that takes longer is told of: a warning, and DelayedOn in its record",
      parseMinutes("--notify-after"),
    )
    .option("--worker-type <name>", "G.025X, G.1X, G.2X, G.4X, G.8X or Standard", oneOf("--worker-type", WORKER_TYPES))
    .option("--workers <count>", "number of workers", parseCount("--workers", 1))
    .option("--bookmark <option>", "enable, pause or disable", oneOf("--bookmark", ["enable", "pause", "disable"]));
}

async function settingsOf(given: DefinitionOptions, before: JobSettings): Promise<JobSettings> {
  const file = given.file === undefined ? {} : await readJsonFile<JobSettings>(given.file, FILE);
  const base: JobSettings = { ...before, ...file };
  const defaults = {
    ...base.DefaultArguments,
    ...namedArguments("--arg", given.arg),
    ...(given.bookmark === undefined ? {} : { "--job-bookmark-option": `job-bookmark-${given.bookmark}` }),
  };
  const fixed = { ...base.NonOverridableArguments, ...namedArguments("--fixed-arg", given.fixedArg) };
  return {
    ...base,
    DefaultArguments: defaults,
    NonOverridableArguments: fixed,
    ...(given.script === undefined
      ? {}
      : {
          Command: {
            ...base.Command,
            Name: base.Command?.Name ?? "glueetl",
            ScriptLocation: /^[a-z0-9]{2,}:\/\//i.test(given.script) ? given.script : resolve(given.script),
          },
        }),
    ...(given.description === undefined ? {} : { Description: given.description }),
    ...(given.connection.length === 0 ? {} : { Connections: { Connections: given.connection } }),
    ...(given.maxConcurrent === undefined ? {} : { ExecutionProperty: { MaxConcurrentRuns: given.maxConcurrent } }),
    ...(given.retries === undefined ? {} : { MaxRetries: given.retries }),
    ...(given.timeout === undefined ? {} : { Timeout: given.timeout }),
    ...(given.notifyAfter === undefined ? {} : { NotificationProperty: { NotifyDelayAfter: given.notifyAfter } }),
    ...(given.workerType === undefined ? {} : { WorkerType: given.workerType }),
    ...(given.workers === undefined ? {} : { NumberOfWorkers: given.workers }),
  };
}

async function jobOf(
  catalog: Parameters<typeof import("../../../catalog/definitions/definition.js").getDefinition>[0],
  name: string,
): Promise<object> {
  const { getDefinition } = await import("../../../catalog/definitions/definition.js");
  const { jobOf: shape, jobRef } = await import("../../../job/definition/job-record.js");
  return shown(shape((await getDefinition<JobRecord>(catalog, jobRef(name))) as Entity<JobRecord>));
}

/** Arguments whose names say that they are secrets are not printed. */
function shown(job: object): object {
  const { DefaultArguments, NonOverridableArguments, ...rest } = job as JobSettings;
  return {
    ...rest,
    ...(DefaultArguments ? { DefaultArguments: shownArguments(DefaultArguments) } : {}),
    ...(NonOverridableArguments ? { NonOverridableArguments: shownArguments(NonOverridableArguments) } : {}),
  };
}

async function printJob({ terminal, global, style }: Invocation, job: object): Promise<void> {
  if (global.json) return terminal.out(jsonDocument(job));
  const {
    Name,
    Command: command,
    DefaultArguments = {},
    NonOverridableArguments = {},
    MaxRetries,
    Timeout,
    ExecutionProperty,
  } = job as JobSettings & { readonly Name: string };
  const args = [
    ...Object.entries(DefaultArguments).map(([name, value]) => `  ${name} ${value}`),
    ...Object.entries(NonOverridableArguments).map(([name, value]) => `  ${name} ${value} (fixed)`),
  ];
  return terminal.out(
    [
      `${style.name(printable(Name))}: ${printable(command?.ScriptLocation ?? "")}`,
      `  at most ${ExecutionProperty?.MaxConcurrentRuns ?? 1} at once, ${MaxRetries ?? 0} retries, ${Timeout ?? 0} minutes`,
      ...args.map(printable),
    ]
      .map((line) => `${line}\n`)
      .join(""),
  );
}
