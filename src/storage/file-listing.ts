import type { BigIntStats, Dirent } from "node:fs";
import { readdir as readFolder, statSync } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { DynaframeError } from "../types/error.js";
import { errnoOf, fileError, withFileErrors } from "./file-error.js";
import { fileRef } from "./file-ref.js";
import type { FileRef, ListOptions } from "./index.js";

/** Files looked at at once: enough to hide latency of a network disk, few enough for any descriptor limit. */
const STATS_AT_ONCE = 32;

type Found = { readonly path: string; readonly isLink: boolean };

/**
 * All regular files below a folder, sorted by path in code unit order. Dotfiles are ordinary. Symbolic links to files
 * are files; a linked folder is entered once per listing and never when it is the folder itself, an ancestor of it or
 * one below it, so that no loop or web of links can make the walk long. Sockets, pipes and devices are left out.
 */
export async function listFolder(root: string, options: ListOptions): Promise<readonly FileRef[]> {
  const entered = new Set([await withFileErrors(root, () => realpath(root))]);
  const files: FileRef[] = [];
  const looker = quickLooker();
  const folders = [root];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const found = await walk(folder, folders, options);
    const linked: string[] = [];
    await inGroups(found, options, async (entry) => {
      const ref = await look(entry, linked, options, looker);
      if (ref !== undefined) files.push(ref);
    });
    if (options.recurse !== false) folders.push(...(await enterable(linked, entered)));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/**
 * A tree is fast-glob's; a folder without folders, or whose folders do not matter, needs no walk, nor the 25 ms that
 * loading the walker takes.
 */
async function walk(folder: string, folders: string[], options: ListOptions): Promise<readonly Found[]> {
  const entries = await entriesOf(folder, options);
  if (options.recurse !== false && entries.some((entry) => entry.isDirectory()))
    return walkTree(folder, folders, options);
  return entries.flatMap((entry) =>
    entry.isFile() || entry.isSymbolicLink()
      ? [{ path: below(folder, entry.name), isLink: entry.isSymbolicLink() }]
      : [],
  );
}

async function entriesOf(folder: string, { onUnreadable }: ListOptions): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (onUnreadable === undefined) throw fileError(error, folder);
    if (errnoOf(error) !== "ENOENT") onUnreadable(folder, fileError(error, folder));
    return [];
  }
}

// Links are collected, not followed: fast-glob would follow a loop as deep as the system allows, once per link.
async function walkTree(folder: string, folders: string[], options: ListOptions): Promise<readonly Found[]> {
  const { default: fastGlob } = await import("fast-glob");
  const found: Found[] = [];
  const keep = (path: string, entry: Dirent): void => {
    if (entry.isFile() || entry.isSymbolicLink()) found.push({ path, isLink: entry.isSymbolicLink() });
  };
  const odd = (path: string, entry: Dirent): void => {
    if (entry.isDirectory()) folders.push(path);
    keep(path, entry);
  };
  const stream = fastGlob.stream("**", {
    cwd: folder,
    dot: true,
    onlyFiles: false,
    followSymbolicLinks: false,
    objectMode: true,
    unique: false,
    fs: { readdir: readdirFor(odd, options.onUnreadable) as typeof readFolder },
  });
  try {
    for await (const entry of stream as AsyncIterable<unknown>) {
      options.signal?.throwIfAborted();
      const { path, dirent } = entry as { path: string; dirent: Dirent };
      keep(below(folder, path), dirent);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    const at = error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : folder;
    throw fileError(error, at);
  }
  return found;
}

const below = (folder: string, name: string): string =>
  folder.endsWith("/") ? `${folder}${name}` : `${folder}/${name}`;

type ReadFolderCallback = (error: NodeJS.ErrnoException | null, entries?: Dirent[]) => void;

/**
 * What `.` of a regular expression, and so fast-glob's `**`, does not match: such names would be left out in silence.
 */
const LINE_BREAK = /[\n\r\u2028\u2029]/;

/**
 * The folder reader given to fast-glob. Names with line breaks go to `odd` instead; a folder that may not be read
 * counts as empty and is named to `onUnreadable`, if there is one.
 */
function readdirFor(odd: (path: string, entry: Dirent) => void, onUnreadable: ListOptions["onUnreadable"]) {
  return (path: string, options: { withFileTypes: true }, done: ReadFolderCallback): void => {
    readFolder(path, options, (error, entries) => {
      if (error === null) {
        for (const entry of entries) if (LINE_BREAK.test(entry.name)) odd(below(path, entry.name), entry);
        return done(
          null,
          entries.filter((entry) => !LINE_BREAK.test(entry.name)),
        );
      }
      if (onUnreadable === undefined) return done(error);
      if (error.code !== "ENOENT") onUnreadable(path, fileError(error, path));
      done(null, []);
    });
  };
}

async function look(
  entry: Found,
  linked: string[],
  options: ListOptions,
  looker: Looker,
): Promise<FileRef | undefined> {
  try {
    const stats = await looker(entry.path);
    if (stats.isFile()) return fileRef(entry.path, stats);
    if (stats.isDirectory() && entry.isLink) linked.push(entry.path);
    return undefined;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" && !entry.path.includes("\uFFFD") && !(entry.isLink && (await exists(entry.path))))
      return undefined; // gone since
    const failure =
      entry.path.includes("\uFFFD") && errnoOf(error) === "ENOENT"
        ? notUnicode(entry.path)
        : fileError(error, entry.path);
    if (options.onUnreadable === undefined) throw failure;
    options.onUnreadable(entry.path, failure);
    return undefined;
  }
}

type Looker = (path: string) => BigIntStats | Promise<BigIntStats>;

/**
 * A look at a local disk takes some microseconds, a turn through the thread pool ten times that; a slow disk is asked
 * for many at once.
 */
const QUICK_MS = 0.2;
const PROBES = 32;

/** On this thread as long as that is quick. */
function quickLooker(): Looker {
  let slowness = 0;
  let looks = 0;
  return (path) => {
    if (looks >= PROBES && slowness > QUICK_MS) return stat(path, { bigint: true });
    const begun = process.uptime();
    try {
      return statSync(path, { bigint: true });
    } finally {
      looks++;
      slowness += ((process.uptime() - begun) * 1000 - slowness) / PROBES;
    }
  };
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const notUnicode = (path: string): DynaframeError =>
  new DynaframeError("INVALID_NAME", `${path} has a name that is not UTF-8`, {
    file: path,
    hint: "Rename the file; its name cannot be spelled in a path.",
  });

async function enterable(linked: readonly string[], entered: Set<string>): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const link of [...linked].sort()) {
    const target = await realpath(link).catch(() => undefined);
    if (target === undefined) continue;
    const known = [...entered].some(
      (folder) => folder === target || target.startsWith(join(folder, "/")) || folder.startsWith(join(target, "/")),
    );
    if (known) continue;
    entered.add(target);
    folders.push(link);
  }
  return folders;
}

async function inGroups<T>(
  items: readonly T[],
  options: ListOptions,
  visit: (item: T) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < items.length; from += STATS_AT_ONCE) {
    options.signal?.throwIfAborted();
    await Promise.all(items.slice(from, from + STATS_AT_ONCE).map(visit));
  }
}
