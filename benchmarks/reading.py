"""What reading 60 of a file's 600 columns costs, beside reading the whole file. See README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "docs" / "benchmarks"
COLUMNS, MAPPED = 600, 60
CHUNK = 20_000
"""Rows that are made at a time."""
ENDINGS = (".csv", ".parquet", ".sav", ".zsav", ".dta")
OURS, WHOLE, NOTHING = "60 columns, ours", "whole file", "imports only"
LIMIT = 3_600
"""Seconds for one reading."""


def main() -> None:
    """Run what is asked for, or one reading in a process of its own, and write the table."""
    options = read_options()
    if options.read:
        print(json.dumps(read(options.what, options.read)))  # noqa: T201
        return
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        table = pd.DataFrame(list(run(options, Path(scratch))))
    write(table, options.note)


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[50_000])
    parser.add_argument("--endings", nargs="+", default=list(ENDINGS), choices=ENDINGS)
    parser.add_argument(
        "--whole-up-to", type=int, default=50_000, help="rows up to which the whole file is read too"
    )
    parser.add_argument("--note", default="", help="a sentence about the machine, for the page")
    parser.add_argument("--scratch", help="a folder for the files (a million rows: 3 GB)")
    parser.add_argument(
        "--read", type=Path, help="read this file and say what it cost (what the benchmark calls)"
    )
    parser.add_argument("--what", choices=(OURS, WHOLE, NOTHING))
    return parser.parse_args()


def run(options: argparse.Namespace, scratch: Path) -> Iterator[dict]:
    """One row for each format, number of rows and way of reading."""
    for rows in options.rows:
        for ending in options.endings:
            file = scratch / f"data{ending}"
            make(file, rows)
            ways = [NOTHING, OURS, *([WHOLE] if rows <= options.whole_up_to else [])]
            for what in ways:
                row = {"rows": rows, "format": ending, "file_gb": file.stat().st_size / 1e9, "what": what}
                row |= measure(file, what)
                sys.stderr.write(f"{row}\n")
                yield row
            file.unlink()


# The files: 600 columns, of which 30 are text, 20 have decimals, and the others hold codes


def chunk(start: int, rows: int) -> pd.DataFrame:
    """Rows of a survey, made up: codes with empty cells, numbers with decimals, short and long texts."""
    draw = np.random.default_rng(start)
    columns = {}
    for column in range(COLUMNS):
        if column == 0:
            columns["id"] = [f"R{number:09d}" for number in range(start, start + rows)]
        elif column % 20 == 1:
            words = np.array(["", "no", "North-East", "a longer answer in the words of a respondent"])
            columns[f"t{column}"] = words[draw.integers(0, 4, rows)]
        elif column % 30 == 2:
            columns[f"w{column}"] = draw.gamma(4, 0.25, rows).round(6)
        else:
            codes = np.array([1.0, 2, 3, 4, 5, 98, 99, np.nan])
            columns[f"q{column}"] = codes[draw.integers(0, 8, rows)]
    return pd.DataFrame(columns)


def mapped() -> list[str]:
    """60 of the columns: every tenth, and so a text, numbers and codes."""
    return list(chunk(0, 1))[::10]


def make(file: Path, rows: int) -> None:
    """Write a file; those that can be written in pieces are."""
    pieces = (chunk(start, min(CHUNK, rows - start)) for start in range(0, rows, CHUNK))
    if file.suffix in (".csv", ".parquet"):
        write_in_pieces(file, pieces)
    elif file.suffix == ".sav":
        repeat_rows(file, next(pieces), rows)
    else:
        write_at_once(file, pieces)


def write_in_pieces(file: Path, pieces: Iterator[pd.DataFrame]) -> None:
    """Text and Parquet."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    def as_table(piece: pd.DataFrame) -> pa.Table:
        codes = [name for name in piece if name.startswith("q")]
        return pa.Table.from_pandas(piece.astype(dict.fromkeys(codes, "Int64")), preserve_index=False)

    first = as_table(next(pieces))
    kind = parquet.ParquetWriter if file.suffix == ".parquet" else csv.CSVWriter
    with kind(file, first.schema) as writer:
        writer.write_table(first)
        for piece in pieces:
            writer.write_table(as_table(piece))


def write_at_once(file: Path, pieces: Iterator[pd.DataFrame]) -> None:
    """Stata and compressed SPSS: pyreadstat writes a table that is in memory as a whole."""
    import pyreadstat

    frame = pd.concat(pieces, ignore_index=True)
    if file.suffix == ".dta":
        pyreadstat.write_dta(frame, file)
    else:
        pyreadstat.write_sav(frame, file, compress=True)


