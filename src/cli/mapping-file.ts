import { type FileKind, readJsonFile } from "./json-file.js";

const MAPPING: FileKind = {
  what: "the mapping",
  code: "MAPPING_INVALID",
  expected: '[["source", "type", "target", "type"], …]',
  hint: "see dynaframe write --help",
  schema: {
    type: "array",
    minItems: 1,
    items: { type: "array", minItems: 2, maxItems: 4, items: { type: "string", minLength: 1 } },
  },
};

/** The mapping of `--map`: a JSON list of lists of two to four texts, as `applyMapping` takes them. */
export function readMapping(file: string): Promise<readonly (readonly string[])[]> {
  return readJsonFile(file, MAPPING);
}
