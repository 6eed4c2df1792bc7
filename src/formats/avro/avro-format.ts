import { checkOptions, type OptionTable } from "../check-options.js";
import type { Format } from "../index.js";
import { recordFormat } from "../record-format.js";
import { schemaOption } from "../schema-option.js";
import { avroVersion } from "./avro-version.js";

const OPTIONS: OptionTable = { version: "any", withSchema: "any" };

/**
 * Avro object container files. `version` "1.8" reads logical types: decimal, date, timestamp (milliseconds and
 * microseconds), local timestamps. The default, as Glue's, is "1.7": decimals are binary, dates int, timestamps long.
 * docs/decisions/0038.
 */
export const avroFormat: Format = recordFormat({
  name: "avro",
  detect: (head) => Buffer.from(head.subarray(0, 4)).toString("latin1") === "Obj\u0001",
  checkOptions: (options) => {
    checkOptions("avro", options, OPTIONS);
    avroVersion(options);
    schemaOption(options);
  },
  reader: async (options) => (await import("./read-avro.js")).avroReader(avroVersion(options) === "1.8"),
});
