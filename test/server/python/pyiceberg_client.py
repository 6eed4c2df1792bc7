"""Iceberg tables through PyIceberg's Glue catalog: made, evolved, read, dropped; ends with status 0 when all is as it should be."""
import os
import tempfile

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import CommitFailedException, NamespaceAlreadyExistsError, NoSuchTableError
from pyiceberg.types import LongType, StringType

with tempfile.TemporaryDirectory() as folder:
    def open_catalog():
        return load_catalog("glue", **{
            "type": "glue", "glue.endpoint": os.environ["GLUE_ENDPOINT"], "glue.region": "us-east-1", "warehouse": f"file://{folder}",
            "glue.access-key-id": os.environ["AWS_ACCESS_KEY_ID"], "glue.secret-access-key": os.environ["AWS_SECRET_ACCESS_KEY"],
            "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
        })

    catalog = open_catalog()
    catalog.create_namespace("ice", {"comment": "a namespace"})
    try:
        catalog.create_namespace("ice")
        raise AssertionError("expected NamespaceAlreadyExistsError")
    except NamespaceAlreadyExistsError:
        pass
    assert ("ice",) in catalog.list_namespaces()

    rows = pa.table({"id": pa.array([1, 2], pa.int64()), "name": ["a", "b"]})
    table = catalog.create_table("ice.orders", schema=rows.schema)
    table.append(rows)
    with table.update_schema() as update:
        update.add_column("note", StringType())
    table.append(pa.table({"id": pa.array([3], pa.int64()), "name": ["c"], "note": ["late"]}))

    # another client sees it all, and one that is behind cannot commit
    behind = catalog.load_table("ice.orders")
    other = open_catalog().load_table("ice.orders")
    assert other.scan().to_arrow().sort_by("id")["id"].to_pylist() == [1, 2, 3]
    assert other.schema().find_type("note") == StringType() and other.schema().find_type("id") == LongType()
    assert len(other.history()) == 2
    other.append(pa.table({"id": pa.array([4], pa.int64()), "name": ["d"], "note": ["x"]}))
    try:
        behind.append(pa.table({"id": pa.array([5], pa.int64()), "name": ["e"], "note": ["y"]}))
        refreshed = True  # newer PyIceberg reads the table again and repeats the commit
    except CommitFailedException:
        refreshed = False
    ids = catalog.load_table("ice.orders").scan().to_arrow().sort_by("id")["id"].to_pylist()
    assert ids == ([1, 2, 3, 4, 5] if refreshed else [1, 2, 3, 4]), ids

    assert catalog.list_tables("ice") == [("ice", "orders")]
    catalog.rename_table("ice.orders", "ice.purchases")
    assert catalog.list_tables("ice") == [("ice", "purchases")]
    catalog.update_namespace_properties("ice", updates={"owner": "ann"})
    assert catalog.load_namespace_properties("ice")["owner"] == "ann"
    catalog.drop_table("ice.purchases")
    try:
        catalog.load_table("ice.purchases")
        raise AssertionError("expected NoSuchTableError")
    except NoSuchTableError:
        pass
    catalog.drop_namespace("ice")
    assert catalog.list_namespaces() == []
print("ok")
