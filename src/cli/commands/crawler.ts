import { resolve } from "node:path";
import type { CrawlerSettings, CrawlReport, NamedCrawlers } from "../../index.js";
import { DynaframeError } from "../../types/error.js";
import { collect, parseCount, parseNames } from "../arguments.js";
import type { CommandDefinition, Invocation } from "../command.js";
import { type FileKind, readJsonFile } from "../json-file.js";
import { withContext, withExisting } from "../open-context.js";
import { printCrawl } from "../print/crawl-report.js";
import { printCrawlerMetrics, printCrawlers, printNamedCrawls } from "../print/crawlers.js";
import { jsonDocument } from "../print/json.js";
import { printable } from "../print/text.js";
import { openProgress } from "../progress/open-progress.js";
import { UsageError } from "../usage-error.js";

type SettingsOptions = {
  readonly database?: string;
  readonly prefix?: string;
  readonly exclude: readonly string[];
  readonly sample?: number;
  readonly classifiers?: readonly string[];
  readonly description?: string;
  readonly schedule?: string;
  readonly settings?: string;
};

const SETTINGS: FileKind = {
  what: "the settings file",
  code: "INVALID_CRAWLER",
  expected: "an object as CreateCrawler of the Glue API takes it",
  hint: "aws glue create-crawler --generate-cli-skeleton prints its form",
  schema: {
    type: "object",
    properties: {
      Name: { type: "string" },
      Targets: { type: "object" },
      Schedule: { type: "string" },
      Role: { type: "string" },
      DatabaseName: { type: "string" },
    },
  },
};

const EXAMPLES = `
Settings beyond these options come from a file in the form of the Glue API (--settings): Targets of all kinds, SchemaChangePolicy,
RecrawlPolicy, Configuration. Options given here win over it. A crawler runs once at a time, whoever starts it; schedules are kept for
the runner and for dynaframe serve.

Examples:
  $ dynaframe crawler create lake ./data --database shop --schedule "cron(15 2 * * ? *)"
  $ dynaframe crawler start lake
  $ dynaframe crawler history lake
  $ dynaframe crawler schedule lake stop`;

export const crawlerCommand: CommandDefinition = (program, run) => {
  const crawler = program
    .command("crawler")
    .description("make, run and look after crawlers that the catalog keeps")
    .addHelpText("after", EXAMPLES);
  const settings = (name: string) =>
    crawler
      .command(name)
      .argument("<name>", "name of the crawler")
      .argument("[paths...]", "folders or files to crawl")
      .option("-d, --database <name>", "database for its tables (default: default)")
      .option("--prefix <text>", "put before the names of new tables")
      .option("--exclude <glob>", "files to leave out, relative to each path; repeatable", collect, [])
      .option("--sample <files>", "files to read of each folder, 1 to 249", parseCount("--sample", 1, 249))
      .option("--classifiers <names>", "custom classifiers of the catalog, in their order", parseNames)
      .option("--description <text>", "what it is for")
      .option("--schedule <cron>", 'when the runner starts it, such as "cron(15 2 * * ? *)", UTC')
      .option("--settings <file>", "JSON file in the form of the Glue API's CreateCrawler");
  const withCrawlers = (invocation: Invocation, use: (crawlers: NamedCrawlers) => Promise<void>): Promise<void> =>
    withExisting(invocation, async (glue) => use(await glue.crawlers()));
  const said = (invocation: Invocation, name: string, what: string): Promise<void> =>
    invocation.terminal.out(
      invocation.global.json ? jsonDocument({ [what]: name }) : `${what} crawler ${printable(name)}\n`,
    );

  settings("create")
    .description("keep a crawler under a name")
    .action(
      run(async (invocation, name: string, paths: readonly string[], options: SettingsOptions) => {
        const { schedule, ...given } = await settingsOf(name, paths, options);
        if (given.Targets === undefined) throw new UsageError("crawler create needs paths, or --settings with Targets");
        const { Targets } = given;
        await withContext(invocation, async (glue) => (await glue.crawlers()).create({ ...given, Targets }, schedule));
        return said(invocation, name, "created");
      }),
    );
  settings("update")
    .description("change what is named, keep the rest")
    .action(
      run((invocation, name: string, paths: readonly string[], options: SettingsOptions) =>
        withCrawlers(invocation, async (crawlers) => {
          const { schedule, ...given } = await settingsOf(name, paths, options);
          if (Object.keys(given).length > 1) await crawlers.update(given);
          else await crawlers.get(name); // it is there, at least
          if (schedule !== undefined) await crawlers.schedule(name, { expression: schedule });
          return said(invocation, name, "updated");
        }),
      ),
    );
  crawler
    .command("list")
    .description("list all crawlers")
    .action(
      run((invocation) =>
        withCrawlers(invocation, async (crawlers) => {
          const all = await crawlers.list();
          return invocation.terminal.out(
            invocation.global.json ? jsonDocument(all) : printCrawlers(all, invocation.style),
          );
        }),
      ),
    );
  crawler
    .command("get")
    .argument("<name>", "name of the crawler")
    .description("print a crawler as JSON, as GetCrawler gives it")
    .action(
      run((invocation, name: string) =>
        withCrawlers(invocation, async (crawlers) => invocation.terminal.out(jsonDocument(await crawlers.get(name)))),
      ),
    );
  crawler
    .command("delete")
    .argument("<name>", "name of the crawler")
    .description("forget a crawler; its tables stay")
    .action(
      run((invocation, name: string) =>
        withCrawlers(invocation, async (crawlers) => {
          await crawlers.delete(name);
          return said(invocation, name, "deleted");
        }),
      ),
    );
  crawler
    .command("start")
    .argument("<name>", "name of the crawler")
    .option(
      "--events <queue>",
      "for CRAWL_EVENT_MODE: the ARN of an SQS queue, or a file of events of objects, one a line",
    )
    .option("-v, --verbose", "give the reason of every decision")
    .description("crawl now, and print what was done")
    .action(run((invocation, name: string, options: StartOptions) => start(invocation, name, options)));
  crawler
    .command("stop")
    .argument("<name>", "name of the crawler")
    .description("stop its crawl, in whatever process it runs; the catalog stays as before it")
    .action(
      run((invocation, name: string) =>
        withCrawlers(invocation, async (crawlers) => {
          await crawlers.stop(name);
          return said(invocation, name, "stopping");
        }),
      ),
    );
  crawler
    .command("schedule")
    .argument("<name>", "name of the crawler")
    .argument("<change>", 'start, stop, none, or a new "cron(…)"')
    .description("switch its schedule on or off, or change it")
    .action(
      run((invocation, name: string, change: string) =>
        withCrawlers(invocation, async (crawlers) => {
          if (!["start", "stop", "none"].includes(change))
            await checkSchedule("schedule takes start, stop, none or a cron expression", change);
          await crawlers.schedule(
            name,
            change === "start" || change === "stop" ? change : { expression: change === "none" ? "" : change },
          );
          return said(invocation, name, "scheduled");
        }),
      ),
    );
  crawler
    .command("history")
    .argument("<name>", "name of the crawler")
    .description("list its crawls, newest first")
    .action(
      run((invocation, name: string) =>
        withCrawlers(invocation, async (crawlers) => {
          const crawls = await crawlers.history(name);
          return invocation.terminal.out(
            invocation.global.json ? jsonDocument(crawls) : printNamedCrawls(crawls, invocation.style),
          );
        }),
      ),
    );
  crawler
    .command("metrics")
    .argument("[name]", "of one crawler only")
    .description("tables made, changed and deleted, and durations")
    .action(
      run((invocation, name: string | undefined) =>
        withCrawlers(invocation, async (crawlers) => {
          const metrics = await crawlers.metrics(name);
          return invocation.terminal.out(
            invocation.global.json ? jsonDocument(metrics) : printCrawlerMetrics(metrics, invocation.style),
          );
        }),
      ),
    );
};

