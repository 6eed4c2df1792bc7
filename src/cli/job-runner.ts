import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Catalog } from "../catalog/index.js";
import type { RunServices } from "../job/run/run-services.js";
import type { Terminal } from "./terminal.js";
import { UsageError } from "./usage-error.js";

/** What runs of jobs need of this process. `done` resolves when all that it started has ended. */
export async function jobRunner(
  catalog: Catalog,
  terminal: Terminal,
): Promise<RunServices & { readonly done: () => Promise<void> }> {
  const { scriptRunner } = await import("../job/script/run-script.js");
  const { logFolder } = await import("../job/job-folder.js");
  const works = new Set<Promise<void>>();
  const rate = dpuHourRate(terminal);
  return {
    catalog,
    now: () => Date.now() / 1000,
    newId: () => randomUUID().replaceAll("-", ""),
    signal: terminal.signal,
    background: {
      add: (work) => {
        works.add(work);
        void work.finally(() => works.delete(work));
      },
    },
    runJob: scriptRunner({
      catalog: catalog.address,
      logFolder: logFolder(catalog),
      packageEntry: packageEntry(),
      env: terminal.env,
    }),
    ...(rate === undefined ? {} : { dpuHourRate: rate }),
    done: async () => {
      while (works.size > 0) await Promise.all([...works]);
    },
  };
}

/** This package, for scripts that have it in no node_modules of theirs: the command is `cli/main.js` in it. */
export const packageEntry = (): string => join(dirname(realpathSync(process.argv[1] ?? ".")), "..", "index.js");

function dpuHourRate({ env }: Terminal): number | undefined {
  const text = env["DYNAFRAME_DPU_HOUR_RATE"];
  if (text === undefined || text === "") return undefined;
  const rate = Number(text);
  if (!Number.isFinite(rate) || rate < 0)
    throw new UsageError(`DYNAFRAME_DPU_HOUR_RATE is a price such as 0.44, found "${text}"`);
  return rate;
}
