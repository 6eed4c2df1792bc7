import { writeFile } from "node:fs/promises";
import { withFileErrors } from "../../storage/file-error.js";
import { resolve } from "node:path";
import type { CrawlOptions, CrawlPlan, CrawlReport } from "../../index.js";
import { collect, parseCount } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { readCrawlerFile } from "../crawler-file.js";
import { withContext, withoutTrace } from "../open-context.js";
import { printCrawl } from "../print/crawl-report.js";
import { jsonDocument } from "../print/json.js";
import { openProgress } from "../progress/open-progress.js";
import { UsageError } from "../usage-error.js";

type CrawlCommandOptions = {
  readonly database: string;
  readonly prefix?: string;
  readonly exclude: readonly string[];
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly out?: string;
  readonly verbose?: boolean;
  readonly events?: string;
  readonly sample?: number;
  readonly recurse: boolean;
};

const EXAMPLES = `
A crawler file is a JSON object with any of exclusions, tablePrefix, crawlerName, classifiers, schemaChangePolicy,
recrawlPolicy, configuration; options given here win over it.

Examples:
  $ dynaframe crawl ./data --database shop
  $ dynaframe crawl ./orders ./customers --database shop --prefix raw_ --exclude "**/tmp/**"
  $ dynaframe crawl ./data --database shop --dry-run --out plan.json && dynaframe apply plan.json`;

export const crawlCommand: CommandDefinition = (program, run) => {
  program
    .command("crawl")
    .argument("<paths...>", "folders or files; each is crawled as a root of its own")
    .description("read every record of the files, and put tables with exact schemas into the catalog")
    .requiredOption("-d, --database <name>", "database of the catalog; made when there is none")
    .option("--prefix <text>", "put before the names of new tables")
    .option(
      "--exclude <glob>",
      "files to leave out, relative to the path (** crosses folders); repeatable",
      collect,
      [],
    )
    .option(
      "--sample <files>",
      "files to read of each folder, 1 to 249; the others belong to the table unread",
      parseCount("--sample", 1, 249),
    )
    .option("--no-recurse", "only the files directly in the folders")
    .option(
      "--events <queue>",
      "for recrawl policy CRAWL_EVENT_MODE: the ARN of an SQS queue, or a file of events of objects, one a line; those dealt with are taken out",
    )
    .option("--config <file>", "crawler settings, a JSON file")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--out <file>", "with --dry-run: keep the plan for dynaframe apply")
    .option("-v, --verbose", "give the reason of every decision")
    .addHelpText("after", EXAMPLES)
    .action(
      run(async (invocation, paths: readonly string[], options: CrawlCommandOptions) => {
        const { terminal, global, style, fail } = invocation;
        const dryRun = options.dryRun === true;
        if (options.out !== undefined && !dryRun) throw new UsageError("--out keeps a plan and needs --dry-run");
        const request = await crawlOptions(paths, options);
        await (dryRun ? withoutTrace : withContext)(invocation, async (glue) => {
          const progress = await openProgress(terminal, { quiet: global.quiet });
          const { openQueue } = await import("../../crawler/events/open-queue.js");
          const work = {
            signal: terminal.signal,
            onProgress: progress.update,
            ...(options.events === undefined ? {} : { events: openQueue(options.events) }),
          };
          let result: CrawlPlan | CrawlReport;
          try {
            result = dryRun ? await glue.planCrawl(request, work) : await glue.crawl(request, work);
          } finally {
            progress.stop();
          }
          const { out } = options;
          if (out !== undefined) await withFileErrors(out, () => writeFile(out, jsonDocument(result)));
          await terminal.out(
            global.json ? jsonDocument(result) : printCrawl(result, style, { verbose: options.verbose === true }),
          );
          if (options.out !== undefined)
            terminal.err(`plan written to ${options.out}; apply it with: dynaframe apply ${options.out}\n`);
          if (result.problems.length > 0) fail();
        });
      }),
    );
};

async function crawlOptions(
  paths: readonly string[],
  { database, prefix, exclude, config, sample, recurse }: CrawlCommandOptions,
): Promise<CrawlOptions> {
  const fromFile = config === undefined ? {} : await readCrawlerFile(config);
  return {
    ...fromFile,
    database,
    includes: paths.map((path) => ({
      path: /^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? path : resolve(path), // a plan may be applied from elsewhere
      ...(sample === undefined ? {} : { sampleSize: sample }),
      ...(recurse ? {} : { recurse }),
    })),
    ...(prefix === undefined ? {} : { tablePrefix: prefix }),
    ...(exclude.length === 0 ? {} : { exclusions: exclude }),
  };
}
