/** Operations on types. */
import { mergeDataTypes, typeFromJson, typeToJson } from "../api.js";
import { asObject, member, type Json } from "../case.js";
import { unknownKeys } from "../compare/frame.js";
import { compareTypes, withProperties } from "../compare/schema-text.js";
import { firstOf } from "../compare/values.js";
import { operation, type OperationTable } from "./operation.js";

export const typeOperations: OperationTable = {
  mergeDataTypes: operation(
    async ({ input }) => {
      const { left, right } = asObject(input);
      return typeToJson(mergeDataTypes(typeFromJson(left), typeFromJson(right))) as Json;
    },
    (expected, actual, { compare }) =>
      firstOf(
        () => unknownKeys(expected, ["type"]),
        () =>
          compareTypes(withProperties(actual), withProperties(member(expected, "type") ?? null), compare.fieldOrder),
      ),
  ),
  schemaJson: operation(
    async ({ input }) => typeToJson(typeFromJson(member(asObject(input), "type"))) as Json,
    (expected, actual, { compare }) =>
      firstOf(
        () => unknownKeys(expected, ["type"]),
        () => compareTypes(actual, member(expected, "type") ?? null, compare.fieldOrder),
      ),
  ),
};
