/**
 * The port of a data format of the schema registry: whether a definition is one, and whether a reader's takes what a
 * writer's describes.
 */
import { DynaframeError } from "../../types/error.js";

/** A definition as parsed; `canonical` is equal for two that say the same in another layout. */
export type SchemaDefinition = { readonly value: unknown; readonly canonical: string };

export type SchemaFormat = {
  /** Reads the text of a definition; its problem, as a text, when it cannot be read. */
  readonly parse: (text: string) => SchemaDefinition | string;
  /** Modes of compatibility that can be kept; all of them if there are none. */
  readonly modes?: readonly string[];
  /** What is wrong with a definition; undefined when nothing is. */
  readonly problem: (value: unknown) => Promise<string | undefined>;
  /** Why data of `writer` cannot always be read with `reader`; undefined when it can. Both are valid. */
  readonly misfit: (reader: unknown, writer: unknown) => Promise<string | undefined>;
};

/**
 * The format by its name. Its code is loaded when it is first used.
 * @throws UNSUPPORTED_FORMAT for one that cannot be checked.
 */
export async function schemaFormat(name: string): Promise<SchemaFormat> {
  switch (name) {
    case "AVRO":
      return (await import("./avro-schema-format.js")).avroSchemaFormat;
    case "JSON":
      return (await import("./json-schema-format.js")).jsonSchemaFormat;
    case "PROTOBUF":
      return (await import("./proto-schema-format.js")).protoSchemaFormat;
    default:
      throw new DynaframeError("UNSUPPORTED_FORMAT", `Schemas of format ${name} cannot be checked`, {
        name: "OperationNotSupportedException",
        path: "DataFormat",
        expected: "AVRO, JSON, PROTOBUF",
        found: name,
      });
  }
}
