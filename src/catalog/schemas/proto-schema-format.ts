/** PROTOBUF: definitions are read; whether one takes data of another is not decided, so that no mode asks. */
import { readProto } from "./proto-definition.js";
import type { SchemaFormat } from "./schema-format.js";

export const protoSchemaFormat: SchemaFormat = {
  modes: ["NONE", "DISABLED"],
  parse: (text) => {
    const found = readProto(text);
    return "problem" in found ? found.problem : { value: text, canonical: found.words };
  },
  problem: async () => undefined,
  misfit: async () => "PROTOBUF schemas cannot be compared",
};
