/** Types and schemas (docs/sources.md#types). */
import { exported, type Entry, type Section } from "./entry.js";

const NAMES = [
  "binary",
  "boolean",
  "byte",
  "date",
  "decimal",
  "double",
  "float",
  "int",
  "long",
  "null",
  "short",
  "string",
  "timestamp",
  "timestampntz",
  "unknown",
];
const constant = (name: string): Entry => ({
  glue: `${name} type`,
  probe: exported(name === "decimal" ? "decimal" : name.toUpperCase()),
  ops: ["schemaJson"],
});

export const typeSection: Section = {
  title: "Types",
  entries: [
    ...NAMES.map(constant),
    ...["array", "map", "struct", "choice", "set", "enum"].map((name): Entry => ({
      glue: `${name} type`,
      probe: exported(name === "enum" ? "enumOf" : name),
      ops: ["mergeDataTypes", "schemaJson"],
    })),
    {
      glue: "DecimalType(precision=10, scale=2), ArrayType, SetType, MapType, ChoiceType, EnumType, Field",
      ours: "decimal, array, set, map, choice, enumOf, field",
      probe: exported("field"),
      ops: ["schemaJson"],
    },
    {
      glue: "StructType.add, hasField, getField, field_map",
      ours: "structOf, fieldOf, fields",
      probe: exported("fieldOf"),
      tests: [["test/types", "structOf"]],
      differs: "types are frozen plain objects",
    },
    { glue: "mergeDataTypes", probe: exported("mergeDataTypes"), ops: ["mergeDataTypes"] },
    {
      glue: "jsonValue",
      ours: "typeToJson",
      probe: exported("typeToJson"),
      ops: ["schemaJson"],
      differs: "an enum has a JSON form, where Glue's gives None",
    },
    { glue: "_deserialize_json", ours: "typeFromJson", probe: exported("typeFromJson"), ops: ["schemaJson"] },
    { glue: "treeString", ours: "schemaTree", probe: exported("schemaTree"), ops: ["printSchema"] },
    { glue: "EntityType", notApplicable: "Glue's constructor throws" },
  ],
};
