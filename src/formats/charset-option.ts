import { type Charset, CHARSET_NAMES, charsetOf } from "../shapes/unpack/charset.js";
import { badValue, textOption } from "./check-options.js";
import { nearestName } from "../types/nearest-name.js";
import type { FormatName, FormatOptions } from "./index.js";

/**
 * The reader option `encoding`, default UTF-8; a byte order mark in a file decides over it.
 * @throws BAD_OPTION with the names that are read.
 */
export function charsetOption(format: FormatName, options: FormatOptions): Charset {
  const name = textOption(options, "encoding");
  const charset = name === undefined ? "utf-8" : charsetOf(name);
  if (charset !== undefined) return charset;
  const near = nearestName(name ?? "", CHARSET_NAMES);
  throw badValue(
    format,
    "encoding",
    `${CHARSET_NAMES.join(", ")}${near === undefined ? "" : ` (did you mean ${near}?)`}`,
    name,
  );
}
