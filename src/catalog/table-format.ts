/** Input format, output format and SerDe of a table by classification, as Glue's crawlers set them. */
import type { Parameters, StorageDescriptor, TableInput } from "./model.js";

/** The table parameter, and its values for tables of which only the files are read that their metadata name. */
export const TABLE_TYPE = "table_type";
export const DELTA = "DELTA";
export const ICEBERG = "ICEBERG";

/** Ours, beside Glue's `exclusions`: the include path to which those patterns are relative. */
export const EXCLUSIONS_ROOT = "dynaframe.include";

export type TableFormat = Required<Pick<StorageDescriptor, "InputFormat" | "OutputFormat" | "SerdeInfo">>;

const TEXT = {
  InputFormat: "org.apache.hadoop.mapred.TextInputFormat",
  OutputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
};

const GROK_SERDE = "com.amazonaws.glue.serde.GrokSerDe";

/** How the records of a text table are found, where its classification, which users choose for these, does not tell. */
export type RecordLayout =
  | { readonly kind: "xml"; readonly rowTag: string }
  | { readonly kind: "grok"; readonly pattern: string; readonly customPatterns?: string };

/**
 * The layout by the table parameters that Glue's crawlers set (`rowTag`; `grokPattern`, `grokCustomPatterns`), or by
 * those of the grok SerDe (`input.format`, `input.grokCustomPatterns`).
 */
export function recordLayout({
  Parameters: own,
  StorageDescriptor: descriptor,
}: Pick<TableInput, "Parameters" | "StorageDescriptor">): RecordLayout | undefined {
  const serde = descriptor?.SerdeInfo?.Parameters ?? {};
  const parameters = { ...serde, ...descriptor?.Parameters, ...own };
  const {
    rowTag,
    grokPattern = serde["input.format"],
    grokCustomPatterns: customPatterns = serde["input.grokCustomPatterns"],
  } = parameters;
  if (rowTag !== undefined && rowTag !== "") return { kind: "xml", rowTag };
  if (grokPattern === undefined || grokPattern === "") return undefined;
  return { kind: "grok", pattern: grokPattern, ...(customPatterns === undefined ? {} : { customPatterns }) };
}

/** `parameters` are the SerDe's: `paths` for json, `field.delim` for csv. */
export function tableFormat(classification: string, parameters: Parameters = {}): TableFormat {
  switch (classification) {
    case "json":
      return {
        ...TEXT,
        SerdeInfo: { SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe", Parameters: parameters },
      };
    case "csv":
      return {
        ...TEXT,
        SerdeInfo: {
          SerializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
          Parameters: parameters,
        },
      };
    case "avro":
      return {
        InputFormat: "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        OutputFormat: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        SerdeInfo: {
          SerializationLibrary: "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
          Parameters: { "serialization.format": "1", ...parameters },
        },
      };
    case "parquet":
      return {
        InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        SerdeInfo: {
          SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
          Parameters: { "serialization.format": "1", ...parameters },
        },
      };
    case "grokLog":
      return { ...TEXT, SerdeInfo: { SerializationLibrary: GROK_SERDE, Parameters: parameters } };
    default:
      return {
        ...TEXT,
        SerdeInfo: {
          SerializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
          Parameters: parameters,
        },
      };
  }
}
