"""Loads the orders file into Postgres with pandas or dlt and prints the seconds and rows as JSON.

    python load_csv.py pandas FILE        (connection: DATABASE_URL)
"""

import json
import os
import sys
import tempfile
import time

tool, path = sys.argv[1:3]
url = os.environ["DATABASE_URL"]
dates = ["ordered_on", "shipped_on", "updated_at"]


def with_pandas() -> int:
    """`to_sql` as it comes, in portions."""
    import pandas
    from sqlalchemy import create_engine

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
    frame = pandas.read_csv(path, parse_dates=dates)
    frame.to_sql(
        "orders_pandas", engine, schema="bench", if_exists="replace", index=False, chunksize=10_000,
    )
    return len(frame)


def with_dlt() -> int:
    """The quickest way dlt has: Arrow tables, which it loads by COPY of CSV."""
    import dlt
    from pyarrow import csv

    @dlt.resource(name="orders_dlt", write_disposition="append")
    def orders():
        yield csv.read_csv(path)

    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            pipeline_name="bench_orders", pipelines_dir=folder, dataset_name="bench",
            destination=dlt.destinations.postgres(url),
        )
        pipeline.run(orders(), loader_file_format="csv")
        return pipeline.last_trace.last_normalize_info.row_counts["orders_dlt"]


start = time.perf_counter()
rows = {"pandas": with_pandas, "dlt": with_dlt}[tool]()
print(json.dumps({"seconds": time.perf_counter() - start, "rows": rows}))
