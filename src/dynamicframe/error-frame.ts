/** errorsAsDynamicFrame: one struct column `error` per error record (docs/sources.md#methods). */
import { values } from "../plan/ir/build.js";
import { LONG, STRING, struct, structOf, type DataType, type StructType } from "../types/data-type.js";
import { inferType } from "../types/infer.js";
import { toTyped } from "../types/typed.js";
import { mendTexts } from "../types/well-formed.js";
import { mergeDataTypes } from "../types/merge.js";
import type { Row } from "../types/value.js";
import type { ErrorRecord, FrameNode, Resolved } from "./frame-node.js";

export const errorsNode = (of: FrameNode): FrameNode => ({
  kind: "errorsAsDynamicFrame",
  args: {},
  inputs: [of],
  options: {},
  resolve: async ([input]) => {
    const records = (input?.errors ?? []).flatMap((stage) => stage.records);
    return errorRelation(records);
  },
});

/** The record, null where its values have no type. */
function typedRecord(record: ErrorRecord["record"]): { readonly record: unknown; readonly type: DataType } {
  const { value } = mendTexts(record);
  try {
    return { record: value, type: value === null ? struct() : inferType(value) };
  } catch {
    return { record: null, type: struct() };
  }
}

function errorRelation(records: readonly ErrorRecord[]): Resolved {
  // a function of a partition may have given what no type carries
  const held = records.map((r) => typedRecord(r.record));
  const dynamicRecord = held.reduce((merged, { type }) => mergeDataTypes(merged, type), struct() as DataType);
  const type: StructType = structOf({
    error: structOf({
      callsite: structOf({ site: STRING, info: STRING }),
      msg: STRING,
      stackTrace: STRING,
      input: STRING,
      bytesread: LONG,
      source: STRING,
      dynamicRecord,
    }),
  });
  const rows = records.map((r, i): Row => ({
    error: {
      callsite: { site: r.site, info: r.info },
      msg: r.message,
      stackTrace: r.stackTrace,
      input: r.input,
      bytesread: r.bytesread,
      source: r.source,
      dynamicRecord: toTyped(held[i]?.record, dynamicRecord) ?? null,
    },
  }));
  return {
    relation: values(rows, type),
    errors: [],
    dropped: [],
    recordwise: true,
    sources: [
      { id: "errors", name: "errors", files: 0, records: rows.length, malformed: 0, bytesScanned: 0, notes: [] },
    ],
  };
}
