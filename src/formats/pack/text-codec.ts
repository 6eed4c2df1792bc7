/** How files of text are packed. */
export type TextCodec = "none" | "gzip" | "zstd" | "bzip2" | "snappy";
export const TEXT_CODECS: readonly TextCodec[] = ["none", "gzip", "zstd", "bzip2", "snappy"];
export const isTextCodec = (name: string): name is TextCodec => TEXT_CODECS.some((codec) => codec === name);

const SUFFIXES: Readonly<Record<TextCodec, string>> = Object.freeze({
  none: "",
  gzip: ".gz",
  zstd: ".zst",
  bzip2: ".bz2",
  snappy: ".snappy",
});
/** What the name of a packed file ends with. */
export const packedSuffix = (codec: TextCodec): string => SUFFIXES[codec];
