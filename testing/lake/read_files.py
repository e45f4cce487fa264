"""Reads exported files with pyarrow and Python's DuckDB. Input: a JSON list of files. Output: a JSON list of problems."""

import json
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

TYPES = {
    "text": pa.string(),
    "json": pa.string(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
}

problems = []
for file in json.load(sys.stdin):
    table = pq.read_table(file["path"])
    if table.num_rows != file["rows"]:
        problems.append(f"{file['name']}: pyarrow read {table.num_rows} of {file['rows']} rows")
    for column, field in zip(file["columns"], table.schema, strict=True):
        field_id = int(field.metadata[b"PARQUET:field_id"])
        if (field.name, field.type, field_id) != (column["name"], TYPES[column["type"]], column["id"]):
            problems.append(f"{file['name']}.{column['name']}: pyarrow read {field.name} {field.type} {field_id}")
    (rows,) = duckdb.sql(f"select count(*) from '{file['path']}'").fetchone()
    if rows != file["rows"]:
        problems.append(f"{file['name']}: DuckDB read {rows} of {file['rows']} rows")
json.dump(problems, sys.stdout)
