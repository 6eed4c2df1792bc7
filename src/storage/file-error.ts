import { DynaframeError } from "../types/error.js";

type Known = { readonly code: string; readonly says: string; readonly hint: string };

const KNOWN: { readonly [errno: string]: Known } = {
  ENOENT: {
    code: "PATH_NOT_FOUND",
    says: "does not exist",
    hint: "Check the spelling; relative paths start from the current folder.",
  },
  ENOTDIR: {
    code: "PATH_NOT_FOUND",
    says: "does not exist (a part of the path is a file)",
    hint: "Check the spelling; a file stands where a folder was expected.",
  },
  EACCES: {
    code: "ACCESS_DENIED",
    says: "may not be accessed by this user",
    hint: "Give this user the right to it, or run as another user.",
  },
  EPERM: {
    code: "ACCESS_DENIED",
    says: "may not be changed by this user",
    hint: "Check the owner and the flags of the file and its folder.",
  },
  ENOSPC: {
    code: "NO_SPACE",
    says: "cannot be written: the disk is full",
    hint: "Free some space, or write to another disk; nothing partial was left under the final name.",
  },
  EDQUOT: {
    code: "NO_SPACE",
    says: "cannot be written: the disk quota is used up",
    hint: "Free some space, or write to another disk; nothing partial was left under the final name.",
  },
  EROFS: {
    code: "READ_ONLY",
    says: "cannot be written: the file system is read-only",
    hint: "Write to another place, or mount it writable.",
  },
  EISDIR: { code: "IS_A_FOLDER", says: "is a folder, a file was expected", hint: "Name a file in it." },
  ENOTEMPTY: { code: "IS_A_FOLDER", says: "is a folder, a file was expected", hint: "Name a file in it." },
  EEXIST: {
    code: "TARGET_EXISTS",
    says: "exists already",
    hint: "Choose another name, or a mode that may replace it.",
  },
  ELOOP: { code: "SYMLINK_LOOP", says: "is a symbolic link that leads to itself", hint: "Remove or repair the link." },
  ENAMETOOLONG: {
    code: "NAME_TOO_LONG",
    says: "has a name longer than the file system allows",
    hint: "Use a shorter name.",
  },
  ERR_INVALID_ARG_VALUE: {
    code: "BAD_ADDRESS",
    says: "is no path: it holds a zero byte",
    hint: "Choose another name.",
  },
  EMFILE: {
    code: "TOO_MANY_OPEN_FILES",
    says: "cannot be opened: too many open files",
    hint: "Raise the limit (ulimit -n) or use fewer workers.",
  },
  ENFILE: {
    code: "TOO_MANY_OPEN_FILES",
    says: "cannot be opened: too many open files",
    hint: "Raise the limit (ulimit -n) or use fewer workers.",
  },
};

/** The system's error name of a failed call (`ENOENT`), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** A system error as an error with a stable code, the file and what to do next. Our own errors pass unchanged. */
export function fileError(error: unknown, file: string): DynaframeError {
  if (error instanceof DynaframeError) return error;
  const known = KNOWN[errnoOf(error) ?? ""];
  if (known !== undefined)
    return new DynaframeError(known.code, `${file} ${known.says}`, { file, hint: known.hint, cause: error });
  const detail = error instanceof Error ? error.message : String(error);
  return new DynaframeError("IO_ERROR", `${file} cannot be read or written: ${detail}`, {
    file,
    hint: "Look at the cause; trying again may help.",
    cause: error,
  });
}

/** Runs a file system call, turning its failure into `fileError`. */
export async function withFileErrors<T>(file: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fileError(error, file);
  }
}
