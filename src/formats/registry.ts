import { DynaframeError } from "../types/error.js";
import { nearestName } from "../types/nearest-name.js";
import { avroFormat } from "./avro/avro-format.js";
import { csvFormat } from "./csv.js";
import { grokFormat } from "./grok/grok-format.js";
import type { Format } from "./index.js";
import { jsonFormat } from "./json.js";
import { orcFormat } from "./orc.js";
import { parquetFormat } from "./parquet/parquet-format.js";
import { xmlFormat } from "./xml/xml-format.js";

/** In the order in which a file is asked what it is. */
const FORMATS = Object.freeze({
  avro: avroFormat,
  orc: orcFormat,
  parquet: parquetFormat,
  json: jsonFormat,
  xml: xmlFormat,
  grokLog: grokFormat,
  csv: csvFormat,
});

export type FormatName = keyof typeof FORMATS;

/** The names of the formats that can be read. ORC is known too, but only to be refused with what to do. */
export const formatNames = (): readonly FormatName[] =>
  Object.keys(FORMATS)
    .filter(isFormatName)
    .filter((name) => name !== "orc");

/** True for the name of a known format. */
export const isFormatName = (name: unknown): name is FormatName =>
  typeof name === "string" && Object.hasOwn(FORMATS, name);

/** The format of that name; an unknown one is UNSUPPORTED_FORMAT with the nearest known name. */
export function formatOf(name: string): Format {
  if (isFormatName(name)) return FORMATS[name];
  const near = nearestName(name, formatNames());
  throw new DynaframeError("UNSUPPORTED_FORMAT", `there is no format ${name}`, {
    expected: formatNames().join(", "),
    found: name,
    ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
  });
}
