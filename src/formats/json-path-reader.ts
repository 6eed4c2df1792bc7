/** Records that a JSON path selects from each value of a file. */
import { isUtf8 } from "node:buffer";
import { elementPath, fieldPath } from "../shapes/path-text.js";
import type {
  RecordEvent,
  RecordReader,
  SourceRecord,
  SourceStruct,
  SourceValue,
} from "../shapes/records/record-reader.js";
import { DynaframeError } from "../types/error.js";
import { type JsonPathStep, selectJson } from "./json-path.js";
import { type JsonText, parseJsonText } from "./json-text.js";
import { type JsonChunk, jsonChunks } from "./json-values.js";

/**
 * Each value of the file is held as a whole; the records lie where it does. A selected array stands for its elements;
 * what is no object is the column `record` of a record, as with Glue's JSON classifiers. A value in which the path
 * leads nowhere gives no record. docs/decisions/0039.
 */
export const jsonPathReader = (steps: readonly JsonPathStep[]): RecordReader =>
  async function* read({ source, start }) {
    for await (const chunk of jsonChunks(source)) yield chunkEvents(chunk, start, steps);
  };

function chunkEvents(
  { kind, offset, bytes }: JsonChunk,
  start: number,
  steps: readonly JsonPathStep[],
): readonly RecordEvent[] {
  const where = { offset: start + offset, length: Math.max(1, bytes.length) };
  const text = new TextDecoder().decode(bytes);
  const bad = (code: string, reason: string, at = 0): RecordEvent => ({
    kind: "malformed",
    offset: where.offset,
    end: where.offset + bytes.length,
    code,
    reason,
    at,
    text: text.slice(0, 1000),
  });
  if (kind === "open") return [bad("INVALID_JSON", "expected the end of the value, found the end of the file")];
  if (kind === "other") return [bad("INVALID_JSON", "expected an object or an array")];
  if (!isUtf8(bytes)) return [bad("INVALID_UTF8", "expected UTF-8 in a string")];
  try {
    return selectJson(parseJsonText(text), steps)
      .flatMap(recordsOf)
      .flatMap((node): readonly RecordEvent[] => {
        const value = sourceOf(node);
        const whole = value.tag === "struct";
        return [
          ...hazardsOf(node, whole ? "" : "record", where.offset),
          record(whole ? value : { tag: "struct", fields: new Map([["record", value]]) }, where),
        ];
      });
  } catch (error) {
    if (error instanceof DynaframeError) return [bad(error.code, error.message, error.offset ?? 0)];
    throw error;
  }
}

const record = (value: SourceStruct, where: Pick<SourceRecord, "offset" | "length">): RecordEvent => ({
  kind: "record",
  value,
  ...where,
});
const recordsOf = (node: JsonText): readonly JsonText[] => (node.kind === "array" ? node.elements : [node]);

/** What is selected is counted, as in a file of such records. */
function hazardsOf(node: JsonText, path: string, offset: number): readonly RecordEvent[] {
  if (node.kind === "array") return node.elements.flatMap((element) => hazardsOf(element, elementPath(path), offset));
  const own = (node.hazards ?? []).map((hazard): RecordEvent => ({ kind: "hazard", hazard, offset, path }));
  return node.kind === "atom"
    ? own
    : [...own, ...[...node.fields].flatMap(([name, value]) => hazardsOf(value, fieldPath(path, name), offset))];
}

function sourceOf(node: JsonText): SourceValue {
  switch (node.kind) {
    case "array":
      return { tag: "array", elements: node.elements.map(sourceOf) };
    case "object":
      return {
        tag: "struct",
        fields: new Map([...node.fields].map(([name, value]): [string, SourceValue] => [name, sourceOf(value)])),
      };
    case "atom": {
      const { type, value } = node;
      switch (type.kind) {
        case "boolean":
        case "int":
        case "long":
        case "double":
        case "string":
          return { tag: type.kind, value };
        case "decimal":
          return { tag: "bigint", value };
        default:
          return { tag: "null", value: null };
      }
    }
  }
}
