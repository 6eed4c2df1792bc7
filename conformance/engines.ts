/**
 * `npm run docs:engines`: writes docs/engines.md from conformance runs, or with `--check` says whether it is up to
 * date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { enginesPage, type EngineReport, type SailReport } from "./engines/page.js";

const PAGE = "docs/engines.md";
const SAIL = "conformance/engines/sail.json";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      results: { type: "string", multiple: true },
      check: { type: "boolean", default: false },
      root: { type: "string", default: "." },
    },
  });
  const reports = await Promise.all(
    (values.results ?? []).map(async (file) => JSON.parse(await readFile(file, "utf8")) as EngineReport),
  );
  if (reports.length === 0)
    throw new Error("--results FILE is needed, for each run: the JSON report of a conformance run");
  const sail = JSON.parse(await readFile(join(values.root, SAIL), "utf8")) as SailReport;
  const page = enginesPage(reports, sail);
  const path = join(values.root, PAGE);
  if (!values.check) {
    await writeFile(path, page);
    process.stdout.write(`${PAGE} written\n`);
    return 0;
  }
  if ((await readFile(path, "utf8").catch(() => "")) === page) return 0;
  process.stderr.write(`${PAGE} is not what the conformance runs say; run: npm run docs:engines\n`);
  return 1;
}

process.exitCode = await main();
