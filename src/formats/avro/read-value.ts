/** Values of Avro's types as the ledger counts them. */
import type { SourceScalar, SourceValue } from "../../shapes/records/record-reader.js";
import { assertNever, BIGINT } from "../../types/data-type.js";
import { DateValue, Decimal, TimestampValue } from "../../types/value.js";
import type { AvroCursor } from "./avro-cursor.js";
import type { AvroType, LogicalType } from "./avro-schema.js";

export type ReadValue = (cursor: AvroCursor) => SourceValue;

const NULL_VALUE: SourceScalar = Object.freeze({ tag: "null", value: null });
const TRUE: SourceScalar = Object.freeze({ tag: "boolean", value: true });
const FALSE: SourceScalar = Object.freeze({ tag: "boolean", value: false });

/**
 * The reader of a type's values. Without `logical` (Glue's version 1.7) logical types are passed over: decimals are
 * binary, dates int, timestamps long. Times of day and durations are so in any case, as Glue has them.
 * docs/decisions/0038.
 */
export function valueReader(type: AvroType, logical: boolean): ReadValue {
  return readerOf(type, logical, new Map());
}

function readerOf(type: AvroType, logical: boolean, known: Map<AvroType, ReadValue>): ReadValue {
  const made = known.get(type) ?? makeReader(type, logical, known);
  known.set(type, made); // a named type may stand in very many places
  return made;
}

function makeReader(type: AvroType, logical: boolean, known: Map<AvroType, ReadValue>): ReadValue {
  switch (type.kind) {
    case "null":
      return () => NULL_VALUE;
    case "boolean":
      return (c) => (c.byte() === 0 ? FALSE : TRUE);
    case "int":
      return logical && type.logical?.name === "date"
        ? (c) => ({ tag: "date", value: new DateValue(c.int()) })
        : (c) => ({ tag: "int", value: c.int() });
    case "long":
      return logical && type.logical ? timestampReader(type.logical) : (c) => ({ tag: "long", value: c.long() });
    case "float":
      return (c) => ({ tag: "float", value: c.float() });
    case "double":
      return (c) => ({ tag: "double", value: c.double() });
    case "string":
      return (c) => ({ tag: "string", value: c.text() });
    case "bytes":
      return logical && type.logical?.name === "decimal"
        ? decimalReader(type.logical, (c) => c.lengthAndBytes())
        : (c) => ({ tag: "binary", value: Uint8Array.from(c.lengthAndBytes()) });
    case "fixed": {
      const { size } = type;
      return logical && type.logical?.name === "decimal"
        ? decimalReader(type.logical, (c) => c.take(size))
        : (c) => ({ tag: "binary", value: Uint8Array.from(c.take(size)) });
    }
    case "enum": {
      const symbols = type.symbols.map((value): SourceScalar => Object.freeze({ tag: "string", value }));
      return (c) => symbols[c.index(symbols.length, "a symbol")] ?? NULL_VALUE;
    }
    case "union": {
      const branches = type.branches.map((branch) => readerOf(branch, logical, known));
      return (c) => branches[c.index(branches.length, "a branch")]?.(c) ?? NULL_VALUE;
    }
    case "array": {
      const read = readerOf(type.items, logical, known);
      return (c) => {
        const elements: SourceValue[] = [];
        c.items(() => void elements.push(read(c)));
        return { tag: "array", elements };
      };
    }
    case "map": {
      const read = readerOf(type.values, logical, known);
      return (c) => {
        const entries = new Map<string, SourceValue>();
        c.items(() => {
          const key = c.text();
          entries.set(key, read(c));
        });
        return { tag: "map", entries };
      };
    }
    case "record": {
      const fields = type.fields.map((f) => ({ name: f.name, read: readerOf(f.type, logical, known) }));
      return (c) => {
        c.expect(1);
        const values = new Map<string, SourceValue>();
        for (const { name, read } of fields) values.set(name, read(c));
        return { tag: "struct", fields: values };
      };
    }
    default:
      return assertNever(type);
  }
}

function timestampReader({ name }: LogicalType): ReadValue {
  const unit = name.endsWith("millis") ? 1000n : 1n;
  const tag = name.startsWith("local") ? "timestampntz" : "timestamp";
  return (c) => {
    const micros = BigInt(c.long()) * unit;
    // milliseconds past the range of microseconds stay the integer they are
    return BigInt.asIntN(64, micros) === micros
      ? { tag, value: new TimestampValue(micros) }
      : { tag: "long", value: micros / unit };
  };
}

/** The unscaled value is a big-endian two's complement number. One of more than 38 digits is its text. */
function decimalReader(
  { precision, scale }: Extract<LogicalType, { name: "decimal" }>,
  bytesOf: (cursor: AvroCursor) => Buffer,
): ReadValue {
  return (c) => {
    const bytes = bytesOf(c);
    const value = new Decimal(
      bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`)),
      scale,
    );
    const digits = Math.max(scale, value.unscaled.toString().replace("-", "").length);
    if (digits > BIGINT.precision) return { tag: "string", value: value.toString() };
    return { tag: "decimal", value, precision: Math.max(digits, Math.min(precision, BIGINT.precision)) };
  };
}
