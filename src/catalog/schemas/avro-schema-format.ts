/** AVRO: schema resolution of the Avro specification, as avsc's resolvers do it. */
import avsc from "avsc";
import { parseJsonDefinition } from "./json-definition.js";
import type { SchemaFormat } from "./schema-format.js";

export const avroSchemaFormat: SchemaFormat = {
  parse: parseJsonDefinition,
  problem: async (value) => attempt(() => typeOf(value)),
  // names are compared without their namespaces, as the specification says
  misfit: async (reader, writer) =>
    attempt(() => typeOf(reader).createResolver(typeOf(writer), { ignoreNamespaces: true })),
};

// every union wrapped: avsc else refuses unions whose branches have one JavaScript type
const typeOf = (value: unknown): avsc.Type =>
  avsc.Type.forSchema(structuredClone(value) as Parameters<typeof avsc.Type.forSchema>[0], {
    wrapUnions: "always",
    noAnonymousTypes: true,
  });

function attempt(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error && error.message !== "" ? error.message.slice(0, 500) : "not valid Avro";
  }
}
