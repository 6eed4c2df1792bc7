/** Input format, output format and SerDe of a table by classification, as Glue's crawlers set them. */
import type { Parameters, StorageDescriptor } from "./model.js";

/** Ours, beside Glue's `exclusions`: the include path to which those patterns are relative. */
export const EXCLUSIONS_ROOT = "dynaframe.include";

export type TableFormat = Required<Pick<StorageDescriptor, "InputFormat" | "OutputFormat" | "SerdeInfo">>;

const TEXT = {
  InputFormat: "org.apache.hadoop.mapred.TextInputFormat",
  OutputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
};

/** `parameters` are the SerDe's: `paths` for json, `field.delim` for csv. */
export function tableFormat(classification: string, parameters: Parameters = {}): TableFormat {
  switch (classification) {
    case "json": return { ...TEXT, SerdeInfo: { SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe", Parameters: parameters } };
    case "csv": return { ...TEXT, SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", Parameters: parameters } };
    case "avro": return {
      InputFormat: "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
      OutputFormat: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
      SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.serde2.avro.AvroSerDe", Parameters: { "serialization.format": "1", ...parameters } },
    };
    case "parquet": return {
      InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
      OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
      SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", Parameters: { "serialization.format": "1", ...parameters } },
    };
    default: return { ...TEXT, SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", Parameters: parameters } };
  }
}
