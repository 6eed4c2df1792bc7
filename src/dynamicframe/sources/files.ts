/** `createDynamicFrame.fromOptions` over files: list, scan every record, plan a typed scan. */
import type { RunOptions } from "../../engine/index.js";
import type { FormatName, FormatOptions } from "../../formats/index.js";
import { formatOf } from "../../formats/registry.js";
import { schemaOption } from "../../formats/schema-option.js";
import type { ScanFile } from "../../plan/ir/relation.js";
import type { FileLedger } from "../../shapes/ledger.js";
import { isDataFile } from "../../storage/data-file.js";
import { partitionFolders } from "../../storage/hive-path.js";
import type { FileRef } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import type { FrameNode, FrameSession } from "../frame-node.js";
import { requestedType } from "../with-schema.js";
import { declareSchema } from "./declared-schema.js";
import { inputsOfRun } from "./run-inputs.js";
import { scanSource } from "./scan-source.js";

export type FilesArgs = {
  readonly paths: readonly string[];
  readonly format: FormatName;
  readonly formatOptions: FormatOptions;
  readonly recurse: boolean;
  readonly transformationCtx: string;
};

export const filesNode = (args: FilesArgs): FrameNode => ({
  kind: "fromOptions", args, inputs: [], options: { transformationCtx: args.transformationCtx },
  resolve: async (_, session, run) => {
    const { files: listed, partitionKeys } = await listPartitioned(args, session, run);
    const { files, notes } = await inputsOfRun(session, args, args.paths.join(","), listed);
    const ledgers = await scanAll(args.format, files, args.formatOptions, session, run);
    const type = requestedType(args.format, args.formatOptions);
    const resolved = scanSource({
      name: args.paths.join(","), format: args.format, options: args.formatOptions, files, ledgers, partitionKeys, session, ...(type ? { recordType: () => type } : {}),
      bytesScanned: files.reduce((sum, f) => sum + f.size, 0), notes,
    });
    const schema = type ? undefined : schemaOption(args.formatOptions);
    return schema === undefined ? resolved : { ...resolved, relation: declareSchema(resolved.relation, schema) };
  },
});

/** Exact ledgers of files, in their order. */
export async function scanAll(format: FormatName, files: readonly FileRef[], options: FormatOptions, session: FrameSession, run: RunOptions): Promise<readonly FileLedger[]> {
  const ledgers: FileLedger[] = [];
  for await (const ledger of formatOf(format).scan(files, options, session.scanContext(run))) ledgers.push(ledger);
  return ledgers;
}

/** The data files below the paths. `key=value` folders become partition columns when every file has the same keys. */
async function listPartitioned(args: FilesArgs, session: FrameSession, run: RunOptions): Promise<{ files: readonly ScanFile[]; partitionKeys: readonly string[] }> {
  const found = new Map<string, { file: FileRef; base: string }>();
  for (const address of args.paths) {
    const base = session.storage.resolve(address);
    for await (const file of session.storage.list(address, { recurse: args.recurse, ...(run.signal ? { signal: run.signal } : {}) })) {
      if (isDataFile(file, base) || file.path === base) found.set(file.path, { file, base });
    }
  }
  if (found.size === 0) {
    throw new DynaframeError("NO_FILES", `There are no data files under ${args.paths.join(", ")}.`, {
      path: args.paths.join(","), hint: "Check the path; files that begin with '_' or '.' and empty files are passed over.",
    });
  }
  const entries = [...found.values()].sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  const folders = entries.map(({ file, base }) => partitionFolders(base, file.path));
  const keys = folders[0]?.map((f) => f.key) ?? [];
  const agree = folders.every((levels) => levels !== undefined && levels.length === keys.length && levels.every((l, i) => l.key === keys[i]));
  if (!agree || keys.length === 0) return { files: entries.map((e) => e.file), partitionKeys: [] };
  return { files: entries.map((e, i) => ({ ...e.file, partition: (folders[i] ?? []).map((l) => l.value) })), partitionKeys: keys };
}
