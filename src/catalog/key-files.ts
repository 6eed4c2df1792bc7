import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * The key files of a catalog and of those beneath it, also what a crash while one was written, or an editor, left
 * (`key.…`, `key~`).
 */
export async function keyFiles(folder: string): Promise<readonly string[]> {
  const names = async (of: string): Promise<readonly string[]> => readdir(of).catch(() => []);
  const folders = [folder, ...(await names(join(folder, "catalogs"))).map((name) => join(folder, "catalogs", name))];
  return (
    await Promise.all(
      folders.map(async (of) =>
        (await names(of)).filter((name) => /^key(?:[.~]|$)/.test(name)).map((name) => join(of, name)),
      ),
    )
  ).flat();
}
