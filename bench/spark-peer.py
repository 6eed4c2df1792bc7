# PySpark's side of bench/spark.mjs: reads one task a line from standard input, writes its milliseconds.
import json
import shutil
import sys
import time
import pyarrow as pa
from pyspark.sql import SparkSession

spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
spark.conf.set("spark.sql.ansi.enabled", "false")

def trivial(_):
    return len(spark.sql("select 1 as a").collect())

def collect(_):
    return spark.sql("select id, id / 3 as d, cast(id % 1000 as string) as s, id % 2 = 0 as b from range(1000000)").toArrow().num_rows

def objects(_):
    return len(spark.sql("select id, id / 3 as d, cast(id % 1000 as string) as s, id % 2 = 0 as b from range(200000)").collect())

ROWS = [{"id": i, "d": i / 3, "s": str(i % 1000), "b": i % 2 == 0} for i in range(1000000)]

def up(_):
    return spark.createDataFrame(pa.Table.from_pylist(ROWS)).count()

def job(args):
    shutil.rmtree(args["out"], ignore_errors=True)
    frame = spark.read.parquet(args["path"]).where("b and d > 1000").selectExpr("id", "d as d2", "s", "b")
    frame.write.parquet(args["out"])
    return frame.count()

for line in sys.stdin:
    task, args = json.loads(line)
    began = time.perf_counter()
    result = globals()[task](args)
    print(json.dumps({"ms": (time.perf_counter() - began) * 1000, "result": result}), flush=True)
