/** The part of parquetjs-lite that reads footers; the package publishes no types. */
declare module "parquetjs-lite" {
  /** 64-bit integer of thrift; `Number()` gives its value, infinite past 2^53. */
  type Int64 = { valueOf(): number };

  type ThriftLogicalType = {
    readonly STRING: object | null;
    readonly MAP: object | null;
    readonly LIST: object | null;
    readonly ENUM: object | null;
    readonly DECIMAL: { readonly precision: number; readonly scale: number } | null;
    readonly DATE: object | null;
    readonly TIME: object | null;
    readonly TIMESTAMP: { readonly isAdjustedToUTC: boolean; readonly unit: { readonly MILLIS: object | null; readonly MICROS: object | null } | null } | null;
    readonly INTEGER: { readonly bitWidth: number; readonly isSigned: boolean } | null;
    readonly UNKNOWN: object | null;
    readonly JSON: object | null;
    readonly BSON: object | null;
  };

  type ThriftSchemaElement = {
    readonly type: number | null;
    readonly type_length: number | null;
    readonly repetition_type: number | null;
    readonly name: string | Uint8Array;
    readonly num_children: number | null;
    readonly converted_type: number | null;
    readonly scale: number | null;
    readonly precision: number | null;
    readonly logicalType: ThriftLogicalType | null;
  };

  type ThriftColumnMetaData = {
    readonly path_in_schema: readonly (string | Uint8Array)[];
    readonly num_values: Int64;
    readonly total_compressed_size: Int64;
    readonly data_page_offset: Int64;
    readonly statistics: { readonly null_count: Int64 | null } | null;
  };

  type ThriftFileMetaData = {
    readonly schema: readonly ThriftSchemaElement[];
    readonly num_rows: Int64;
    readonly row_groups: readonly { readonly num_rows: Int64; readonly columns: readonly { readonly meta_data: ThriftColumnMetaData | null }[] }[];
    readonly key_value_metadata: readonly { readonly key: string | Uint8Array; readonly value: string | Uint8Array | null }[] | null;
  };

  export class ParquetEnvelopeReader {
    constructor(read: (offset: number, length: number) => Promise<Buffer>, close: () => unknown, fileSize: number);
    readFooter(): Promise<ThriftFileMetaData>;
  }
}
