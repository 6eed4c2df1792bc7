import { badValue } from "../check-options.js";
import type { FormatOptions } from "../index.js";

/** Glue's `version`: "1.7" (default) without logical types, "1.8" with them. @throws BAD_OPTION */
export function avroVersion({ version = "1.7" }: FormatOptions): "1.7" | "1.8" {
  if (version === "1.7" || version === 1.7) return "1.7";
  if (version === "1.8" || version === 1.8) return "1.8";
  throw badValue("avro", "version", '"1.7" or "1.8"', version);
}
