/** Types without parameters by their names. */
import {
  BINARY, BOOLEAN, BYTE, DATE, DOUBLE, FLOAT, INT, LONG, NULL, SHORT, STRING, TIMESTAMP, TIMESTAMPNTZ, UNKNOWN, type AtomicKind, type AtomicType,
} from "./data-type.js";

export const ATOMIC_TYPES: { readonly [K in AtomicKind]: AtomicType } = Object.freeze({
  binary: BINARY, boolean: BOOLEAN, byte: BYTE, date: DATE, double: DOUBLE, float: FLOAT, int: INT, long: LONG, null: NULL, short: SHORT, string: STRING,
  timestamp: TIMESTAMP, timestampntz: TIMESTAMPNTZ, unknown: UNKNOWN,
});