END_OF_DICTIONARY = struct.pack("<ii", 999, 0)
NOTHING_HERE = b"\0"
"""In place of the last byte of the data, which says that they end."""
ROWS_AT = 80
"""Where the header of an SPSS file says how many rows there are."""


def repeat_rows(file: Path, piece: pd.DataFrame, rows: int) -> None:
    """An SPSS file with the rows of `piece` over and over: its data section is repeated."""
    import pyreadstat

    times = -(-rows // len(piece))
    pyreadstat.write_sav(piece, file, row_compress=True)
    written = file.read_bytes()
    head, marker, data = written.partition(END_OF_DICTIONARY)
    head = head[:ROWS_AT] + struct.pack("<i", times * len(piece)) + head[ROWS_AT + 4 :]
    with file.open("wb") as stream:
        stream.write(head + marker)
        for _ in range(times - 1):
            stream.write(data[:-1] + NOTHING_HERE)
        stream.write(data)


# Reading, in a process of its own


def measure(file: Path, what: str) -> dict:
    """Seconds and peak memory of a reading in a new process, the largest memory it ever held."""
    words = [sys.executable, str(HERE / "reading.py"), "--read", str(file), "--what", what]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=LIMIT, check=True, env=os.environ
        )
    except subprocess.TimeoutExpired:
        return {"seconds": np.nan, "processor": np.nan, "peak_gb": np.nan, "cells": 0}
    return json.loads(done.stdout)


def read(what: str, file: Path) -> dict:
    """Read a file in one way; what it cost."""
    from time import perf_counter, process_time

    ways: dict[str, Callable[[Path], object]] = {
        OURS: ours,
        WHOLE: in_one_piece,
        NOTHING: lambda _: imports(),
    }
    imports()
    wall, processor = perf_counter(), process_time()
    content = ways[what](file)
    return {
        "seconds": perf_counter() - wall,
        "processor": process_time() - processor,
        "peak_gb": peak() / 1e9,
        "cells": getattr(content, "size", 0),
    }


def peak() -> int:
    """The most memory that this process ever held, in bytes; without what the one held that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def imports() -> None:
    """What both ways of reading need."""
    import pyarrow.csv
    import pyarrow.parquet
    import pyreadstat

    from disrupting_harm.delivered import formats

    _ = pyarrow.csv, pyarrow.parquet, pyreadstat, formats


def ours(file: Path) -> pd.DataFrame:
    """The mapped columns, by the library."""
    from disrupting_harm.delivered import formats

    return formats.read(file, mapped(), text=["id"]).frame


def in_one_piece(file: Path) -> pd.DataFrame:
    """All columns, as people usually read a file."""
    import pyreadstat

    if file.suffix == ".csv":
        return pd.read_csv(file, low_memory=False)
    if file.suffix == ".parquet":
        return pd.read_parquet(file)
    return (pyreadstat.read_dta if file.suffix == ".dta" else pyreadstat.read_sav)(file)[0]


# The page

HEAD = """# Time and memory of reading delivered files

What the rows are and how they were measured: [benchmarks/README.md](../../benchmarks/README.md). {note}

"""


def write(table: pd.DataFrame, note: str) -> None:
    """The table as CSV, and in words; rows of earlier runs with other numbers of rows or formats stay."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / "reading.csv"
    if path.is_file():
        table = pd.concat([pd.read_csv(path), table]).drop_duplicates(["rows", "format", "what"], keep="last")
    table = table.sort_values(["rows", "format", "what"])
    table.to_csv(path, index=False, float_format="%.4g")
    page = HEAD.format(note=note) + in_words(table) + report(table)
    (OUTPUT / "reading.md").write_text(page, encoding="utf-8")


def in_words(table: pd.DataFrame) -> str:
    """The most memory that reading the mapped columns took, for each format's longest file."""
    ours = table[table["what"] == OURS].sort_values("rows").drop_duplicates("format", keep="last")
    costs = [f"{row.format} {row.peak_gb:.2g} GB ({row.rows:,} rows)" for row in ours.itertuples()]
    return (
        f"The most memory for {MAPPED} of {COLUMNS} columns, the libraries included: {'; '.join(costs)}.\n\n"
    )


def report(table: pd.DataFrame) -> str:
    """The table in Markdown."""
    lines = [
        "| rows | format | file, GB | what is read | seconds | of the processor | peak memory, GB |",
        "| ---: | --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for row in table.itertuples():
        spent = (row.seconds, row.processor) if row.what != NOTHING else ()
        numbers = [*(f"{value:.3g}" for value in spent), *["-"] * (2 - len(spent)), f"{row.peak_gb:.3g}"]
        lines.append(
            f"| {row.rows:,} | {row.format} | {row.file_gb:.3g} | {row.what} | {' | '.join(numbers)} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
