/** What scanning is given. */
import type { Storage } from "../storage/index.js";
import type { KeptThreads } from "./kept-threads.js";
import type { RecordReader } from "./scan-task.js";
import type { Aside, AsideFiles } from "./shred/aside-scanner.js";
import type { TaskCluster } from "./task-cluster.js";

/** What scanning needs of `ScanContext` (src/formats), which lies above this layer. */
export type ScanFilesContext = {
  readonly storage: Storage;
  readonly workers: number;
  /** Where threads wait for the next scan; absent: they end with this one. */
  readonly threads?: KeptThreads;
  readonly cluster?: TaskCluster;
  readonly signal?: AbortSignal;
  readonly once?: boolean;
  /** Records are shredded in the same pass, where this machine scans them. */
  readonly aside?: Aside & {
    /** Called before the scan ends: the files with all its records; undefined where shredding them has failed. */
    readonly onShredded: (files: AsideFiles | undefined) => void;
  };
  readonly onProgress?: (progress: {
    readonly phase: "scan";
    readonly filesDone: number;
    readonly files: number;
    readonly bytesDone: number;
    readonly bytes: number;
  }) => void;
  readonly onBytesScanned?: (bytes: number) => void;
};

export type ScanFilesOptions = {
  readonly reader: RecordReader;
  /** Name of the format in the ledgers. */
  readonly format: string;
  /** Bytes of the largest record held. */
  readonly maxRecord?: number;
  /** Stored bytes from which worker threads start, and of one range of a large file; for tests. */
  readonly workersAbove?: number;
  readonly rangeBytes?: number;
};
