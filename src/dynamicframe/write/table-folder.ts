// what leads to another folder, or into no file system's names; `%` so that no two names have one folder
const ESCAPED = /[\u0000-\u001f%/\\\u007f]/g;

/**
 * The folder of a collection's frame. Names of relationalized frames come from keys of the data: `/` and the like are
 * `%xx`, as in partition folders.
 */
export const tableFolder = (name: string): string =>
  /^\.{1,2}$/.test(name)
    ? name.replaceAll(".", "%2E")
    : name.replace(ESCAPED, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
