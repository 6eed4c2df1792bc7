/** A file that is not local, copied into the staging folder of a session. */
import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ScanFile } from "../plan/ir/relation.js";
import { DynaframeError } from "../types/error.js";
import type { EngineEnvironment, RunOptions } from "./index.js";
import { interrupted } from "./interrupted.js";

const BLOCK = 1 << 20;

/** The path of the copy. @throws FILE_CHANGED when it is not what was listed. */
export async function copyToStaging(
  file: ScanFile,
  environment: EngineEnvironment,
  { signal }: RunOptions,
): Promise<string> {
  const target = join(environment.stagingDirectory, `copy-${randomUUID()}.parquet`);
  const reader = await environment.storage.open(file.path);
  try {
    if (reader.ref.etag !== file.etag)
      throw new DynaframeError("FILE_CHANGED", `The file changed after it was listed: ${file.path}`, {
        file: file.path,
        hint: "Crawl or list again.",
      });
    const writer = await open(target, "w");
    try {
      const block = new Uint8Array(BLOCK);
      for (let at = 0, count = -1; count !== 0; at += count) {
        if (signal?.aborted) throw interrupted(signal.reason);
        count = await reader.read(block, at);
        await writer.write(block, 0, count);
      }
    } finally {
      await writer.close();
    }
    environment.onBytesRead?.("stage", file.size);
    return target;
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  } finally {
    await reader.close();
  }
}
