"""Makes the files of this folder: python3 -m pip install fastavro==1.13.1 cramjam backports.zstd; python3 make.py. They are committed; no test runs this."""
import datetime, decimal, uuid
import fastavro

UTC = datetime.timezone.utc
schema = fastavro.parse_schema({
    "type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "long"}, {"name": "small", "type": "int"}, {"name": "ok", "type": "boolean"}, {"name": "f", "type": "float"}, {"name": "d", "type": "double"},
        {"name": "text", "type": "string"}, {"name": "raw", "type": "bytes"}, {"name": "nothing", "type": "null"},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 4}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "PAID"]}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "exact", "type": {"type": "fixed", "name": "Wide", "size": 16, "logicalType": "decimal", "precision": 38, "scale": 10}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "time", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "at_ms", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "at_us", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "local_us", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
        {"name": "key", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "maybe", "type": ["null", "string"]},
        {"name": "either", "type": ["null", "int", "string", {"type": "record", "name": "Point", "fields": [{"name": "x", "type": "double"}]}]},
        {"name": "items", "type": {"type": "array", "items": {"type": "record", "name": "Item", "fields": [{"name": "sku", "type": "string"}, {"name": "where", "type": ["null", "Point"]}]}}},
        {"name": "tags", "type": {"type": "map", "values": ["null", "long"]}},
    ]})

def order(i):
    return {
        "id": [1, 2**53 + 1, -(2**63)][i % 3], "small": [7, -2**31, 2**31 - 1][i % 3], "ok": i % 2 == 0, "f": 1.5, "d": [0.1, -1e300, 5e-324][i % 3], "text": ["é", "🦆", ""][i % 3], "raw": bytes([0, 255, i % 256]),
        "nothing": None, "hash": b"\x00\x01\xfe\xff", "state": ["NEW", "PAID"][i % 2], "price": decimal.Decimal(["12.30", "-0.01", "99999999.99"][i % 3]),
        "exact": decimal.Decimal(["1234567890123456789012345678.0123456789", "-1E-10", "0"][i % 3]), "day": [datetime.date(2024, 2, 29), datetime.date(1969, 12, 31), datetime.date(1, 1, 1)][i % 3],
        "time": datetime.time(1, 2, 3, 4000), "at_ms": datetime.datetime(2024, 2, 29, 12, 0, 0, 123000, UTC), "at_us": datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
        "local_us": datetime.datetime(2024, 2, 29, 12, 0, 0, 1), "key": str(uuid.UUID(int=i)), "maybe": [None, "x"][i % 2], "either": [None, i, str(i), {"x": 0.5}][i % 4],
        "items": [{"sku": "a%d" % j, "where": [None, {"x": float(j)}][j % 2]} for j in range(i % 4)], "tags": {"t%d" % j: [None, j][j % 2] for j in range(i % 3)},
    }

for codec in ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"]:
    try:
        with open("orders-%s.avro" % codec, "wb") as out:
            fastavro.writer(out, schema, [order(i) for i in range(40)], codec=codec, sync_interval=1500, sync_marker=b"0123456789abcdef")
    except ValueError as error:
        print(codec, error)

def save(name, schema, rows, **more):
    with open(name, "wb") as out:
        fastavro.writer(out, fastavro.parse_schema(schema), rows, sync_marker=b"0123456789abcdef", **more)

save("tree.avro", {"type": "record", "name": "Tree", "fields": [{"name": "left", "type": ["null", "Tree"]}]}, [{"left": {"left": None}}])
save("numbers.avro", {"type": "int"}, [1, 2, 3])
# three versions of one table
save("v1.avro", {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}, [{"a": 1}])
save("v2.avro", {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}]}, [{"a": 2**40, "b": "x"}])
save("v3.avro", {"type": "record", "name": "Other", "fields": [{"name": "b", "type": ["null", "double"]}, {"name": "a", "type": "string"}]}, [{"a": "three", "b": None}, {"a": "4", "b": 0.5}])
