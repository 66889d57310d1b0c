"""The weighted sums alone, by duckdb: `python with_duckdb.py FOLDER REPEATS`; prints a line of JSON."""

import json
import sys
from pathlib import Path
from time import perf_counter, process_time

import duckdb
import pyarrow as pa
import tables


def main(folder: str, repeats: str) -> None:
    """Time the case and say so."""
    table = tables.read(Path(folder))
    columns = {name: table.columns[name] for name in tables.COLUMNS}
    answers = {name: table.answers[:, at] for at, name in enumerate(table.indicators)}
    source = pa.table(columns | answers)
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.register("source", source)
    connection.execute("CREATE TABLE people AS SELECT * FROM source")
    connection.unregister("source")
    sums = ", ".join(f"sum(weight * {name})" for name in table.indicators)
    sets = "(psu)" + "".join(f", (psu, {group})" for group in tables.GROUPS if table.by_group)
    query = f"SELECT psu, count(*), sum(weight), {sums} FROM people GROUP BY GROUPING SETS ({sets})"
    seconds, processor = [], []
    for _ in range(int(repeats)):
        start, started = perf_counter(), process_time()
        connection.execute(query).fetchnumpy()
        seconds.append(perf_counter() - start)
        processor.append(process_time() - started)
    sys.stdout.write(
        json.dumps({"seconds": seconds, "processor": processor, "peak": tables.peak_memory()}) + "\n"
    )


main(*sys.argv[1:])
