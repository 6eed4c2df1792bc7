/**
 * `unbox`: text inside records, parsed in place. What the text holds is known only when it is read, so it is a pass
 * over the rows.
 */
import type { FormatOptions } from "../formats/index.js";
import { NULL, choice, field, fieldOf, struct, type DataType, type StructType } from "../types/data-type.js";
import { decodeText } from "../shapes/unpack/charset.js";
import { DynaframeError } from "../types/error.js";
import { parsePath } from "../types/path.js";
import { ArmValue, getField, setField, type Row, type Value } from "../types/value.js";
import { avroDecoder } from "./avro-values.js";
import { checkPaths } from "./check-paths.js";
import type { FrameNode } from "./frame-node.js";
import { passNode } from "./lambda-node.js";
import type { Outcome, Step } from "./lambda-pass.js";
import type { TypedValue } from "./lambda-values.js";
import { textParser, unboxCharset } from "./text-parsers.js";
import type { TransformOptions } from "./verbs/verb.js";
import { requireOptions } from "./require-text.js";

/**
 * Every text (or binary in `encoding`, by default UTF-8; for avro every binary) at the path is replaced by what it
 * holds, numbers with the types they are written in. What cannot be parsed makes an error record; null, missing and
 * values of other kinds stay. `withSchema` (Glue's type JSON, or its text) gives the types; a value that does not fit
 * it makes an error record too. Source: docs/sources.md#methods.
 */
export function unboxNode(
  input: FrameNode,
  path: string,
  format: string,
  formatOptions: FormatOptions,
  options: TransformOptions,
): FrameNode {
  if (typeof format !== "string") {
    throw new DynaframeError("UNSUPPORTED_FORMAT", "unbox needs a format.", {
      expected: "json, csv or avro",
      found: typeof format,
      hint: 'Write for instance frame.unbox("payload", "json").',
    });
  }
  requireOptions("unbox", formatOptions);
  const names = fieldNames(path);
  const step = stepOf(format, formatOptions, path, names);
  const pass = passNode("unbox", { path, format, options: formatOptions }, input, options, async () => ({
    step,
    loaderOf: (await import("./loaded-rows.js")).typedRows,
  }));
  return {
    ...pass,
    resolve: async (inputs, session, run) => {
      if (options.strictPaths ?? session.strictPaths)
        checkPaths(
          "unbox",
          [{ path, reach: { choices: true } }],
          inputs.map((i) => i.relation),
        );
      return pass.resolve(inputs, session, run);
    },
  };
}

function stepOf(
  format: string,
  formatOptions: FormatOptions,
  path: string,
  names: readonly string[],
): Step<TypedValue> {
  const shared = sharedTypes();
  const item = (row: Row, type: StructType, read: Unboxing["read"]): Outcome<TypedValue> => ({
    kind: "row",
    item: unboxedAt(row, type, names, { read, shared }),
  });
  if (format.toLowerCase() === "avro") {
    const decode = avroDecoder(formatOptions, path);
    return ({ row: rowAt, type }, at) => {
      const row = rowAt(at);
      const bytes = binaryAt(row, names);
      return bytes === undefined
        ? item(row, type, () => undefined)
        : decode(bytes).then((decoded) => item(row, type, () => decoded));
    };
  }
  const parse = textParser(format, formatOptions, path);
  const charset = unboxCharset(format, formatOptions);
  const read: Unboxing["read"] = (value, type) => {
    const text =
      value instanceof Uint8Array
        ? decodeText(value, charset)
        : type.kind === "string" || type.kind === "enum"
          ? value
          : undefined;
    return typeof text === "string" ? parse(text) : undefined;
  };
  return ({ row, type }, at) => item(row(at), type, read);
}

function binaryAt(value: Value, names: readonly string[]): Uint8Array | undefined {
  if (value instanceof ArmValue) return binaryAt(value.value, names);
  const [name, ...rest] = names;
  if (value instanceof Uint8Array) return name === undefined ? value : undefined;
  return name === undefined || typeof value !== "object" || value === null
    ? undefined
    : binaryAt(getField(value as Row, name), rest);
}

function fieldNames(path: string): readonly string[] {
  return parsePath(path).map((step) => {
    if (step.kind === "field") return step.name;
    throw new DynaframeError("BAD_ARGUMENT", `unbox cannot reach the elements of a list: ${path}.`, {
      path,
      hint: "relationalize first, then unbox the column.",
    });
  });
}

/** `read`: what the value at the path holds; undefined when it is of no kind that is unboxed. */
type Unboxing = {
  readonly read: (value: Value, type: DataType) => TypedValue | undefined;
  readonly shared: SharedTypes;
};

/** The value with the text at the path replaced, and its type with what was found there. */
function unboxedAt(value: Value, type: DataType, names: readonly string[], unboxing: Unboxing): TypedValue {
  if (value === null || value === undefined) return { value, type: withoutText(type, names, unboxing.shared) };
  if (value instanceof ArmValue) {
    const arm = type.kind === "choice" ? type.choices.find((c) => c.kind === value.arm) : undefined;
    return unboxedAt(value.value, arm ?? type, names, unboxing);
  }
  const [name, ...rest] = names;
  if (name === undefined) return unboxed(value, type, unboxing);
  if (type.kind !== "struct" || !fieldOf(type, name)) return { value, type };
  const inner = unboxedAt(getField(value as Row, name), fieldOf(type, name)?.type ?? NULL, rest, unboxing);
  const row: Row = {};
  for (const [key, item] of Object.entries(value as Row)) setField(row, key, key === name ? inner.value : item);
  return { value: row, type: unboxing.shared.withField(type, name, inner.type) };
}

function unboxed(value: Value, type: DataType, { read, shared }: Unboxing): TypedValue {
  const found = read(value, type);
  return found ? { value: found.value, type: shared.same(found.type) } : { value, type };
}

/** The type of a record that has no text at the path: nothing is known there yet. */
function withoutText(type: DataType, names: readonly string[], shared: SharedTypes): DataType {
  const [name, ...rest] = names;
  if (name === undefined) return NULL;
  if (type.kind === "choice")
    return choice(type.choices.map((c) => (c.kind === "struct" ? withoutText(c, names, shared) : c)));
  const own = type.kind === "struct" ? fieldOf(type, name) : undefined;
  return type.kind === "struct" && own ? shared.withField(type, name, withoutText(own.type, rest, shared)) : type;
}

/** Records of one shape share one type object, so that merging the types of many records is quick. */
type SharedTypes = {
  readonly same: (type: DataType) => DataType;
  readonly withField: (type: StructType, name: string, inner: DataType) => StructType;
};

/** Shapes remembered; records of maps may all differ. */
const REMEMBERED = 10_000;

function sharedTypes(): SharedTypes {
  const known = new Map<string, DataType>();
  const built = new WeakMap<StructType, WeakMap<DataType, StructType>>();
  return {
    same: (type) => {
      const key = JSON.stringify(type);
      const found = known.get(key) ?? type;
      if (known.size >= REMEMBERED) known.clear();
      known.set(key, found);
      return found;
    },
    withField: (type, name, inner) => {
      const ofType = built.get(type) ?? new WeakMap<DataType, StructType>();
      built.set(type, ofType);
      const found = ofType.get(inner) ?? struct(type.fields.map((f) => (f.name === name ? field(name, inner) : f)));
      ofType.set(inner, found);
      return found;
    },
  };
}
