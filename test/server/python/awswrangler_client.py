"""Partitioned Parquet datasets through awswrangler, appended and overwritten; ends with status 0 when all is as it should be."""
import os

import awswrangler as wr
import pandas as pd

wr.config.glue_endpoint_url = os.environ["GLUE_ENDPOINT"]
wr.config.s3_endpoint_url = os.environ["S3_ENDPOINT"]
wr.config.sts_endpoint_url = os.environ["GLUE_ENDPOINT"]

wr.catalog.create_database("wrangler", exist_ok=True)
wr.catalog.create_database("wrangler", exist_ok=True)
assert "wrangler" in [d["Name"] for d in wr.catalog.get_databases()]

path = "s3://lake/orders/"


def write(frame, mode):
    return wr.s3.to_parquet(df=frame, path=path, dataset=True, database="wrangler", table="orders", mode=mode, partition_cols=["year"],
                            glue_table_settings={"description": "orders", "columns_comments": {"id": "the id"}}, schema_evolution=True)


write(pd.DataFrame({"id": [1, 2], "price": [1.5, 2.5], "year": [2023, 2024]}), "append")
write(pd.DataFrame({"id": [3], "price": [3.5], "note": ["late"], "year": [2025]}), "append")
types = wr.catalog.get_table_types("wrangler", "orders")
assert types == {"id": "bigint", "price": "double", "note": "string", "year": "bigint"}, types
assert wr.catalog.get_columns_comments("wrangler", "orders")["id"] == "the id"
partitions = wr.catalog.get_parquet_partitions("wrangler", "orders")
assert sorted(partitions.values()) == [["2023"], ["2024"], ["2025"]], partitions
assert list(wr.catalog.get_partitions("wrangler", "orders", expression="year > 2023").values()) == [["2024"], ["2025"]]
read = wr.s3.read_parquet_table(database="wrangler", table="orders", validate_schema=False).sort_values("id")
assert read["id"].tolist() == [1, 2, 3], read

write(pd.DataFrame({"id": [9], "price": [9.5], "year": [2030]}), "overwrite")
assert list(wr.catalog.get_parquet_partitions("wrangler", "orders").values()) == [["2030"]]
write(pd.DataFrame({"id": [10], "price": [10.5], "year": [2030]}), "overwrite_partitions")
assert wr.s3.read_parquet_table(database="wrangler", table="orders")["id"].tolist() == [10]

assert [t["Name"] for t in wr.catalog.get_tables(database="wrangler")] == ["orders"]
assert [t["Name"] for t in wr.catalog.search_tables(text="orders")] == ["orders"]
assert wr.catalog.delete_table_if_exists("wrangler", "orders")
assert not wr.catalog.does_table_exist("wrangler", "orders")
wr.catalog.delete_database("wrangler")
print("ok")
