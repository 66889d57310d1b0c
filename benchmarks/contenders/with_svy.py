"""The same estimates by svy: `python with_svy.py FOLDER REPEATS`; prints a line of JSON.

Of several countries it does a fifth, and says so ("parts").
"""

import json
import sys
from pathlib import Path
from time import perf_counter, process_time

import polars as pl
import svy
import tables


def main(folder: str, repeats: str) -> None:
    """Time the case and say so."""
    table = tables.read(Path(folder))
    people = []
    for rows in table.countries():
        columns = {name: table.columns[name][rows] for name in tables.COLUMNS}
        answers = {name: table.answers[rows, at] for at, name in enumerate(table.indicators)}
        people.append(pl.DataFrame(columns | answers))
    parts = 5 if table.by_group else 1
    people = people[: max(len(people) // parts, 1)]
    groups = [None, *tables.GROUPS] if table.by_group else [None]
    seconds, processor = [], []
    for _ in range(int(repeats)):
        start, started = perf_counter(), process_time()
        for frame in people:
            sample = svy.Sample(frame, svy.Design(stratum="stratum", psu="psu", wgt="weight"))
            for group in groups:
                estimates = sample.estimation.prop(table.indicators, by=group)
        seconds.append(perf_counter() - start)
        processor.append(process_time() - started)
    del estimates
    sys.stdout.write(
        json.dumps({"seconds": seconds, "processor": processor, "peak": tables.peak_memory(), "parts": parts})
        + "\n"
    )


main(*sys.argv[1:])
