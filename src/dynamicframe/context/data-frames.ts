/** `glue.createDataFrame.*` and `glue.writeDataFrame.*`: the readers and writers of DynamicFrames, for DataFrames. */
import { DataFrame } from "../data-frame.js";
import { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import type { FromKafkaOptions } from "../stream/kafka/kafka-options.js";
import type { DynamicFrameReaders, FromCatalogOptions, FromOptionsOptions } from "../readers.js";
import { isStreamSource, refuseBrokers, streamNode, type FromStreamOptions } from "../stream/record-stream.js";
import { trailing } from "../trailing.js";
import type { WriteReport } from "../write/write-frame.js";
import type { DynamicFrameWriters, WriteCatalogOptions, WriteOptions } from "../write/writers.js";

/**
 * Choices are structs of their arms. What is made by `fromOptions` can be read once, as it is now, or batch by batch as
 * it grows: `glue.forEachBatch`.
 */
export type DataFrameReaders = {
  readonly fromCatalog: (options: FromCatalogOptions) => DataFrame;
  /**
   * Files by path, topics of Kafka, or with connectionType `stream` a stream of records, which is read by forEachBatch
   * only.
   */
  readonly fromOptions: (options: FromOptionsOptions | FromKafkaOptions | FromStreamOptions) => DataFrame;
};

/** `glue.writeDataFrame`: as the writers of DynamicFrames, without collections. */
export type DataFrameWriters = {
  readonly fromOptions: (options: Omit<WriteOptions, "frame"> & { readonly frame: DataFrame }) => Promise<WriteReport>;
  readonly fromCatalog: (
    options: Omit<WriteCatalogOptions, "frame"> & { readonly frame: DataFrame },
  ) => Promise<WriteReport>;
};

export const dataFrameReaders = (environment: Environment, readers: DynamicFrameReaders): DataFrameReaders =>
  Object.freeze({
    fromCatalog: (options: FromCatalogOptions) => readers.fromCatalog(options).toDF(),
    fromOptions: (options: FromOptionsOptions | FromKafkaOptions | FromStreamOptions) => {
      if (isStreamSource(options)) return new DataFrame(environment, streamNode(options, trailing(options)));
      refuseBrokers("createDataFrame.fromOptions", options);
      return readers.fromOptions(options).toDF();
    },
  });

const framed = (df: DataFrame): DynamicFrame => new DynamicFrame(df.environment, df.node, "dataframe");

export const dataFrameWriters = (writers: DynamicFrameWriters): DataFrameWriters =>
  Object.freeze({
    fromOptions: (options: Omit<WriteOptions, "frame"> & { readonly frame: DataFrame }) =>
      writers.fromOptions({ ...options, frame: framed(options.frame) }),
    fromCatalog: (options: Omit<WriteCatalogOptions, "frame"> & { readonly frame: DataFrame }) =>
      writers.fromCatalog({ ...options, frame: framed(options.frame) }),
  });
