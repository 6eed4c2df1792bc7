/**
 * Thrift's compact protocol, the part that Parquet's headers and footers need. Source: apache/thrift
 * doc/specs/thrift-compact-protocol.md.
 */

/** A value with its type; a field of a struct is [field id, value], ids ascending. */
export type ThriftValue =
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "i32" | "i64"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  | { readonly kind: "list"; readonly of: ThriftValue["kind"]; readonly values: readonly ThriftValue[] }
  /** A struct, encoded before. */
  | { readonly kind: "encoded"; readonly bytes: Uint8Array }
  | ThriftStruct;
export type ThriftStruct = { readonly kind: "struct"; readonly fields: readonly (readonly [number, ThriftValue])[] };

const TYPE_CODES = { bool: 1, i32: 5, i64: 6, text: 8, bytes: 8, list: 9, struct: 12, encoded: 12 } as const;

export const i32 = (value: number): ThriftValue => ({ kind: "i32", value });
/** Exact up to 2^53. */
export const i64 = (value: number): ThriftValue => ({ kind: "i64", value });
export const text = (value: string): ThriftValue => ({ kind: "text", value });
export const bytes = (value: Uint8Array): ThriftValue => ({ kind: "bytes", value });
export const bool = (value: boolean): ThriftValue => ({ kind: "bool", value });
export const list = (of: ThriftValue["kind"], values: readonly ThriftValue[]): ThriftValue => ({
  kind: "list",
  of,
  values,
});
/** Fields whose value is undefined are left out. */
export const thriftStruct = (...fields: readonly (readonly [number, ThriftValue | undefined])[]): ThriftStruct => ({
  kind: "struct",
  fields: fields.flatMap(([id, value]) => (value === undefined ? [] : [[id, value] as const])),
});

/** The bytes of a struct. */
export function encodeThrift(value: ThriftStruct): Buffer {
  const out = new ThriftBuffer();
  out.struct(value);
  return out.take();
}

class ThriftBuffer {
  private bytes = Buffer.allocUnsafe(256);
  private length = 0;

  struct(value: ThriftStruct): void {
    let last = 0;
    for (const [id, field] of value.fields) {
      // a boolean field has its value in the type: 1 true, 2 false
      const code = field.kind === "bool" && !field.value ? 2 : TYPE_CODES[field.kind];
      this.byte(((id - last) << 4) | code);
      last = id;
      if (field.kind !== "bool") this.value(field);
    }
    this.byte(0);
  }

  take(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length));
  }

  private value(value: ThriftValue): void {
    switch (value.kind) {
      case "bool":
        return this.byte(value.value ? 1 : 2);
      case "i32":
      case "i64":
        return this.varint(value.value < 0 ? -2 * value.value - 1 : 2 * value.value);
      case "text":
        return this.text(value.value);
      case "bytes":
        this.varint(value.value.length);
        return this.raw(value.value);
      case "list": {
        const { length } = value.values;
        this.byte((Math.min(length, 15) << 4) | TYPE_CODES[value.of]);
        if (length >= 15) this.varint(length);
        for (const item of value.values) this.value(item);
        return;
      }
      case "encoded":
        return this.raw(value.bytes);
      case "struct":
        return this.struct(value);
    }
  }

  private raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  private text(value: string): void {
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.reserve(size);
    this.length += this.bytes.write(value, this.length);
  }

  private varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  private reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe((this.length + size) * 2);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
