"""Makes the files of this folder: python3 -m pip install pyarrow==26.0.1; python3 make.py. They are committed; no test runs this."""
import base64, datetime, decimal, uuid
import numpy
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption

UTC = datetime.timezone.utc
at = datetime.datetime(2024, 2, 29, 12, 0, 0, 123456)
old = datetime.datetime(1899, 12, 31, 23, 59, 59, 999999)
D = decimal.Decimal

columns = {
    "i8": pa.array([-128, 127, None], pa.int8()), "i16": pa.array([-32768, 32767, None], pa.int16()), "i32": pa.array([-2**31, 2**31 - 1, None], pa.int32()), "i64": pa.array([-2**63, 2**63 - 1, None], pa.int64()),
    "u8": pa.array([0, 255, None], pa.uint8()), "u16": pa.array([0, 65535, None], pa.uint16()), "u32": pa.array([0, 2**32 - 1, None], pa.uint32()), "u64": pa.array([0, 2**64 - 1, None], pa.uint64()),
    "f16": pa.array([numpy.float16(1.5), numpy.float16(-0.25), None], pa.float16()), "f32": pa.array([1.5, -0.1, None], pa.float32()), "f64": pa.array([0.1, 5e-324, None], pa.float64()),
    "ok": pa.array([True, False, None]), "text": pa.array(["é🦆", "", None]), "raw": pa.array([b"\x00\xff", b"", None]), "fixed": pa.array([b"abc", b"\x00\x01\x02", None], pa.binary(3)),
    "d9": pa.array([D("1234567.89"), D("-0.01"), None], pa.decimal128(9, 2)), "d18": pa.array([D("123456789012.345678"), D("-0.000001"), None], pa.decimal128(18, 6)), "d38": pa.array([D("1234567890123456789012345678.0123456789"), D("-1E-10"), None], pa.decimal128(38, 10)),
    "day": pa.array([datetime.date(2024, 2, 29), datetime.date(1899, 12, 31), None]),
    "ms_utc": pa.array([at.replace(tzinfo=UTC, microsecond=123000), old.replace(tzinfo=UTC, microsecond=999000), None], pa.timestamp("ms", "UTC")), "us_utc": pa.array([at.replace(tzinfo=UTC), old.replace(tzinfo=UTC), None], pa.timestamp("us", "UTC")), "us_local": pa.array([at, old, None], pa.timestamp("us")),
    "list": pa.array([[1, None, 3], [], None], pa.list_(pa.int32())), "lists": pa.array([[["a"], [], None], [[]], None], pa.list_(pa.list_(pa.string()))),
    "structs": pa.array([[{"x": 1, "y": ["p"]}, None], [], None], pa.list_(pa.struct([("x", pa.int32()), ("y", pa.list_(pa.string()))]))),
    "map": pa.array([[("k", 1), ("l", None)], [], None], pa.map_(pa.string(), pa.int64())),
    "struct": pa.array([{"a": 1, "b": {"c": "x"}}, {"a": None, "b": None}, None], pa.struct([("a", pa.int64()), ("b", pa.struct([("c", pa.string())]))])),
}
table = pa.table(columns)
pq.write_table(table, "three-level.parquet")
pq.write_table(table, "two-level.parquet", use_compliant_nested_type=False)
pq.write_table(pa.table({"at": pa.array([at, old, None], pa.timestamp("us"))}), "int96.parquet", use_deprecated_int96_timestamps=True)
pq.write_table(pa.table({"key": pa.array([uuid.UUID(int=1).bytes, uuid.UUID(int=2**128 - 1).bytes, None], pa.uuid())}), "uuid.parquet")
# one table that grew a column, lost one and changed one
pq.write_table(pa.table({"id": pa.array([1], pa.int32()), "gone": pa.array(["x"])}), "v1.parquet")
pq.write_table(pa.table({"id": pa.array([2], pa.int64()), "new": pa.array([1.5])}), "v2.parquet")
pq.write_table(pa.table({"new": pa.array([D("2.50")], pa.decimal128(5, 2)), "id": pa.array(["three"])}), "v3.parquet")

# fields of structs whose names differ in case only, the empty name, and the one that stands for it in our own files
kinds = [("id", pa.int64()), ("Id", pa.string()), ("", pa.string()), ("~", pa.string())]
def structs(numbers):
    parts = [pa.array([None if n is None else n if name == "id" else {"Id": "I", "": "e", "~": "t"}[name] + str(n) for n in numbers], kind) for name, kind in kinds]
    return pa.StructArray.from_arrays(parts, fields=[pa.field(*kind) for kind in kinds], mask=pa.array([n is None for n in numbers]))
of_lists = pa.ListArray.from_arrays(pa.array([0, 3, 3], pa.int32()), structs([2, None, 3]))
of_maps = pa.MapArray.from_arrays(pa.array([0, 1, 1], pa.int32()), pa.array(["k"]), structs([4]))
pq.write_table(pa.table({"s": structs([1, None]), "l": of_lists, "m": of_maps}), "clashing-names.parquet")
# files that are sound and not read
pq.write_table(pa.table({}), "no-columns.parquet")
pq.write_table(pa.table({"i": [1, 2, 3]}), "int-byte-stream-split.parquet", use_dictionary=False, column_encoding={"i": "BYTE_STREAM_SPLIT"}, compression="none")


class PlainKeys(encryption.KmsClient):
    def __init__(self, _config): super().__init__()
    def wrap_key(self, key, _master): return base64.b64encode(key)
    def unwrap_key(self, key, _master): return base64.b64decode(key)


secret = pa.table({"x": pa.array([1, 2]), "y": ["a", "b"]})
properties = encryption.CryptoFactory(PlainKeys).file_encryption_properties(encryption.KmsConnectionConfig(), encryption.EncryptionConfiguration(footer_key="k", column_keys={"c": ["x"]}, plaintext_footer=True))
with pq.ParquetWriter("encrypted-columns.parquet", secret.schema, encryption_properties=properties) as writer:
    writer.write_table(secret)
pq.write_table(pa.table([pa.array([1, 2]), pa.array(["x", "y"])], names=["a", "a"]), "columns-of-one-name.parquet")
