/**
 * The folder that a catalog's address names (`./lake`, `sqlite:./lake`); undefined for one elsewhere, whose address
 * begins with another scheme. `./a:b` is a folder, as is a drive's letter.
 */
export function catalogFolder(address: string): string | undefined {
  const folder = address.replace(/^sqlite:/i, "");
  return /^[a-z][a-z0-9+.-]+:/i.test(folder) ? undefined : folder;
}

/**
 * Where this machine keeps what goes with a catalog and is no object of it (staging, leases, histories, logs): in its
 * folder, or for one elsewhere in `./.dynaframe`.
 */
export const folderBeside = (address: string): string => catalogFolder(address) ?? "./.dynaframe";
