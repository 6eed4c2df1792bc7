/** The types of Spark's own results as ours. */
import {
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  NULL,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  array,
  decimal,
  field,
  map,
  struct,
  type DataType,
  type StructType,
} from "../../types/data-type.js";
import type { DataType as SparkType, DataType_Struct as SparkStruct } from "./connect/generated/types.js";

/** Types that a frame does not have, such as intervals, are read as text; maps whose keys are no strings too. */
function resultType({ kind }: SparkType): DataType {
  switch (kind.case) {
    case "null":
      return NULL;
    case "boolean":
      return BOOLEAN;
    case "byte":
      return BYTE;
    case "short":
      return SHORT;
    case "integer":
      return INT;
    case "long":
      return LONG;
    case "float":
      return FLOAT;
    case "double":
      return DOUBLE;
    case "decimal":
      return decimal(kind.value.precision ?? 10, kind.value.scale ?? 0);
    case "binary":
      return BINARY;
    case "date":
      return DATE;
    case "timestamp":
      return TIMESTAMP;
    case "timestampNtz":
      return TIMESTAMPNTZ;
    case "array":
      return kind.value.elementType === undefined ? STRING : array(resultType(kind.value.elementType));
    case "map":
      return kind.value.keyType?.kind.case === "string" && kind.value.valueType !== undefined
        ? map(resultType(kind.value.valueType))
        : STRING;
    case "struct":
      return resultStruct(kind.value);
    default:
      return STRING;
  }
}

export const resultStruct = ({ fields }: SparkStruct): StructType =>
  struct(fields.map(({ name, dataType }) => field(name, dataType === undefined ? STRING : resultType(dataType))));
