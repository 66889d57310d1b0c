"""What each job of the workflow costs, by the number of respondents. See README.md beside this file."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import psutil
import pyarrow as pa
import pyreadstat
from pyarrow import csv as arrow_csv

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "docs" / "benchmarks"
PARTS = (
    *("Snakefile", "SECURITY.md", "config", "docs", "environment.yml", "notebooks", "profiles"),
    *("requirements.lock", "resources", "src", "workflow"),
)
COUNTRY = "bra"
HARMONISED = (f"data/harmonised/{COUNTRY}/children.parquet",)
TABLES = ("children", "caregivers")
KEYS = ("CASE_ID", "HH_ID", "ea_id")
"""Columns that identify the respondents, households and clusters of a copy of the survey."""
COMMANDS = ("synthesise", "harmonise", "suppress", "quality", "insight", "audit", "comparison", "site")
EVERY = 0.1
"""Seconds between two looks at the processes."""


@dataclass
class Cost:
    """What a job took: seconds of wall and processor, and the most memory (GB) of its processes together."""

    seconds: float = 0.0
    processor: float = 0.0
    peak_gb: float = 0.0


def main() -> None:
    """Run the workflow for one country at each size, and write the table."""
    options = read_options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        for respondents in options.respondents:
            project = copy(Path(scratch, str(respondents)))
            costs = list(run(project, respondents, HARMONISED if options.harmonise_only else ()))
            shutil.rmtree(project)
            write(pd.DataFrame(costs), options.note)


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--respondents", type=int, nargs="+", default=[1_000], help="children; caregivers too"
    )
    parser.add_argument("--harmonise-only", action="store_true", help="stop at the tables of the codebook")
    parser.add_argument("--note", default="", help="a sentence about the machine, for the page")
    parser.add_argument("--scratch", help="a folder for copies of the project (a million children: 3 GB)")
    return parser.parse_args()


def copy(folder: Path) -> Path:
    """A copy of the project, without data and results."""
    folder.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / part)
    return folder


def run(project: Path, respondents: int, targets: Sequence[str] = ()) -> Iterator[dict]:
    """What each command costs for one country of so many children; of several jobs of a command, the most.

    `targets`: what to make; everything, if nothing is said.
    """
    costs = watched(
        project, *(f"data/synthetic/{COUNTRY}/SYNTHETIC_{COUNTRY}_{table}.sav" for table in TABLES)
    )
    enlarge(project, respondents)
    costs |= watched(project, *targets)
    for command in COMMANDS:
        of_command = [cost for (name, *_), cost in costs.items() if name == command]
        if of_command:
            most = {key: max(asdict(cost)[key] for cost in of_command) for key in asdict(Cost())}
            row = {"respondents": respondents, "job": command, "jobs": len(of_command), **most}
            sys.stderr.write(f"{row}\n")
            yield row


# A larger survey: the synthetic one over and over, under other keys, as a text file


def enlarge(project: Path, respondents: int) -> None:
    """Give the country files of its own with so many children, and as many more caregivers."""
    folder = project / "data/raw"
    folder.mkdir(parents=True)
    for table in TABLES:
        name = f"SYNTHETIC_{COUNTRY}_{table}"
        survey = pyreadstat.read_sav(project / f"data/synthetic/{COUNTRY}/{name}.sav")[0]
        repeat(survey, folder / f"{name}.csv", -(-respondents // 1_000))
    with (project / f"config/countries/{COUNTRY}.yaml").open("a", encoding="utf-8") as stream:
        files = "".join(f"  {table}: data/raw/SYNTHETIC_{COUNTRY}_{table}.csv\n" for table in TABLES)
        stream.write(f"\nmicrodata:\n{files}\naccept_identical_rows: [{', '.join(TABLES)}]\n")


def repeat(survey: pd.DataFrame, file: Path, times: int) -> None:
    """Write a table `times` over."""
    once = pa.Table.from_pandas(survey.convert_dtypes(), preserve_index=False)
    texts = {name: survey[name].astype(str) for name in survey if name in KEYS}
    with arrow_csv.CSVWriter(file, with_keys(once, texts, 0).schema) as writer:
        for number in range(times):
            writer.write_table(with_keys(once, texts, number))


def with_keys(table: pa.Table, texts: dict[str, pd.Series], number: int) -> pa.Table:
    """The table under the keys of copy `number`."""
    for name, text in texts.items():
        position = table.column_names.index(name)
        table = table.set_column(position, name, pa.array(text + f"-{number}", pa.string()))
    return table


# Watching


def watched(project: Path, *targets: str) -> dict[tuple[str, ...], Cost]:
    """What each command costs while Snakemake makes some targets, one job after the other."""
    words = [sys.executable, "-m", "snakemake", "-c1", "--quiet", "all", "--config", f"country={COUNTRY}"]
    # Cold: forked jobs share most of their memory, which could not be assigned to single processes.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["DISRUPTING_HARM_WARM"] = "off"
    costs: dict[tuple[str, ...], Cost] = {}
    with subprocess.Popen([*words, "--", *targets], cwd=project, env=environment) as snakemake:
        while snakemake.poll() is None:
            for process in processes_below(psutil.Process(snakemake.pid)):
                look(process, costs)
            time.sleep(EVERY)
    if snakemake.returncode:
        sys.exit("The workflow failed: see above.")
    return costs


def look(process: psutil.Process, costs: dict[tuple[str, ...], Cost]) -> None:
    """Note what a command has cost so far."""
    try:
        words = process.cmdline()
        if words[1:3] != ["-m", "disrupting_harm"]:
            return
        cost = costs.setdefault(tuple(words[3:6]), Cost())
        family = [process, *processes_below(process)]
        times = process.cpu_times()
        spent = times.children_user + times.children_system
        spent += sum(sum(process.cpu_times()[:2]) for process in family)
        cost.seconds = max(cost.seconds, time.time() - process.create_time())
        cost.processor = max(cost.processor, spent)
        cost.peak_gb = max(cost.peak_gb, sum(process.memory_info().rss for process in family) / 1e9)
    except psutil.NoSuchProcess:
        return


def processes_below(process: psutil.Process) -> list[psutil.Process]:
    """The processes that a process has started, and theirs; none when it has ended."""
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


# The page

HEAD = """# Time and memory of the workflow's jobs

