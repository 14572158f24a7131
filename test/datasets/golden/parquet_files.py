"""Parquet files as pyarrow writes them, by codec and encoding, in base64, and their rows.

    venv/bin/python parquet_files.py > parquet-files.json
"""

import base64
import datetime as dt
import io
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 30


def main():
    day = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
    table = pa.table({
        "double": pa.array([None if i % 7 == 0 else i / 3 for i in range(ROWS)], pa.float64()),
        "float": pa.array([math.nan if i == 3 else i / 4 for i in range(ROWS)], pa.float32()),
        "int": pa.array(range(ROWS), pa.int64()),
        "flag": pa.array([i % 3 == 0 for i in range(ROWS)]),
        "text": pa.array([["a", "b", None][i % 3] for i in range(ROWS)]),
        "micros": pa.array([day + dt.timedelta(seconds=i) for i in range(ROWS)],
                           pa.timestamp("us", tz="UTC")),
        "date": pa.array([(day + dt.timedelta(days=i)).date() for i in range(ROWS)]),
        "list": pa.array([[i] for i in range(ROWS)]),
    })
    rows = [{
        "double": None if i % 7 == 0 else i / 3,
        "float": None if i == 3 else i / 4,
        "int": i,
        "flag": i % 3 == 0,
        "text": ["a", "b", None][i % 3],
        "micros": int((day + dt.timedelta(seconds=i)).timestamp() * 1000),
        "date": int((day + dt.timedelta(days=i)).timestamp() * 1000),
    } for i in range(ROWS)]
    files = {}
    for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4"):
        file = io.BytesIO()
        pq.write_table(table, file, compression=codec, row_group_size=11,
                       use_dictionary=codec != "zstd")
        files[codec] = base64.b64encode(file.getvalue()).decode()
    # A page without a value, in the whole file and in a row group.
    holes = pa.table({
        "never": pa.array([None] * ROWS, pa.float64()),
        "late": pa.array([None if i < 11 else i / 2 for i in range(ROWS)], pa.float64()),
        "text": pa.array([None if i < 11 else "a" for i in range(ROWS)]),
    })
    empty_pages = {}
    for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4"):
        for version in ("1.0", "2.0"):
            file = io.BytesIO()
            pq.write_table(holes, file, compression=codec, row_group_size=11,
                           data_page_version=version)
            empty_pages[f"{codec}, pages {version}"] = base64.b64encode(file.getvalue()).decode()
    file = io.BytesIO()
    pq.write_table(table, file, data_page_size=1, write_batch_size=4)
    files["pages of four rows"] = base64.b64encode(file.getvalue()).decode()
    file = io.BytesIO()
    pq.write_table(table.slice(0, 0), file)
    empty = base64.b64encode(file.getvalue()).decode()
    print(json.dumps({"pyarrow": pa.__version__, "rows": rows, "files": files,
                      "holes": empty_pages, "empty": empty}))


if __name__ == "__main__":
    main()
