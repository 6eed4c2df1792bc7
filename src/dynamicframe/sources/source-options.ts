/**
 * Options of file sources (docs/sources.md#connections): checked when the call is made, honoured when files are listed.
 */
import type { Parameters } from "../../catalog/index.js";
import { nearestName } from "../../types/nearest-name.js";
import { checkCompressionType } from "../../formats/compression.js";
import { compileGlob } from "../../storage/java-glob.js";
import type { FileRef } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import type { FileGrouping } from "./file-groups.js";
import { requireOptions } from "../require-text.js";

/** As scripts write them. Glue takes numbers and booleans as text too. */
export type FileSourceOptions = {
  /**
   * Globs relative to the path, as a list or as the JSON text of one; one that begins with `/` or a scheme means whole
   * addresses.
   */
  readonly exclusions?: string | readonly string[];
  /** Also the folders below; default true (Glue: false; decision 0040). */
  readonly recurse?: boolean | "true" | "false";
  /**
   * `inPartition`: the files of a folder are read in groups of `groupSize` bytes at most, each a partition of the
   * frame; not for Parquet, Avro and ORC.
   */
  readonly groupFiles?: "inPartition" | "none";
  /** Bytes of a group; takes effect with groupFiles, or from more than 50,000 files. */
  readonly groupSize?: string | number;
  /** Checked, and without effect: there is one way to list. */
  readonly useS3ListImplementation?: boolean | "true" | "false";
  /** Milliseconds; checked, and without effect: a bookmark knows each file that was read. */
  readonly maxBand?: string | number;
  /** Files; as `maxBand`. */
  readonly maxFilesInBand?: string | number;
  /** Storage classes of S3 that are passed over; files of other storages have none. */
  readonly excludeStorageClasses?: string | readonly string[];
  /** Checked; each file's own bytes say how it is packed. */
  readonly compressionType?: string;
  /** The first malformed record fails the action. */
  readonly isFailFast?: boolean | "true" | "false";
  /** New files, or their bytes, that one run of a job takes at most; one of the two. */
  readonly boundedFiles?: string;
  /** Bytes, as `boundedFiles` are files. */
  readonly boundedSize?: string;
};

/** The options as they are used. */
export type SourceSelection = {
  readonly recurse: boolean;
  readonly exclusions: readonly string[];
  readonly excludeStorageClasses: readonly string[];
  readonly isFailFast: boolean;
  readonly grouping?: FileGrouping;
  readonly bound?: { readonly kind: "files" | "bytes"; readonly most: number };
};

const CHECKS: { readonly [option in keyof Required<FileSourceOptions>]: (value: unknown) => string | undefined } = {
  exclusions: (value) => (globList(value) ? undefined : "a list of globs, or the JSON text of one"),
  recurse: booleanText,
  isFailFast: booleanText,
  useS3ListImplementation: booleanText,
  groupFiles: (value) => (value === "inPartition" || value === "none" ? undefined : "inPartition or none"),
  groupSize: wholeText,
  maxBand: wholeText,
  maxFilesInBand: wholeText,
  excludeStorageClasses: (value) => (globList(value) ? undefined : "a list of storage classes"),
  compressionType: (value) => {
    checkCompressionType(value);
    return undefined;
  },
  boundedFiles: boundText,
  boundedSize: boundText,
};

const NAMES = Object.keys(CHECKS);

/** The names of a table's parameters that say how its files are read. */
export const isSourceOption = (name: string): boolean => NAMES.includes(name);

/**
 * Checks the options of one call; `own` are names that the caller reads itself. An unknown name is BAD_OPTION with the
 * nearest one, or passed over when not `strict`; a wrong value is BAD_OPTION always.
 */