What was run and how it was measured: [benchmarks/README.md](../../benchmarks/README.md). {note}

| respondents | job | jobs | seconds | of the processor | peak memory, GB |
| ---: | --- | ---: | ---: | ---: | ---: |
"""

GROWTH = """
## Growth

What ten times as many respondents cost: times as much of the processor, and times as much memory. Linear is 10.

| job | {steps} |
| --- | {rule} |
"""


def write(table: pd.DataFrame, note: str) -> None:
    """The table as CSV and in Markdown; rows of earlier runs with other numbers of respondents stay."""
    path = OUTPUT / "jobs.csv"
    if path.is_file():
        table = pd.concat([pd.read_csv(path), table]).drop_duplicates(["respondents", "job"], keep="last")
    order = {command: rank for rank, command in enumerate(COMMANDS)}
    table = table.sort_values(["respondents", "job"], key=lambda column: column.replace(order))
    table.to_csv(path, index=False, float_format="%.4g")
    lines = [
        f"| {row.respondents:,} | {row.job} | {row.jobs} | {row.seconds:.3g} | {row.processor:.3g}"
        f" | {row.peak_gb:.2g} |\n"
        for row in table.itertuples()
    ]
    text = HEAD.format(note=note) + "".join(lines) + growth(table)
    (OUTPUT / "jobs.md").write_text(text, encoding="utf-8")


def growth(table: pd.DataFrame) -> str:
    """How time and memory of each job grow from one number of respondents to ten times as many."""
    costs = {
        name: table.pivot_table(index="respondents", columns="job", values=name)
        for name in ("processor", "peak_gb")
    }
    sizes = costs["processor"].index
    steps = [(size, 10 * size) for size in sizes if 10 * size in sizes]
    if not steps:
        return ""
    lines = []
    for job in filter(costs["processor"].columns.__contains__, COMMANDS[1:]):
        cells = [
            ", ".join(f"{cost.loc[many, job] / cost.loc[few, job]:.1f}" for cost in costs.values())
            for few, many in steps
        ]
        lines.append(f"| {job} | {' | '.join(cells)} |\n")
    named = " | ".join(f"{few:,} to {many:,}" for few, many in steps)
    return GROWTH.format(steps=named, rule=" | ".join(["---:"] * len(steps))) + "".join(lines)


if __name__ == "__main__":
    main()
