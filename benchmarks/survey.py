"""How fast the room `survey` is, beside R's survey, svy and a duckdb group-by. See README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from contenders import tables

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "docs" / "benchmarks"
INDICATORS = 60
CASES = {
    "a": {"countries": 25, "rows": 2_000, "psus": 100, "strata": 10},
    "250 thousand": {"countries": 1, "rows": 250_000, "psus": 10_000, "strata": 100},
    "500 thousand": {"countries": 1, "rows": 500_000, "psus": 10_000, "strata": 100},
    "b": {"countries": 1, "rows": 1_000_000, "psus": 10_000, "strata": 100},
    "c": {"countries": 1, "rows": 10_000_000, "psus": 10_000, "strata": 100},
}
OURS = "ours"
CONTENDERS = {
    "a": [OURS, "ours, 5 % missing", "R, as written", "R, vectorised", "svy", "duckdb, sums only"],
    "250 thousand": [OURS],
    "500 thousand": [OURS],
    "b": [OURS, "R, as written", "R, vectorised", "svy", "duckdb, sums only"],
    "c": [OURS, "duckdb, sums only"],
}
ONCE = {("R, as written", "b"), ("R, vectorised", "b")}
"""Minutes long: run once."""
LIMIT = 900  # seconds for one contender in one case


def main() -> None:
    """Run what is asked for, and write the table and the figure."""
    options = read_options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        table = pd.DataFrame(list(run(options, Path(scratch))))
    table = beside_ours(table)
    write(table, options.note)


def write(table: pd.DataFrame, note: str) -> None:
    """The table as CSV and in words, and the figure."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    table.to_csv(OUTPUT / "survey.csv", index=False, float_format="%.4g")
    (OUTPUT / "survey.md").write_text(HEAD.format(note=note) + in_words(table) + report(table))
    draw(table, OUTPUT / "survey.svg")


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--repeats", type=int, default=5, help="at least; a median is reported")
    parser.add_argument(
        "--python", help="a Python that has svy, duckdb, polars and pyarrow; without it, neither"
    )
    parser.add_argument("--rscript", default="Rscript")
    parser.add_argument("--note", default="", help="a sentence about the machine, for the page")
    parser.add_argument("--scratch", help="a folder for the made-up tables (1 GB)")
    return parser.parse_args()


def run(options: argparse.Namespace, scratch: Path) -> Iterator[dict]:
    """One row per case and contender."""
    moved = bandwidth()
    for case in options.cases:
        tables.make(scratch / case, indicators=INDICATORS, **CASES[case])
        size = sum(path.stat().st_size for path in (scratch / case).iterdir() if path.name in READ)
        for contender in CONTENDERS[case]:
            repeats = 1 if (contender, case) in ONCE else options.repeats
            row = measure(command(options, contender, scratch / case, repeats))
            rows = CASES[case]["countries"] * CASES[case]["rows"]
            yield {"case": case, "rows": rows, "contender": contender, "read_once": size / moved} | row
            sys.stderr.write(f"{case}, {contender}: {row}\n")
        for path in (scratch / case).iterdir():
            path.unlink()


READ = {"answers", "weight", "psu", "stratum"}


def command(options: argparse.Namespace, contender: str, folder: Path, repeats: int) -> list[str] | None:
    """What runs a contender; None where it is not there."""
    program = HERE / "contenders"
    rest = [str(folder), str(repeats)]
    if contender.startswith("R,"):
        return [options.rscript, str(program / "with_r.R"), *rest, contender.split()[-1]]
    if contender.startswith(OURS):
        return [sys.executable, str(program / "ours.py"), *rest, *(["missing"] if "," in contender else [])]
    script = "with_svy.py" if contender == "svy" else "with_duckdb.py"
    return [options.python, str(program / script), *rest] if options.python else None


def measure(words: list[str] | None) -> dict:
    """Median seconds (wall and processor), how often measured, peak memory in GB, and a note."""
    nothing = {"seconds": np.nan, "processor": np.nan, "repeats": 0, "peak_gb": np.nan}
    if words is None:
        return nothing | {"note": "not installed"}
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=LIMIT, check=False, env=os.environ | one_thread
        )
    except FileNotFoundError:
        return nothing | {"note": "not installed"}
    except subprocess.TimeoutExpired:
        return nothing | {"note": f"stopped after {LIMIT} s"}
    if done.returncode:
        return nothing | {"note": "failed", "error": done.stderr.strip()[-300:]}
    report_line = json.loads(done.stdout.strip().splitlines()[-1])
    parts = report_line.get("parts", 1)
    return {
        "seconds": median(report_line["seconds"]) * parts,
        "processor": median(report_line["processor"]) * parts,
        "repeats": len(report_line["seconds"]),
        "peak_gb": report_line["peak"],
        "note": f"1/{parts} measured, times {parts}" if parts > 1 else "",
    }


