/** Where the key of a catalog's secrets can be found by its name: its files, and the ways to their folder. */
import { readFile, realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** One of the files that has another name elsewhere (a hard link), by which it would still be found. */
export async function linkedElsewhere(files: readonly string[]): Promise<string | undefined> {
  const all = (
    await Promise.all(files.map(async (file) => ({ file, is: await stat(file).catch(() => undefined) })))
  ).flatMap(({ file, is }) => (is?.isFile() === true ? [{ file, is }] : []));
  return all.find(
    ({ is }) => is.nlink > all.filter((other) => other.is.ino === is.ino && other.is.dev === is.dev).length,
  )?.file;
}

/**
 * Other ways to a folder and to what lies in it: the same file system may be mounted twice (proc_pid_mountinfo(5)).
 * Give its real path.
 */
export async function otherWaysTo(folder: string, mountinfo = "/proc/self/mountinfo"): Promise<readonly string[]> {
  const mounts = (await readFile(mountinfo, "utf8")).split("\n").flatMap(mountOf);
  const home = mounts
    .filter(({ point }) => isWithin(folder, point))
    .reduce<Mount | undefined>(
      (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
      undefined,
    );
  if (home === undefined) return [];
  const place = join(home.root, relative(home.point, folder));
  const itself = await stat(folder);
  const ways = mounts
    .filter((mount) => mount !== home && mount.device === home.device)
    .flatMap(({ root, point }) => {
      if (isWithin(place, root)) return [join(point, relative(root, place))];
      return isWithin(root, place) && !isWithin(point, folder) ? [point] : []; // a part of it
    });
  const found = await Promise.all(
    ways.map(async (way) => {
      const there = await stat(way).catch(() => undefined);
      return there !== undefined && there.dev === itself.dev && (await realpath(way)) !== folder ? [way] : [];
    }),
  );
  return [...new Set(found.flat())];
}

type Mount = { readonly device: string; readonly root: string; readonly point: string };

function mountOf(line: string): readonly Mount[] {
  const [, , device, root, point] = line.split(" ");
  return device === undefined || root === undefined || point === undefined
    ? []
    : [{ device, root: plain(root), point: plain(point) }];
}

/** Blanks and the like stand as octal numbers. */
const plain = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
