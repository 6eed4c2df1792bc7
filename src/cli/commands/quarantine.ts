import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { QuarantinedRecord } from "../../job/quarantine/quarantine-record.js";
import type { ActionRunner, CommandDefinition } from "../command.js";
import { jobRunner } from "../job-runner.js";
import { withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { clockTime, counted, grouped } from "../print/number.js";
import { printTable } from "../print/table.js";
import { clipped, printable } from "../print/text.js";
import { printRun } from "./job/print-run.js";
import { requireJob } from "./job/require-job.js";

export const quarantineCommand: CommandDefinition = (program, run) => {
  const quarantine = program
    .command("quarantine")
    .description("records that jobs could not take: where they are, why, and reading them again")
    .addHelpText(
      "after",
      `
A commit keeps malformed records, and those that a function failed on, with file, byte range, rule and error.
Repair them in their files, then replay: only the repaired records are read, and the files count as read.

Examples:
  $ dynaframe quarantine list orders-etl
  $ dynaframe quarantine show orders-etl
  $ dynaframe quarantine replay orders-etl`,
    );
  listCommand(quarantine, run);
  showCommand(quarantine, run);
  replayCommand(quarantine, run);
};

function listCommand(parent: Command, run: ActionRunner): void {
  parent
    .command("list")
    .argument("[job]", "of one job only")
    .description("count the open records by job, file and rule")
    .addHelpText("after", "\nExample:\n  $ dynaframe quarantine list --json")
    .action(
      run(async (invocation, job: string | undefined) =>
        withExisting(invocation, async ({ catalog }) => {
          const { quarantinedJobs, readQuarantine } = await import("../../job/quarantine/quarantine-files.js");
          const { jobFolder } = await import("../../job/job-folder.js");
          const { terminal, global, style } = invocation;
          const folder = jobFolder(catalog);
          const groups: { job: string; file?: string; rule: string; records: number; first: number; runs: string[] }[] =
            [];
          for (const name of job === undefined ? await quarantinedJobs(folder) : [job]) {
            const byGroup = new Map<string, QuarantinedRecord[]>();
            for (const record of (await readQuarantine(folder, name)).records)
              byGroup.set(`${record.rule}\n${record.file ?? ""}`, [
                ...(byGroup.get(`${record.rule}\n${record.file ?? ""}`) ?? []),
                record,
              ]);
            for (const records of byGroup.values()) {
              const [first] = records;
              if (first)
                groups.push({
                  job: name,
                  ...(first.file === undefined ? {} : { file: first.file }),
                  rule: first.rule,
                  records: records.length,
                  first: first.at,
                  runs: [...new Set(records.map(({ runId }) => runId))],
                });
            }
          }
          if (job !== undefined && groups.length === 0) await requireJob(catalog, job);
          if (global.json) return terminal.out(jsonDocument(groups));
          const rows = groups.map((each) => [
            style.name(printable(each.job)),
            clockTime(each.first),
            each.rule,
            grouped(each.records),
            clipped(printable(each.file ?? "(a function)"), 80),
          ]);
          return terminal.out(
            printTable(
              [
                { title: "JOB" },
                { title: "SINCE" },
                { title: "RULE" },
                { title: "RECORDS", align: "right" },
                { title: "FILE" },
              ],
              rows,
              style,
            ),
          );
        }),
      ),
    );
}

function showCommand(parent: Command, run: ActionRunner): void {
  parent
    .command("show")
    .argument("<job>", "name of the job")
    .argument("[run]", "of one run only")
    .description("the open records one by one, with byte range, rule, error and text")
    .addHelpText("after", "\nExample:\n  $ dynaframe quarantine show orders-etl")
    .action(
      run(async (invocation, job: string, runId: string | undefined) =>
        withExisting(invocation, async ({ catalog }) => {
          const { readQuarantine } = await import("../../job/quarantine/quarantine-files.js");
          const { jobFolder } = await import("../../job/job-folder.js");
          const { terminal, global, style } = invocation;
          const records = (await readQuarantine(jobFolder(catalog), job)).records.filter(
            (record) => runId === undefined || record.runId === runId,
          );
          if (records.length === 0) await requireJob(catalog, job);
          if (global.json) return terminal.out(jsonDocument(records));
          for (const { id, file, offset, end, rule, error, text, step } of records) {
            await terminal.out(
              `${style.name(printable(id))} ${style.warning(rule)} in ${printable(step)}: ${printable(error)}\n${file === undefined ? "" : `  ${printable(file)} bytes ${offset ?? 0}–${end ?? 0}\n`}  ${clipped(printable(text), 160)}\n`,
            );
          }
          return terminal.out(`${counted(records.length, "record")}\n`);
        }),
      ),
    );
}

type ReplayOptions = {
  readonly run?: string;
  readonly records?: string;
  readonly header?: boolean;
  readonly dryRun?: boolean;
};

function replayCommand(parent: Command, run: ActionRunner): void {
  parent
    .command("replay")
    .argument("<job>", "name of the job")
    .option("--run <id>", "records of one run only")
    .option("--records <file>", "the repaired records, one a line, for a file that was not repaired itself")
    .option("--header", "the files begin with a header line, which the records need too (CSV)")
    .option("--dry-run", "say what would be replayed")
    .description("run the job on the repaired records alone; what it commits leaves the quarantine")
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe quarantine replay orders-etl --dry-run\n  $ dynaframe quarantine replay orders-etl --run jr_5f0c… --records fixed.json",
    )
    .action(
      run(async (invocation, job: string, options: ReplayOptions) =>
        withExisting(invocation, async (glue) => {
          const { planReplay } = await import("../../job/quarantine/plan-replay.js");
          const { jobFolder } = await import("../../job/job-folder.js");
          const { runToEnd } = await import("../../job/run/start-run.js");
          const { REPLAY_VARIABLE } = await import("../../job/replay.js");
          const { terminal, global } = invocation;
          await requireJob(glue.catalog, job);
          const { plan, planFile, left } = await planReplay({
            job,
            catalogFolder: jobFolder(glue.catalog),
            storage: glue.storage,
            id: randomUUID(),
            ...(options.run === undefined ? {} : { runId: options.run }),
            ...(options.records === undefined ? {} : { records: options.records }),
            ...(options.header === undefined ? {} : { header: options.header }),
          });
          for (const line of left) terminal.err(`left: ${printable(line)}\n`);
          if (options.dryRun === true) {
            if (global.json) return terminal.out(jsonDocument({ ...plan, left }));
            return terminal.out(
              `${plan.files.map(({ path }) => `would replay ${printable(path)}\n`).join("")}${counted(plan.ids.length, "record")}\n`,
            );
          }
          const services = await jobRunner(glue.catalog, terminal);
          const done = await runToEnd(services, job, { environment: { [REPLAY_VARIABLE]: planFile } });
          if (done.JobRunState !== "SUCCEEDED") invocation.fail();
          return printRun(invocation, done);
        }),
      ),
    );
}
