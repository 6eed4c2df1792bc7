/** The parts of parquetjs-lite that read footers; the package publishes no types. */
declare module "parquetjs-lite/gen-nodejs/parquet_types.js" {
  /** Nanoseconds are neither. */
  type TimeUnit = { readonly MILLIS: object | null; readonly MICROS: object | null };
  type LogicalType = {
    readonly STRING: object | null;
    readonly MAP: object | null;
    readonly LIST: object | null;
    readonly ENUM: object | null;
    readonly DECIMAL: { readonly precision: number; readonly scale: number } | null;
    readonly DATE: object | null;
    readonly TIME: { readonly unit: TimeUnit | null } | null;
    readonly TIMESTAMP: { readonly isAdjustedToUTC: boolean; readonly unit: TimeUnit | null } | null;
    readonly INTEGER: { readonly bitWidth: number; readonly isSigned: boolean } | null;
    readonly UNKNOWN: object | null;
    readonly JSON: object | null;
    readonly BSON: object | null;
  };

  type SchemaElement = {
    readonly type: number | null;
    readonly type_length: number | null;
    readonly repetition_type: number | null;
    readonly name: string | Uint8Array;
    readonly num_children: number | null;
    readonly converted_type: number | null;
    readonly scale: number | null;
    readonly precision: number | null;
    readonly logicalType: LogicalType | null;
  };

  type ColumnMetaData = {
    readonly path_in_schema: readonly (string | Uint8Array)[];
    readonly num_values: number;
    readonly total_compressed_size: number;
    readonly data_page_offset: number;
    readonly statistics: { readonly null_count: number | null } | null;
  };

  export class FileMetaData {
    readonly schema: readonly SchemaElement[];
    readonly num_rows: number;
    readonly row_groups: readonly {
      readonly num_rows: number;
      readonly columns: readonly { readonly meta_data: ColumnMetaData | null }[];
    }[];
    readonly key_value_metadata:
      readonly { readonly key: string | Uint8Array; readonly value: string | Uint8Array | null }[] | null;
    read(from: import("parquetjs-lite/modules/thrift-lite/index.js").TCompactProtocol): void;
  }
}

declare module "parquetjs-lite/modules/thrift-lite/index.js" {
  export class TFramedTransport {
    constructor(bytes: Buffer);
    /** @throws past the end */
    read(length: number): Buffer;
    readByte(): number;
    readString(length: number): string | Buffer;
  }

  export class TCompactProtocol {
    protected readonly trans: TFramedTransport;
    constructor(transport: TFramedTransport);
    readStructBegin(): void;
    readStructEnd(): void;
    readFieldBegin(): { readonly ftype: number; readonly fid: number };
    readVarint32(): number;
    readI64(): number;
    readListBegin(): { readonly etype: number; readonly size: number };
    readMapBegin(): { readonly ktype: number; readonly vtype: number; readonly size: number };
  }
}
