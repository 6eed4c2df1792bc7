/** `glue.createDataFrame.*` and `glue.writeDataFrame.*`: the readers and writers of DynamicFrames, for DataFrames. */
import type { DataFrame } from "../data-frame.js";
import { DynamicFrame } from "../dynamic-frame.js";
import type { DynamicFrameReaders, FromCatalogOptions, FromOptionsOptions } from "../readers.js";
import type { WriteReport } from "../write/write-frame.js";
import type { DynamicFrameWriters, WriteCatalogOptions, WriteOptions } from "../write/writers.js";

/** Batch reads; in Glue these also open streams. Choices are structs of their arms. */
export type DataFrameReaders = {
  readonly fromCatalog: (options: FromCatalogOptions) => DataFrame;
  readonly fromOptions: (options: FromOptionsOptions) => DataFrame;
};

export type DataFrameWriters = {
  readonly fromOptions: (options: Omit<WriteOptions, "frame"> & { readonly frame: DataFrame }) => Promise<WriteReport>;
  readonly fromCatalog: (options: Omit<WriteCatalogOptions, "frame"> & { readonly frame: DataFrame }) => Promise<WriteReport>;
};

export const dataFrameReaders = (readers: DynamicFrameReaders): DataFrameReaders => Object.freeze({
  fromCatalog: (options: FromCatalogOptions) => readers.fromCatalog(options).toDF(),
  fromOptions: (options: FromOptionsOptions) => readers.fromOptions(options).toDF(),
});

const framed = (df: DataFrame): DynamicFrame => new DynamicFrame(df.environment, df.node, "dataframe");

export const dataFrameWriters = (writers: DynamicFrameWriters): DataFrameWriters => Object.freeze({
  fromOptions: (options: Omit<WriteOptions, "frame"> & { readonly frame: DataFrame }) => writers.fromOptions({ ...options, frame: framed(options.frame) }),
  fromCatalog: (options: Omit<WriteCatalogOptions, "frame"> & { readonly frame: DataFrame }) => writers.fromCatalog({ ...options, frame: framed(options.frame) }),
});
