/** `npm run docs:compatibility`: writes docs/glue-compatibility.md, or with `--check` says whether it is up to date. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compatibilityPage, requireAllOptions, type OpResults } from "./compatibility/page.js";
import { Prober } from "./compatibility/probe.js";
import { SECTIONS } from "./compatibility/sections.js";

const PAGE = "docs/glue-compatibility.md";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      results: { type: "string" },
      check: { type: "boolean", default: false },
      root: { type: "string", default: "." },
    },
  });
  if (values.results === undefined) throw new Error("--results FILE is needed: the JSON report of a conformance run");
  const prober = await Prober.open();
  try {
    await requireAllOptions(
      SECTIONS.flatMap(({ entries }) => entries),
      prober,
    );
    const page = await compatibilityPage(SECTIONS, await readResults(values.results), prober, values.root);
    const path = join(values.root, PAGE);
    if (!values.check) {
      await writeFile(path, page);
      process.stdout.write(`${PAGE} written\n`);
      return 0;
    }
    if ((await readFile(path, "utf8").catch(() => "")) === page) return 0;
    process.stderr.write(
      `${PAGE} is not what the package and the conformance run say; run: npm run docs:compatibility\n`,
    );
    return 1;
  } finally {
    await prober.close();
  }
}

async function readResults(file: string): Promise<OpResults> {
  const { cases } = JSON.parse(await readFile(file, "utf8")) as {
    readonly cases: readonly { readonly op: string; readonly status: string }[];
  };
  const byOp = new Map<string, { passed: number; failed: number }>();
  for (const { op, status } of cases) {
    const found = byOp.get(op) ?? { passed: 0, failed: 0 };
    byOp.set(op, found);
    if (status === "PASS") found.passed++;
    if (status === "FAIL") found.failed++;
  }
  return byOp;
}

process.exitCode = await main();