export function checkSourceOptions(call: string, options: object, own: readonly string[], strict: boolean): void {
  requireOptions(call, options);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || own.includes(name)) continue;
    if (!isSourceOption(name)) {
      if (strict) throw unknownOption(call, name, [...own, ...NAMES]);
      continue;
    }
    const expected = CHECKS[name as keyof FileSourceOptions](value);
    if (expected !== undefined) {
      throw new DynaframeError(
        "BAD_OPTION",
        `${call}: option ${name} takes ${expected}, not ${JSON.stringify(value)}.`,
        { path: name, expected, found: JSON.stringify(value) },
      );
    }
  }
  const { boundedFiles, boundedSize } = options as FileSourceOptions;
  if (boundedFiles !== undefined && boundedSize !== undefined) {
    throw new DynaframeError("BAD_OPTION", `${call}: boundedFiles and boundedSize exclude each other.`, {
      path: "boundedSize",
      hint: "Give one of them.",
    });
  }
}

/** Checked options, and below them a table's parameters of the same names. */
export function sourceSelection(options: FileSourceOptions, parameters: Parameters = {}): SourceSelection {
  const value = (name: keyof FileSourceOptions): unknown => options[name] ?? parameters[name];
  const [files, bytes, groupSize] = [value("boundedFiles"), value("boundedSize"), value("groupSize")];
  return {
    recurse: isTrue(value("recurse"), true),
    // a table's own exclusions are relative to where it was crawled from and are read there
    exclusions: globList(options.exclusions) ?? [],
    excludeStorageClasses: globList(value("excludeStorageClasses")) ?? [],
    isFailFast: isTrue(value("isFailFast"), false),
    ...(groupSize === undefined
      ? {}
      : { grouping: { files: value("groupFiles") as FileGrouping["files"], bytes: Number(groupSize) } }),
    ...(files === undefined ? {} : { bound: { kind: "files", most: Number(files) } as const }),
    ...(files !== undefined || bytes === undefined ? {} : { bound: { kind: "bytes", most: Number(bytes) } as const }),
  };
}

/** Whether a file below `root` is to be read. */
export function fileFilter(
  { recurse, exclusions, excludeStorageClasses }: SourceSelection,
  root: string,
): (file: FileRef) => boolean {
  const whole = exclusions.filter(isAddress).map(compileGlob);
  const relative = exclusions.filter((glob) => !isAddress(glob)).map(compileGlob);
  return ({ path, storageClass }) => {
    const below = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path.slice(path.lastIndexOf("/") + 1);
    if (!recurse && below.includes("/")) return false;
    if (storageClass !== undefined && excludeStorageClasses.includes(storageClass)) return false;
    return !relative.some((matches) => matches(below)) && !whole.some((matches) => matches(path));
  };
}

const isAddress = (glob: string): boolean => glob.startsWith("/") || /^[a-z][a-z0-9+.-]*:\/\//i.test(glob);

/** A list of texts, also as JSON text; undefined for anything else. */
function globList(value: unknown): readonly string[] | undefined {
  let list: unknown = value;
  if (typeof value === "string") {
    try {
      list = JSON.parse(value);
    } catch {
      return undefined;
    }
  }
  return Array.isArray(list) && list.every((item) => typeof item === "string")
    ? (list as readonly string[])
    : undefined;
}

function booleanText(value: unknown): string | undefined {
  return typeof value === "boolean" || value === "true" || value === "false" ? undefined : "true or false";
}

function wholeText(value: unknown): string | undefined {
  return /^\d+$/.test(String(value)) ? undefined : "a whole number";
}

function boundText(value: unknown): string | undefined {
  return typeof value === "string" && /^[1-9]\d*$/.test(value) ? undefined : "a whole number from 1, as text";
}

const isTrue = (value: unknown, otherwise: boolean): boolean =>
  value === undefined ? otherwise : value === true || value === "true";

function unknownOption(call: string, name: string, known: readonly string[]): DynaframeError {
  const near = nearestName(name, known);
  return new DynaframeError("BAD_OPTION", `${call} has no option ${name}.`, {
    path: name,
    found: name,
    expected: known.join(", "),
    hint:
      near === undefined
        ? "strictPaths: false passes unknown options over, as Glue does."
        : `Did you mean ${near}? strictPaths: false passes unknown options over.`,
  });
}
