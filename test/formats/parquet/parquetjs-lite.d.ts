/** The part of parquetjs-lite that reads footers; the package publishes no types. */
declare module "parquetjs-lite" {
  type Int64 = { valueOf(): number };
  type Footer = {
    readonly num_rows: Int64;
    readonly schema: readonly {
      readonly name: string; readonly type: number | null; readonly type_length: number | null; readonly repetition_type: number | null; readonly num_children: number | null;
      readonly converted_type: number | null; readonly scale: number | null; readonly precision: number | null;
    }[];
    readonly row_groups: readonly {
      readonly num_rows: Int64;
      readonly columns: readonly { readonly meta_data: { readonly path_in_schema: readonly string[]; readonly num_values: Int64; readonly data_page_offset: Int64; readonly statistics: { readonly null_count: Int64 | null } | null } }[];
    }[];
    readonly key_value_metadata: readonly { readonly key: string }[] | null;
  };

  export class ParquetEnvelopeReader {
    constructor(read: (offset: number, length: number) => Promise<Buffer>, close: () => unknown, fileSize: number);
    readFooter(): Promise<Footer>;
  }
}
