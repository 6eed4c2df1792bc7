/** Records that a run could not take: kept with their place, repaired, and read again on their own. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { GlueContext, Job, type CommitReport, type DynamicFrame, type JobInitOptions } from "../../src/index.js";
import { planReplay } from "../../src/job/quarantine/plan-replay.js";
import { readQuarantine } from "../../src/job/quarantine/quarantine-files.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quarantine-"));
  mkdirSync(join(folder, "in"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const at = (...path: string[]): string => join(folder, ...path);
const put = (name: string, text: string | Buffer): void => {
  writeFileSync(at("in", name), text);
};
const quarantine = () => readQuarantine(at("catalog"), "etl");

const ON: JobInitOptions = { job_bookmark_option: "job-bookmark-enable" };
async function run(
  transform: (frame: DynamicFrame) => DynamicFrame = (frame) => frame,
  args = ON,
  format: "json" | "csv" = "json",
): Promise<CommitReport> {
  await using glue = await GlueContext.open({ catalog: at("catalog"), onWarning: () => undefined });
  const job = await Job.init(glue, "etl", args);
  const options = { connectionType: "file" as const, connectionOptions: { path: at("in") }, transformationCtx: "src" };
  const frame =
    format === "json"
      ? glue.createDynamicFrame.fromOptions({ ...options, format })
      : glue.createDynamicFrame.fromOptions({ ...options, format, formatOptions: { withHeader: true } });
  await glue.writeDynamicFrame.fromOptions({
    frame: transform(frame),
    connectionType: "file",
    connectionOptions: { path: at("out") },
    format: "json",
  });
  return await job.commit();
}
async function replay(
  more: { readonly records?: string; readonly header?: boolean } = {},
  format: "json" | "csv" = "json",
): Promise<CommitReport> {
  await using glue = await GlueContext.open({ catalog: at("catalog") });
  const { planFile } = await planReplay({
    job: "etl",
    catalogFolder: at("catalog"),
    storage: glue.storage,
    id: String(readdirSync(at("catalog", "quarantine", "etl")).length),
    ...more,
  });
  Object.assign(process.env, { DYNAFRAME_RUN_JOB: "etl", DYNAFRAME_REPLAY: planFile });
  try {
    return await run(undefined, ON, format);
  } finally {
    for (const name of ["RUN_JOB", "REPLAY"]) delete process.env[`DYNAFRAME_${name}`];
  }
}
const written = (): unknown[] =>
  (readdirSync(at("out"), { recursive: true }) as string[])
    .map((name) => at("out", name))
    .filter((file) => statSync(file).isFile())
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { id: unknown }).id),
    )
    .sort();

test("malformed records are kept with file, byte range, rule and error; a repaired file is read where it was broken only", async () => {
  put("a.json", '{"id":1}\n{"id":2\n{"id":3}\n{"id":}\n{"id":5}\n');
  put("b.json", '{"id":6}\n');
  expect(await run()).toMatchObject({ read: 6, written: 4, quarantined: 2, filtered: 0, dropped: 0, balanced: true });
  const { records, files } = await quarantine();
  expect(records).toMatchObject([
    {
      step: "src",
      file: at("in", "a.json"),
      offset: 9,
      end: 16,
      text: '{"id":2',
      rule: expect.any(String),
      error: expect.any(String),
    },
    { file: at("in", "a.json"), offset: 26, end: 33, text: '{"id":}' },
  ]);
  expect(files).toMatchObject([{ path: at("in", "a.json"), malformed: 2, listed: 2 }]);

  put("a.json", '{"id":1}\n{"id":20, "note":"longer than before"}\n{"id":3}\n{"id":40}\n{"id":5}\n');
  expect(await replay()).toMatchObject({ read: 2, written: 2, quarantined: 0 });
  expect(written()).toEqual([1, 20, 3, 40, 5, 6].sort());
  expect(await quarantine()).toEqual({ records: [], files: [] });
  expect(await run()).toMatchObject({ read: 0, written: 0 }); // the repaired file counts as read
  put("c.json", '{"id":7}\n');
  expect(await run()).toMatchObject({ read: 1, written: 1 });
});

test("a repair that takes a record out leaves nothing to read", async () => {
  put("a.json", '{"id":1}\nrubbish\n');
  await run();
  put("a.json", '{"id":1}\n\n');
  expect(await replay()).toMatchObject({ read: 0, written: 0 });
  expect((await quarantine()).records).toEqual([]);
  expect(written()).toEqual([1]);
});

test("a file that was changed elsewhere too is refused; so is one that was not repaired", async () => {
  put("a.json", '{"id":1}\n{"id":2\n{"id":3}\n');
  await run();
  await expect(replay()).rejects.toMatchObject({
    code: "NOT_REPLAYABLE",
    message: expect.stringContaining("was not repaired"),
  });
  put("a.json", '{"id":1}\n{"id":2}\n{"id":33}\n');
  await expect(replay()).rejects.toMatchObject({ code: "NOT_REPLAYABLE", file: at("in", "a.json") });
  expect((await quarantine()).records).toHaveLength(1);
});

test("what is broken after the repair too is quarantined again", async () => {
  put("a.json", '{"id":1}\n{"id":2\n');
  await run();
  put("a.json", '{"id":1}\n{"id":2 again\n');
  expect(await replay()).toMatchObject({ read: 1, written: 0, quarantined: 1 });
  expect((await quarantine()).records).toMatchObject([{ text: '{"id":2 again' }]);
});

test("records of a compressed file are given by hand", async () => {
  put("a.json.gz", gzipSync('{"id":1}\n{"id":2\n'));
  await run();
  expect((await quarantine()).files).toMatchObject([{ malformed: 1 }]);
  expect((await quarantine()).files[0]).not.toHaveProperty("rest");
  writeFileSync(at("fixed.json"), '{"id":2}\n');
  expect(await replay({ records: at("fixed.json") })).toMatchObject({ read: 1, written: 1 });
  expect(written()).toEqual([1, 2]);
});

test("a CSV's repaired records get its header", async () => {
  put("a.csv", 'id,name\n1,x\n2,"never closed\n');
  expect(await run(undefined, ON, "csv")).toMatchObject({ quarantined: 1 });
  put("a.csv", "id,name\n1,x\n2,closed\n");
  expect(await replay({ header: true }, "csv")).toMatchObject({ read: 1, written: 1, quarantined: 0 });
  expect(written()).toEqual(["1", "2"]);
});

test("a record that a function failed on is kept with what the function was given, and cannot be replayed", async () => {
  put("a.json", '{"id":1}\n{"id":2}\n');
  expect(
    await run((frame) =>
      frame.map(
        (record) => {
          if (record["id"] === 2) throw new Error("two is too many");
          return record;
        },
        { transformationCtx: "strict" },
      ),
    ),
  ).toMatchObject({ read: 2, written: 1, quarantined: 1 });
  expect((await quarantine()).records).toMatchObject([
    { step: "strict", rule: "FUNCTION_FAILED", error: "two is too many", text: '{"id":2}' },
  ]);
  await expect(replay()).rejects.toMatchObject({
    code: "NOT_REPLAYABLE",
    message: expect.stringContaining("a function failed on it"),
  });
});

test("what does not commit is not quarantined", async () => {
  put("a.json", '{"id":1}\nbroken\n');
  await using glue = await GlueContext.open({ catalog: at("catalog") });
  const job = await Job.init(glue, "etl", ON);
  await glue.writeDynamicFrame.fromOptions({
    frame: glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: at("in") },
      format: "json",
      transformationCtx: "src",
    }),
    connectionType: "file",
    connectionOptions: { path: at("out") },
    format: "json",
  });
  await job.abandon();
  expect((await quarantine()).records).toEqual([]);
});
