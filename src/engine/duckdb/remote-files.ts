/**
 * Files that are not local, as DuckDB may read them: by its own S3 reader, or copied into staging, each version once
 * per session.
 */
import type { ScanFile, ScanRelation } from "../../plan/ir/relation.js";
import { copyToStaging } from "../copy-to-staging.js";
import type { EngineEnvironment, RunOptions } from "../index.js";
import { Httpfs } from "./httpfs.js";
import type { Workspace } from "./workspace.js";

export class RemoteFiles {
  private readonly made = new Map<string, Promise<string>>();
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
    const url = access && (await this.httpfs.urlFor(access, options));
    if (url !== undefined) return url;
    const key = JSON.stringify([file.path, file.etag]);
    const copy = this.made.get(key) ?? copyToStaging(file, this.environment, options);
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
    if (refusal !== undefined) return `${from} downloaded to staging (${refusal})`;
    let taken = 0;
    for (const { path } of remote) {
      const access = await storage.engineAccess?.(path);
      if (access !== undefined && this.httpfs.takes(access)) taken++;
    }
    const left = remote.length - taken;
    const by = `${from} read by DuckDB's httpfs`;
    return left === 0
      ? by
      : `${taken === 0 ? from : `${by} but ${left}, which are`} downloaded to staging (their keys expire, or their names or secrets are none that httpfs can be given)`;
  }
}
