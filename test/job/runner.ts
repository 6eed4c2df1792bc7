/** Services for running jobs in a test's own process, on a catalog in a folder. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { openCatalog } from "../../src/open.js";
import type { Catalog } from "../../src/catalog/index.js";
import { createDefinition } from "../../src/catalog/definitions/definition.js";
import { checkJob, jobRef, type JobSettings } from "../../src/job/definition/job-record.js";
import type { RunServices } from "../../src/job/run/run-services.js";
import { scriptRunner } from "../../src/job/script/run-script.js";

export type TestRunner = RunServices & {
  readonly logFolder: string;
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly stop: () => void;
};

export async function openRunner(folder: string): Promise<TestRunner> {
  const catalog: Catalog = await openCatalog(join(folder, "catalog"));
  const logFolder = join(folder, "catalog", "logs", "jobs");
  const works: Promise<void>[] = [];
  const abort = new AbortController();
  const settled = async (): Promise<void> => {
    for (let i = 0; i < works.length; i++) await works[i];
  };
  return {
    catalog,
    logFolder,
    now: () => Date.now() / 1000,
    newId: () => randomUUID().replaceAll("-", ""),
    signal: abort.signal,
    background: {
      add: (work) => {
        works.push(work);
      },
    },
    runJob: scriptRunner({
      catalog: catalog.address,
      logFolder,
      packageEntry: join(process.cwd(), "dist", "esm", "index.js"),
    }),
    settled,
    stop: () => {
      abort.abort();
    },
    close: async () => {
      abort.abort();
      await settled();
      await catalog.close();
    },
  };
}

export async function defineJob(
  { catalog }: RunServices,
  name: string,
  script: string,
  settings: JobSettings = {},
): Promise<void> {
  const whole: JobSettings = { Role: "", Command: { Name: "glueetl", ScriptLocation: script }, ...settings };
  checkJob(whole);
  await createDefinition(catalog, jobRef(name), { settings: whole, active: [] });
}

export async function until<T>(get: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await get();
    if (isDone(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