def bandwidth() -> float:
    """Bytes a second that one core reads and writes: a copy of 256 MB, median of 5."""
    source = np.ones(32_000_000)
    target = np.empty_like(source)
    seconds = []
    for _ in range(6):
        start = process_time()
        np.copyto(target, source)
        seconds.append(process_time() - start)
    return 2 * source.nbytes / median(seconds[1:])


def beside_ours(table: pd.DataFrame) -> pd.DataFrame:
    """Ratios of processor time to ours in the same case, and to reading the table once."""
    ours = table[table["contender"] == OURS].set_index("case")["processor"]
    return table.assign(
        times_ours=table["processor"] / table["case"].map(ours),
        times_read_once=table["processor"] / table["read_once"],
    )


HEAD = """# Time and memory of the stage `survey`

What the rows are and how they were measured: [benchmarks/README.md](../../benchmarks/README.md). {note}

![Seconds by contender, and ours by rows](survey.svg)

"""


def in_words(table: pd.DataFrame) -> str:
    """Ratios, growth and the distance from reading the table once, as found."""
    lines = []
    case = table[(table["case"] == "a") & table["times_ours"].notna()].set_index("contender")["times_ours"]
    if len(case):
        named = "; ".join(f"{who}: {number(times)}" for who, times in case.items() if OURS not in who)
        lines.append(f"* 19,500 proportions (a), times ours: {named}.")
    grown = table[(table["contender"] == OURS) & (table["case"] != "a")].sort_values("rows")
    if len(grown) > 1:
        by_row = grown["processor"] / grown["rows"] * 1e6
        costs = ", ".join(
            f"{rows:,} rows {number(cost)}" for rows, cost in zip(grown["rows"], by_row, strict=True)
        )
        last = grown.iloc[-1]
        reads = number(last["times_read_once"])
        lines += [
            f"* Seconds of the processor for a million rows, by the rows of the table: {costs}.",
            f"* {last['rows']:,} rows took at most {number(last['peak_gb'])} GB.",
            f"* They took {reads} times one read of the table from memory, which takes a byte per answer.",
        ]
    return "\n".join(lines) + "\n\n"


def report(table: pd.DataFrame) -> str:
    """The table in Markdown."""
    lines = [
        "| case | rows | who | seconds | of the processor | median of | times ours | times a read | peak GB | note |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in table.itertuples():
        cells = [row.case, f"{row.rows:,}", row.contender, number(row.seconds)]
        cells += [number(row.processor), str(row.repeats)]
        cells += [number(row.times_ours), number(row.times_read_once), number(row.peak_gb), row.note]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three digits, or a dash."""
    if np.isnan(value):
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def draw(table: pd.DataFrame, path: Path) -> None:
    """Seconds in case (a), and ours by rows."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "survey", "font.size": 10})
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), width_ratios=[3, 2], layout="constrained")
    bars = table[(table["case"] == "a") & table["processor"].notna()].iloc[::-1]
    colours = ["#1f6f8b" if who.startswith(OURS) else "#b8b8b8" for who in bars["contender"]]
    left.barh(bars["contender"], bars["processor"], color=colours)
    for row, seconds in enumerate(bars["processor"]):
        left.text(seconds * 1.15, row, f"{number(seconds)} s", va="center")
    left.set(
        xscale="log", xlabel="seconds of the processor", title="19,500 proportions: 25 countries x 60 x 13"
    )
    left.margins(x=0.25)
    grown = table[(table["contender"] == OURS) & (table["case"] != "a")].sort_values("rows")
    right.plot(grown["rows"], grown["processor"], "o-", color="#1f6f8b", label="ours")
    right.plot(grown["rows"], grown["read_once"], ":", color="#666666", label="reading the table once")
    right.set(
        xscale="log",
        yscale="log",
        xlabel="rows",
        ylabel="seconds of the processor",
        title="60 proportions by rows",
    )
    right.legend(frameon=False)
    for side in (left, right):
        side.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
