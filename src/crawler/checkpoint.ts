/**
 * What a crawl has scanned so far, kept aside while it runs: a crawl that was killed goes on where it was. And what was
 * scanned of strays, so that they are not read again by each crawl. A file of lines, each a block of ledgers with its
 * checksum; a line cut off by the kill is passed over.
 */
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { packFileLedger, unpackFileLedger } from "../shapes/ledger-blob.js";
import type { FileLedger } from "../shapes/ledger.js";
import { createPathDictionary } from "../shapes/path-dictionary.js";
import type { FileRef } from "../storage/index.js";
import type { Classification } from "./classify/classification.js";

export type ScannedFile = {
  readonly ref: FileRef;
  readonly classification: Classification;
  readonly ledger: FileLedger;
};
/** A file that no table took, and why. */
export type StrayFile = ScannedFile & { readonly detail: string };

export type Checkpoint = {
  /** What an earlier crawl with the same settings scanned of a file as it is now. */
  readonly find: (ref: FileRef) => ScannedFile | undefined;
  readonly add: (file: ScannedFile) => void;
  /**
   * Why a file as it is now was a stray at the end of the last crawl with the same settings; undefined when it was
   * none.
   */
  readonly strayDetail: (ref: FileRef) => string | undefined;
  /** Once the crawl is in the catalog: nothing stays but what was scanned of its strays, which no table keeps. */
  readonly finish: (strays: readonly StrayFile[]) => void;
  /** Files that were found. */
  readonly resumed: () => number;
};

type Block = {
  readonly settings: string;
  readonly paths: string;
  readonly files: readonly (readonly [FileRef, Classification, string, string?])[];
};

/** Short crawls write nothing. */
const FLUSH_MS = 15_000;
const FLUSH_BYTES = 256_000_000;
/** The text of a block is some kB for each file. */
const BLOCK_FILES = 1000;

/**
 * `settings`: a hash of what decides how files are read. A file that cannot be written is done without: the crawl then
 * starts anew.
 */
export function openCheckpoint(path: string, settings: string, flushMs = FLUSH_MS): Checkpoint {
  const known = load(path, settings);
  let waiting: ScannedFile[] = [];
  let bytes = 0;
  let flushed = performance.now();
  let found = 0;
  const flush = (): void => {
    for (let from = 0; from < waiting.length; from += BLOCK_FILES)
      append(path, block(waiting.slice(from, from + BLOCK_FILES), settings));
    [waiting, bytes, flushed] = [[], 0, performance.now()];
  };
  const same = (ref: FileRef): Kept | undefined => {
    const file = known.get(ref.path);
    return file?.ledger.etag === ref.etag && file.ledger.size === ref.size ? file : undefined;
  };
  return {
    find: (ref) => {
      const file = same(ref);
      if (file === undefined) return undefined;
      if (file.detail === undefined) found++;
      return { classification: file.classification, ledger: file.ledger, ref };
    },
    strayDetail: (ref) => same(ref)?.detail,
    add: (file) => {
      waiting.push(file);
      bytes += file.ref.size;
      if (bytes >= FLUSH_BYTES || performance.now() - flushed >= flushMs) flush();
    },
    finish: (strays) => {
      rmSync(path, { force: true });
      if (strays.length > 0) append(path, block(strays, settings));
    },
    resumed: () => found,
  };
}

type Kept = ScannedFile & { readonly detail?: string };

function block(files: readonly Kept[], settings: string): Block {
  const dictionary = createPathDictionary();
  const rows = files.map(({ ref, classification, ledger, detail }): Block["files"][number] => {
    const blob = Buffer.from(packFileLedger(ledger, dictionary)).toString("base64");
    return detail === undefined ? [ref, classification, blob] : [ref, classification, blob, detail];
  });
  return { settings, paths: Buffer.from(dictionary.toBytes()).toString("base64"), files: rows };
}

function append(path: string, data: Block): void {
  const text = deflateRawSync(JSON.stringify(data), { level: 1 }).toString("base64");
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, `\n${checksum(text)} ${text}\n`, { mode: 0o600 });
  } catch {
    // a full disk will stop the crawl elsewhere, with a reason
  }
}

function load(path: string, settings: string): ReadonlyMap<string, Kept> {
  const files = new Map<string, Kept>();
  for (const line of contents(path).split("\n")) {
    const text = line.slice(line.indexOf(" ") + 1);
    if (line === "" || line.slice(0, line.indexOf(" ")) !== checksum(text)) continue;
    // ours: the checksum holds
    const data = JSON.parse(inflateRawSync(Buffer.from(text, "base64")).toString("utf8")) as Block;
    if (data.settings !== settings) continue;
    const dictionary = createPathDictionary(Buffer.from(data.paths, "base64"));
    for (const [ref, classification, blob, detail] of data.files) {
      files.set(ref.path, {
        ref,
        classification,
        ledger: unpackFileLedger(Buffer.from(blob, "base64"), dictionary),
        ...(detail === undefined ? {} : { detail }),
      });
    }
  }
  return files;
}

function contents(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const checksum = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
