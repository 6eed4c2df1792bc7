/** Files that are not local, as DuckDB may read them: by its own S3 reader, or copied into staging, each version once per session. */
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ScanFile, ScanRelation } from "../../plan/ir/relation.js";
import { DynaframeError } from "../../types/error.js";
import type { EngineEnvironment, RunOptions } from "../index.js";
import { interrupted } from "./failure.js";
import { Httpfs } from "./httpfs.js";
import type { Workspace } from "./workspace.js";

const BLOCK = 1 << 20;

export class RemoteFiles {
  private readonly made = new Map<string, Promise<string>>();
  private copies = 0;
  private readonly environment: EngineEnvironment;
  private readonly httpfs: Httpfs;

  constructor(workspace: Workspace) {
    this.environment = workspace.environment;
    this.httpfs = new Httpfs(workspace);
  }

  /** What DuckDB opens for the file. @throws FILE_CHANGED when it is not what was listed. */
  async pathFor(file: ScanFile, options: RunOptions): Promise<string> {
    const { storage } = this.environment;
    const local = storage.localPath(file.path);
    if (local !== undefined) return local;
    const access = await storage.engineAccess?.(file.path);
    const url = access && await this.httpfs.urlFor(access, options);
    if (url !== undefined) return url;
    const key = JSON.stringify([file.path, file.etag]);
    const copy = this.made.get(key) ?? this.copy(file, options);
    this.made.set(key, copy);
    copy.catch(() => this.made.delete(key));
    return copy;
  }

  /** How the files of a scan come here, for explain(); nothing of local ones. */
  async describe({ files, format }: ScanRelation): Promise<string | undefined> {
    const { storage } = this.environment;
    const remote = files.filter(({ path }) => storage.localPath(path) === undefined);
    if (remote.length === 0) return undefined;
    const from = `${remote.length} of ${files.length} files from ${/^[a-z0-9]+:/.exec(remote[0]?.path ?? "")?.[0] ?? "elsewhere:"}`;
    if (format !== "parquet") return `${from} streamed`;
    const refusal = await this.httpfs.refusal();
    return refusal === undefined ? `${from} read by DuckDB's httpfs; those it cannot reach are downloaded to staging` : `${from} downloaded to staging (${refusal})`;
  }

  private async copy(file: ScanFile, { signal }: RunOptions): Promise<string> {
    const { storage, stagingDirectory } = this.environment;
    const target = join(stagingDirectory, `copy-${++this.copies}.parquet`);
    const reader = await storage.open(file.path);
    try {
      if (reader.ref.etag !== file.etag) throw new DynaframeError("FILE_CHANGED", `The file changed after it was listed: ${file.path}`, { file: file.path, hint: "Crawl or list again." });
      const writer = await open(target, "w");
      try {
        const block = new Uint8Array(BLOCK);
        for (let at = 0, count = -1; count !== 0; at += count) {
          if (signal?.aborted) throw interrupted(signal.reason);
          count = await reader.read(block, at);
          await writer.write(block, 0, count);
        }
      } finally { await writer.close(); }
      this.environment.onBytesRead?.("stage", file.size);
      return target;
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    } finally { await reader.close(); }
  }
}
