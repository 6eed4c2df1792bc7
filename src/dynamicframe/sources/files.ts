/** `createDynamicFrame.fromOptions` over files: list, scan every record, plan a typed scan. */
import { compilePushDownPredicate } from "../../catalog/push-down-predicate.js";
import type { RunOptions } from "../../engine/index.js";
import type { FormatName, FormatOptions, WantedFields } from "../../formats/index.js";
import { formatOf } from "../../formats/registry.js";
import { schemaOption } from "../../formats/schema-option.js";
import type { Relation, ScanFile, ScanRelation } from "../../plan/ir/relation.js";
import { neededFields } from "../../plan/needed-fields.js";
import { plainColumns } from "../../plan/plain-columns.js";
import type { FileLedger } from "../../shapes/ledger.js";
import type { WantedResult } from "../../shapes/shred/result-columns.js";
import { isDataFile } from "../../storage/data-file.js";
import { partitionFolders } from "../../storage/hive-path.js";
import type { FileRef } from "../../storage/index.js";
import { ledgerType } from "../../shapes/ledger-type.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { FrameNode, FrameSession, PlanAbove } from "../frame-node.js";
import { startEngine } from "../start-engine.js";
import { filesInBatches } from "../stream/file-batches.js";
import type { TransformOptions } from "../verbs/verb.js";
import { sampleFiles, type SampleOptions } from "./sample-files.js";
import { engineFilesSource } from "./engine-files.js";
import { declareSchema, readForSchema } from "./declared-schema.js";
import { inputsOfRun } from "./run-inputs.js";
import { scanSource } from "./scan-source.js";
import { fileFilter, type SourceSelection } from "./source-options.js";

export type FilesArgs = {
  readonly paths: readonly string[];
  readonly format: FormatName;
  readonly formatOptions: FormatOptions;
  readonly selection: SourceSelection;
  /** Spark SQL over the partition columns that the folders give, which are strings. */
  readonly pushDownPredicate?: string;
  readonly sample?: SampleOptions;
};

export const filesNode = (args: FilesArgs, options: TransformOptions): FrameNode => ({
  ...listedNode(args, options, async (session, run) => {
    const listed = await listPartitioned(args, session, run);
    const inputs = await inputsOfRun(
      session,
      { transformationCtx: options.transformationCtx ?? "", bound: args.selection.bound },
      args.paths.join(","),
      listed.files,
    );
    return { ...listed, files: inputs.files, notes: [...listed.notes, ...inputs.notes] };
  }),
  continuous: filesInBatches({
    name: `${args.format}:${args.paths.join(",")}`,
    bound: args.selection.bound,
    list: (session, run) => listPartitioned(args, session, run),
    nodeOf: (files, listed) =>
      listedNode(args, options, async () => ({ partitionKeys: [], notes: [], ...listed, files })),
  }),
});

const listedNode = (
  args: FilesArgs,
  options: TransformOptions,
  list: (session: FrameSession, run: RunOptions) => Promise<Listed>,
): FrameNode => ({
  kind: "fromOptions",
  args,
  inputs: [],
  options,
  startsEngine: true,
  resolve: async (_, session, run, above) => {
    const { files, partitionKeys, notes } = await list(session, run);
    if (args.format === "orc") {
      return engineFilesSource({
        name: args.paths.join(","),
        format: args.format,
        files,
        partitionKeys,
        notes,
        step: options.transformationCtx || "fromOptions",
        session,
        run,
      });
    }
    const schema = schemaOption(args.formatOptions);
    const asked =
      above === undefined || schema !== undefined || partitionKeys.length > 0 ? undefined : askedBy(above, args, files);
    const wanted = asked?.wanted;
    const resultOf = (type: StructType): WantedResult | undefined => {
      const result = asked?.resultOf(type);
      if (result === undefined) startEngine(session);
      return result;
    };
    const scanned =
      asked
      && (await formatOf(args.format).scanAndStage?.(files, args.formatOptions, asked.wanted, {
        ...session.scanContext(run),
        resultOf,
        onStaging: () => {
          startEngine(session);
        },
        folder: () => session.stagingFolder("scanned"),
      }));
    if (above !== undefined && scanned === undefined) startEngine(session);
    const ledgers = scanned?.ledgers ?? (await scanAll(args.format, files, args.formatOptions, session, run));
    const resolved = scanSource({
      name: args.paths.join(","),
      format: args.format,
      options: args.formatOptions,
      files,
      ledgers,
      partitionKeys,
      session,
      staged: wanted && { by: scanned?.staged, wanted },
      ...(schema && { recordType: (ledger) => readForSchema(args.format, ledgerType(ledger), schema) }),
      step: options.transformationCtx || "fromOptions",
      info: options.info ?? "",
      failFast: args.selection.isFailFast,
      grouping: args.selection.grouping,
      bytesScanned: files.reduce((sum, f) => sum + f.size, 0),
      notes,
    });
    return schema === undefined ? resolved : { ...resolved, relation: declareSchema(resolved.relation, schema) };
  },
});

