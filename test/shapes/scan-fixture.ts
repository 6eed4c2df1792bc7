/**
 * A folder of files to scan, and a storage that serves it; kept apart from src/storage so that these tests stand alone.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { FileRef, Storage } from "../../src/storage/index.js";
import { scanJsonFiles } from "../../src/shapes/scan-json.js";
import type { ScanJsonOptions } from "../../src/shapes/scan-json.js";
import type { FileLedger } from "../../src/shapes/ledger.js";
import type { ScanFilesContext } from "../../src/shapes/scan-options.js";

export type Fixture = {
  readonly folder: string;
  readonly storage: Storage;
  write(name: string, content: Uint8Array | string): FileRef;
  scan(refs: readonly FileRef[], options?: ScanJsonOptions, context?: Partial<ScanFilesContext>): Promise<FileLedger[]>;
  scanOne(content: Uint8Array | string, options?: ScanJsonOptions): Promise<FileLedger>;
  remove(): void;
};

function statRef(file: string): FileRef | undefined {
  const stat = fs.statSync(file, { throwIfNoEntry: false, bigint: true });
  if (!stat) return undefined;
  return {
    path: file,
    size: Number(stat.size),
    etag: `${stat.mtimeNs}-${stat.size}-${stat.ino}`,
    modified: Number(stat.mtimeMs),
  };
}

/** `direct` false makes the storage hide its local paths, as a remote one does. */
export function makeStorage(direct = true): Storage {
  const part: Pick<Storage, "localPath" | "stat" | "open"> = {
    localPath: (file) => (direct ? file : undefined),
    stat: async (file) => statRef(file),
    open: async (file) => {
      const handle = await fs.promises.open(file, "r");
      return {
        ref: statRef(file)!,
        read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
        close: () => handle.close(),
      };
    },
  };
  return part as Storage;
}

export function makeFixture(): Fixture {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "shapes-"));
  const storage = makeStorage();
  let next = 0;
  const write = (name: string, content: Uint8Array | string): FileRef => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, content);
    return statRef(file)!;
  };
  const scan: Fixture["scan"] = async (refs, options = {}, context = {}) => {
    const ledgers: FileLedger[] = [];
    for await (const ledger of scanJsonFiles(refs, options, { storage, workers: 1, ...context })) ledgers.push(ledger);
    return ledgers;
  };
  return {
    folder,
    storage,
    write,
    scan,
    async scanOne(content, options) {
      const ref = write(`one-${next++}.json`, content);
      const [ledger] = await scan([ref], options);
      fs.rmSync(ref.path);
      return ledger!;
    },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
