/** One Avro record that lies in memory, as a value of a field does. */
import type { SourceStruct } from "../../shapes/records/record-reader.js";
import { fromChunks } from "../../shapes/unpack/byte-stream.js";
import { DynaframeError } from "../../types/error.js";
import { AvroCursor } from "./avro-cursor.js";
import type { AvroType } from "./avro-schema.js";
import { avroReader } from "./read-avro.js";
import { valueReader } from "./read-value.js";

/**
 * The record in the bytes: those of an object container file with one record, or, with a `schema`, of a bare value in
 * binary encoding.
 * @throws NOT_A_RECORD, or what is wrong with the bytes.
 */
export async function readAvroBytes(
  bytes: Uint8Array,
  schema: AvroType | undefined,
  logical: boolean,
): Promise<SourceStruct> {
  return schema === undefined ? fromContainer(bytes, logical) : bareValue(Buffer.from(bytes), schema, logical);
}

function bareValue(bytes: Buffer, schema: AvroType, logical: boolean): SourceStruct {
  const cursor = new AvroCursor(bytes);
  cursor.expect(1);
  const value = valueReader(schema, logical)(cursor);
  if (!cursor.ended)
    throw new DynaframeError("CORRUPT", `${bytes.length - cursor.at} bytes are left behind the value`, {
      hint: "Give the schema that the value was written with.",
    });
  if (cursor.badText) throw new DynaframeError("INVALID_UTF8", "a string of the value is not UTF-8");
  if (value.tag !== "struct")
    throw new DynaframeError("NOT_A_RECORD", `the value is a ${value.tag}, not a record`, {
      expected: "a record",
      found: value.tag,
    });
  return value;
}

async function fromContainer(bytes: Uint8Array, logical: boolean): Promise<SourceStruct> {
  let rest: Uint8Array | undefined = bytes;
  const source = fromChunks(
    () => {
      const chunk = rest;
      rest = undefined;
      return Promise.resolve(chunk);
    },
    () => undefined,
    () => undefined,
  );
  let record: SourceStruct | undefined;
  let records = 0;
  for await (const events of avroReader(logical)({
    file: "",
    source,
    encoding: { compression: "none", bom: "none" },
    start: 0,
  })) {
    for (const event of events) {
      if (event.kind === "malformed") throw new DynaframeError(event.code, event.reason);
      if (event.kind !== "record") continue;
      record = event.value;
      if (++records > 1) break;
    }
  }
  if (record === undefined || records > 1) {
    throw new DynaframeError(
      "NOT_A_RECORD",
      `the value holds ${records === 0 ? "no record" : "more than one record"}`,
      { expected: "one record", found: records === 0 ? "none" : "several" },
    );
  }
  return record;
}