/** What a plan over records of these files will read of them, and may have made of them, were they of that type. */
function askedBy(
  above: PlanAbove,
  { format, formatOptions }: FilesArgs,
  files: readonly ScanFile[],
): { readonly wanted: WantedFields; readonly resultOf: (type: StructType) => WantedResult | undefined } {
  const planned = <T>(type: StructType, ask: (plan: Relation, scan: ScanRelation) => T): T | undefined => {
    const scan: ScanRelation = Object.freeze({
      kind: "scan",
      id: "",
      format,
      options: formatOptions,
      files,
      partitionKeys: [],
      type,
    });
    try {
      return ask(above(scan), scan);
    } catch (error) {
      // the guess lacks what a verb asks for
      if (error instanceof DynaframeError) return undefined;
      throw error;
    }
  };
  return {
    wanted: (type) => planned(type, (plan, scan) => neededFields(plan).get(scan)),
    resultOf: (type) => planned(type, (plan) => plainColumns(plan)?.wanted),
  };
}

/** Exact ledgers of files, in their order. */
export async function scanAll(
  format: FormatName,
  files: readonly FileRef[],
  options: FormatOptions,
  session: FrameSession,
  run: RunOptions,
): Promise<readonly FileLedger[]> {
  const ledgers: FileLedger[] = [];
  for await (const ledger of formatOf(format).scan(files, options, session.scanContext(run))) ledgers.push(ledger);
  return ledgers;
}

type Listed = {
  readonly files: readonly ScanFile[];
  readonly partitionKeys: readonly string[];
  readonly notes: readonly string[];
};

async function listPartitioned(args: FilesArgs, session: FrameSession, run: RunOptions): Promise<Listed> {
  const listed = await listFiles(args, session, run);
  if (args.pushDownPredicate === undefined || args.pushDownPredicate.trim() === "")
    return { ...listed, files: args.sample ? sampleFiles(listed.files, args.sample) : listed.files };
  const matches = compilePushDownPredicate(
    args.pushDownPredicate,
    listed.partitionKeys.map((name) => ({ name, type: "string" })),
  );
  const files = listed.files.filter((file) => matches(file.partition ?? []) === true);
  return {
    ...listed,
    files: args.sample ? sampleFiles(files, args.sample) : files,
    notes: [...listed.notes, `${files.length} of ${listed.files.length} files selected by predicate.`],
  };
}

/** The data files below the paths. `key=value` folders become partition columns when every file has the same keys. */
async function listFiles(args: FilesArgs, session: FrameSession, run: RunOptions): Promise<Listed> {
  const found = new Map<string, { file: FileRef; base: string }>();
  let excluded = 0;
  for (const address of args.paths) {
    const base = session.storage.resolve(address);
    const wanted = fileFilter(args.selection, base);
    for await (const file of session.storage.list(address, {
      recurse: args.selection.recurse,
      ...(run.signal ? { signal: run.signal } : {}),
    })) {
      if (!isDataFile(file, base) && file.path !== base) continue;
      if (wanted(file)) found.set(file.path, { file, base });
      else excluded++;
    }
  }
  if (found.size === 0) {
    throw new DynaframeError("NO_FILES", `There are no data files under ${args.paths.join(", ")}.`, {
      path: args.paths.join(","),
      hint:
        excluded > 0
          ? `All ${excluded} files are excluded by exclusions or excludeStorageClasses.`
          : "Check the path; files that begin with '_' or '.' and empty files are passed over.",
    });
  }
  const entries = [...found.values()].sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  const folders = entries.map(({ file, base }) => partitionFolders(base, file.path));
  const keys = folders[0]?.map((f) => f.key) ?? [];
  const agree = folders.every(
    (levels) => levels !== undefined && levels.length === keys.length && levels.every((l, i) => l.key === keys[i]),
  );
  const notes = excluded > 0 ? [`${excluded} files excluded by the options.`] : [];
  if (!agree || keys.length === 0) return { files: entries.map((e) => e.file), partitionKeys: [], notes };
  return {
    files: entries.map((e, i) => ({ ...e.file, partition: (folders[i] ?? []).map((l) => l.value) })),
    partitionKeys: keys,
    notes,
  };
}
