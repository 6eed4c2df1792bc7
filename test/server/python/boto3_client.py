"""Databases, tables, partitions and errors through boto3; ends with status 0 when all is as it should be."""
import datetime
import os

import boto3
from botocore.config import Config

glue = boto3.client("glue", endpoint_url=os.environ["GLUE_ENDPOINT"], region_name="us-east-1", config=Config(retries={"max_attempts": 1}))

glue.create_database(DatabaseInput={"Name": "Boto", "Description": "d"})
database = glue.get_database(Name="boto")["Database"]
assert database["Name"] == "boto" and isinstance(database["CreateTime"], datetime.datetime), database

table = {"Name": "events", "PartitionKeys": [{"Name": "day", "Type": "date"}], "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}], "Location": "s3://b/e"},
         "LastAccessTime": datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)}
glue.create_table(DatabaseName="boto", TableInput=table)
got = glue.get_table(DatabaseName="boto", Name="events")["Table"]
assert got["LastAccessTime"] == table["LastAccessTime"], got
assert got["VersionId"] == "0"

days = [f"2024-01-{day:02}" for day in range(1, 31)]
answer = glue.batch_create_partition(DatabaseName="boto", TableName="events", PartitionInputList=[{"Values": [day], "StorageDescriptor": table["StorageDescriptor"]} for day in days])
assert answer.get("Errors", []) == [], answer
pages = glue.get_paginator("get_partitions").paginate(DatabaseName="boto", TableName="events", Expression="day >= '2024-01-11' and day < '2024-01-21'", PaginationConfig={"PageSize": 3})
found = [partition["Values"][0] for page in pages for partition in page["Partitions"]]
assert found == days[10:20], found

try:
    glue.get_table(DatabaseName="boto", Name="nope")
    raise AssertionError("expected EntityNotFoundException")
except glue.exceptions.EntityNotFoundException as error:
    assert "nope" in error.response["Error"]["Message"], error.response
try:
    glue.update_table(DatabaseName="boto", TableInput=table, VersionId="7")
    raise AssertionError("expected ConcurrentModificationException")
except glue.exceptions.ConcurrentModificationException:
    pass

names = [t["Name"] for page in glue.get_paginator("get_tables").paginate(DatabaseName="boto") for t in page["TableList"]]
assert names == ["events"], names
glue.delete_database(Name="boto")
assert glue.get_databases()["DatabaseList"] == []
print("ok")
