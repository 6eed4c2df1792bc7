/** errorsAsDynamicFrame: one struct column `error` per error record (docs/sources.md#methods). */
import { values } from "../plan/ir/build.js";
import { LONG, STRING, struct, structOf, type StructType } from "../types/data-type.js";
import { inferType } from "../types/infer.js";
import { toTyped } from "../types/typed.js";
import { mergeDataTypes } from "../types/merge.js";
import type { Row } from "../types/value.js";
import type { ErrorRecord, FrameNode, Resolved } from "./frame-node.js";

export const errorsNode = (of: FrameNode): FrameNode => ({
  kind: "errorsAsDynamicFrame", args: {}, inputs: [of], options: {},
  resolve: async ([input]) => {
    const records = (input?.errors ?? []).flatMap((stage) => stage.records);
    return errorRelation(records);
  },
});

function errorRelation(records: readonly ErrorRecord[]): Resolved {
  const dynamicRecord = records.map((r) => (r.record === null ? struct() : inferType(r.record)))
    .reduce((a, b) => mergeDataTypes(a, b), struct() as ReturnType<typeof inferType>);
  const type: StructType = structOf({
    error: structOf({
      callsite: structOf({ site: STRING, info: STRING }), msg: STRING, stackTrace: STRING, input: STRING, bytesread: LONG, source: STRING, dynamicRecord,
    }),
  });
  const rows = records.map((r): Row => ({
    error: {
      callsite: { site: r.site, info: r.info }, msg: r.message, stackTrace: r.stackTrace, input: r.input, bytesread: r.bytesread, source: r.source,
      dynamicRecord: r.record === null ? null : toTyped(r.record, dynamicRecord),
    },
  }));
  return {
    relation: values(rows, type), errors: [], dropped: [], recordwise: true,
    sources: [{ id: "errors", name: "errors", files: 0, records: rows.length, malformed: 0, bytesScanned: 0, notes: [] }],
  };
}