type StartOptions = { readonly events?: string; readonly verbose?: boolean };

async function start(invocation: Invocation, name: string, { events, verbose = false }: StartOptions): Promise<void> {
  const { terminal, global, style, fail } = invocation;
  await withExisting(invocation, async (glue) => {
    const progress = await openProgress(terminal, { quiet: global.quiet });
    const queue =
      events === undefined ? {} : { events: (await import("../../crawler/events/open-queue.js")).openQueue(events) };
    let report: CrawlReport;
    try {
      report = await (await glue.crawlers({ onProgress: progress.update, ...queue })).start(name, terminal.signal);
    } finally {
      progress.stop();
    }
    await terminal.out(global.json ? jsonDocument(report) : printCrawl(report, style, { verbose }));
    if (report.problems.length > 0) fail();
  });
}

/** @throws UsageError for a schedule that is none */
async function checkSchedule(option: string, expression: string): Promise<void> {
  const { checkCronExpression } = await import("../../catalog/definitions/cron-expression.js");
  try {
    checkCronExpression(expression);
  } catch (error) {
    throw error instanceof DynaframeError
      ? new UsageError(`${option}: ${error.message}, found "${expression}"`, "such as cron(15 12 * * ? *)")
      : error;
  }
}

/** The file's settings with the options over them. */
async function settingsOf(
  name: string,
  paths: readonly string[],
  options: SettingsOptions,
): Promise<Partial<CrawlerSettings> & { readonly Name: string; readonly schedule?: string }> {
  const {
    Schedule,
    Tags: _,
    ...file
  } = options.settings === undefined
    ? {}
    : await readJsonFile<Partial<CrawlerSettings> & { Schedule?: string; Tags?: unknown }>(options.settings, SETTINGS);
  const { database, prefix, exclude, sample, classifiers, description, schedule = Schedule } = options;
  if (options.schedule !== undefined) await checkSchedule("--schedule", options.schedule);
  if (paths.length === 0 && (exclude.length > 0 || sample !== undefined))
    throw new UsageError("--exclude and --sample belong to paths; name these");
  const targets = paths.map((path) => ({
    Path: /^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? path : resolve(path), // it may be started from elsewhere
    ...(exclude.length === 0 ? {} : { Exclusions: exclude }),
    ...(sample === undefined ? {} : { SampleSize: sample }),
  }));
  return {
    ...file,
    Name: name,
    ...(targets.length === 0 ? {} : { Targets: { ...file.Targets, S3Targets: targets } }),
    ...(database === undefined ? {} : { DatabaseName: database }),
    ...(prefix === undefined ? {} : { TablePrefix: prefix }),
    ...(classifiers === undefined ? {} : { Classifiers: classifiers }),
    ...(description === undefined ? {} : { Description: description }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}
