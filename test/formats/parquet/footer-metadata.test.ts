/** Footers of pyarrow's files say what another reader of them (parquetjs-lite, with Thrift's own library) says. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ParquetEnvelopeReader } from "parquetjs-lite";
import { footerMetadata } from "../../../src/formats/parquet/footer-metadata.js";

const FILES = join(__dirname, "files"), names = readdirSync(FILES).filter((name) => name.endsWith(".parquet"));

test.each(names)("%s", async (name) => {
  const bytes = readFileSync(join(FILES, name)), end = bytes.length - 8;
  const own = footerMetadata(bytes.subarray(end - bytes.readUInt32LE(end), end));
  const other = await new ParquetEnvelopeReader((offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)), () => undefined, bytes.length).readFooter();
  expect(own.rows).toBe(Number(other.num_rows));
  expect(own.elements.map((e) => [e.name, e.type, e.typeLength, e.repetition, e.children, e.converted, e.scale, e.precision]))
    .toEqual(other.schema.map((e) => [String(e.name), e.type, e.type_length, e.repetition_type, e.num_children, e.converted_type, e.scale, e.precision].map((value) => value ?? undefined)));
  expect(own.groups).toEqual(other.row_groups.map((group) => ({
    rows: Number(group.num_rows),
    chunks: group.columns.map(({ meta_data: chunk }) => ({
      path: chunk.path_in_schema.map(String), values: Number(chunk.num_values), page: Number(chunk.data_page_offset),
      nulls: chunk.statistics?.null_count === null || chunk.statistics === null ? undefined : Number(chunk.statistics.null_count),
    })),
  })));
  expect(own.pairs.map(({ key }) => key)).toEqual((other.key_value_metadata ?? []).map(({ key }) => String(key)));
});

test("bytes cut off anywhere are an error, never a footer", () => {
  const bytes = readFileSync(join(FILES, "three-level.parquet")), end = bytes.length - 8, footer = bytes.subarray(end - bytes.readUInt32LE(end), end);
  for (let length = 0; length < footer.length; length += 7) expect(() => footerMetadata(footer.subarray(0, length))).toThrow(RangeError);
});
