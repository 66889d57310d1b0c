"""Our estimates of one case, timed: `python ours.py FOLDER REPEATS [missing]`; prints a line of JSON."""

import json
import sys
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd
import tables

from disrupting_harm import survey


def prepare(table: tables.Table, missing: bool) -> list[tuple[pd.DataFrame, pd.DataFrame, dict]]:
    """For each country: the design's columns, the indicators, the domains."""
    ready = []
    for rows in table.countries():
        people = pd.DataFrame({name: table.columns[name][rows] for name in ("weight", "stratum", "psu")})
        answers = table.answers[rows]
        if missing:
            absent = np.random.default_rng(1).random(answers.shape) < 0.05
            answers = np.where(absent, np.nan, answers.astype(float))
        values = pd.DataFrame(answers, columns=table.indicators, copy=False)
        domains = {"all": np.ones(len(people), dtype=bool)}
        if table.by_group:
            for group in tables.GROUPS:
                codes = table.columns[group][rows]
                domains |= {f"{group} {level}": codes == level for level in np.unique(codes)}
        ready.append((people, values, domains))
    return ready


def estimate(ready: list[tuple[pd.DataFrame, pd.DataFrame, dict]]) -> list[pd.DataFrame]:
    """Proportions with standard errors and logit intervals, from the table to the tidy frame."""
    tables = []
    for people, values, domains in ready:
        design = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
        tables.append(survey.proportions(design, values, domains))
    return tables


def main(folder: str, repeats: str, missing: str = "") -> None:
    """Time the case and say so."""
    ready = prepare(tables.read(Path(folder)), bool(missing))
    seconds, processor = [], []
    for _ in range(int(repeats)):
        start, started = perf_counter(), process_time()
        estimates = estimate(ready)
        seconds.append(perf_counter() - start)
        processor.append(process_time() - started)
    first = estimates[0].iloc[0]
    check = [first["estimate"], first["se"]]
    sys.stdout.write(
        json.dumps({"seconds": seconds, "processor": processor, "peak": tables.peak_memory(), "check": check})
        + "\n"
    )


main(*sys.argv[1:])
