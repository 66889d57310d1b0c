"""What notebooks and their pages cost: the usual way, ours cold and warm, the floor. See README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import psutil

from disrupting_harm import config
from disrupting_harm.running.warm.client import OFF, PLACE

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "docs" / "benchmarks"
USUAL, COLD, WARM, FLOOR = "usual way", "ours, cold", "ours, warm", "floor"
CORES = 2
PARTS = (
    *("Snakefile", "SECURITY.md", "environment.yml"),
    *("config", "docs", "notebooks", "profiles", "resources", "src", "workflow"),
)


def main() -> None:
    """Run what is asked for, or one way in a process of its own, and write the tables."""
    options = read_options()
    if options.way:
        print(json.dumps(cost(WAYS[options.way], options.countries)))  # noqa: T201
    elif options.floor:
        print("\n" + json.dumps(floor([part.split("/") for part in options.floor])))  # noqa: T201
    else:
        tables = {}
        if "ways" in options.parts:
            tables["ways"], tables["split"] = compare(options)
        if "edits" in options.parts:
            tables["edits"] = edits(options.countries)
        if "countries" in options.parts:
            tables["countries"] = dry_runs(options.copies)
        write({name: table for name, table in tables.items() if len(table)}, options.note)


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ["ways", "edits", "countries"]
    parser.add_argument("--parts", nargs="+", default=parts, choices=parts)
    parser.add_argument("--countries", nargs="+", default=["ken"], help="ISO codes, for the ways")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--copies", type=int, nargs="+", default=[24, 100, 200])
    parser.add_argument("--note", default="", help="a sentence about the machine, for the page")
    parser.add_argument("--way", help="one way (what the benchmark calls)")
    parser.add_argument(
        "--floor", nargs="+", help="country/insight in one interpreter (what the benchmark calls)"
    )
    return parser.parse_args()


# --- The ways -----------------------------------------------------------------------------------------------


def compare(options: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Medians of each way for the countries' notebooks, and what the floor's time goes to."""
    prepare(options.countries)
    rows, parts = [], []
    for way in options.ways:
        costs = [call("--way", way, "--countries", *options.countries) for _ in range(options.repeats)]
        split = [cost_of_run.pop("told") for cost_of_run in costs]
        medians = {name: statistics.median(cost_of_run[name] for cost_of_run in costs) for name in costs[0]}
        rows.append({"countries": len(options.countries), "way": way, "runs": len(costs), **medians})
        parts += split[-1] or []
    return pd.DataFrame(rows), pd.DataFrame(parts)


def prepare(countries: list[str]) -> None:
    """Make what the notebooks read, and each once, so that nothing but them is measured."""
    snakemake([f"results/{country}/{insight}.html" for country, insight in pairs(countries)], countries)


def pairs(countries: list[str]) -> list[tuple[str, str]]:
    """Every notebook of every country."""
    return [(country, insight) for country in countries for insight in config.load(ROOT).insights]


def call(*words: str) -> dict:
    """Call this file in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *words],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def cost(way: Callable[[list[str]], list | None], countries: list[str]) -> dict:
    """Wall time, processor time of all processes, and the most memory that they held together."""
    ended = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        peak = pool.submit(most_memory, ended)
        started = time.monotonic()
        try:
            split = way(countries)
        finally:
            ended.set()
        seconds = time.monotonic() - started
    return {
        "seconds": seconds,
        "processor": processor(),
        "peak_gb": peak.result() / 1e9,
        "told": split,
    }


def processor() -> float:
    """Seconds of the processor that all ended children of this process took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def most_memory(ended: threading.Event) -> int:
    """The most memory of all processes started from here, looked at every half second; what is shared counts once.

    Commands let no other program of their user look into their memory: on Linux this is for the administrator.
    """
    most = 0
    while not ended.wait(0.5):
        now = 0
        for process in psutil.Process().children(recursive=True):
            try:
                now += process.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue
        most = max(most, now)
    return most


def two_at_a_time(commands: list[list[list[str]]]) -> None:
    """Run lists of commands, each list in its order, as many lists at a time as there are cores."""

    def one(commands: list[list[str]]) -> None:
        for command in commands:
            subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True)

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, commands))


def environment(root: Path = ROOT) -> dict[str, str]:
    """The variables of this process, and the library of a checkout, which Python compiles once."""
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **given,
        "PYTHONPATH": str(root / "src"),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def usual(countries: list[str]) -> None:
    """The papermill command, then the nbconvert command, for each notebook."""
    with tempfile.TemporaryDirectory() as scratch:
        commands = []
        for country, insight in pairs(countries):
            copy = f"{scratch}/{country}_{insight}.ipynb"
            given = {
                "country": country,
                "children": f"data/harmonised/{country}/children.parquet",
                "caregivers": f"data/harmonised/{country}/caregivers.parquet",
                "table": f"{scratch}/{country}_{insight}.csv",
            }
            words = [word for name, value in given.items() for word in ("-p", name, value)]
            execute = ["papermill", f"notebooks/{insight}.ipynb", copy, *words, "--no-progress-bar"]
            commands.append([execute, ["jupyter", "nbconvert", "--to", "html", copy]])
        two_at_a_time(commands)


def cold(countries: list[str]) -> None:
    """The workflow, each job started by itself."""
    snakemake([f"results/{country}/{insight}.html" for country, insight in pairs(countries)], countries, OFF)


def warm(countries: list[str]) -> None:
    """The workflow as it is, the start of the warm process included."""
    snakemake([f"results/{country}/{insight}.html" for country, insight in pairs(countries)], countries, "")


def snakemake(
    pages: list[str], countries: list[str], folder: str | None = None, root: Path = ROOT
) -> list[str]:
    """Make pages; with `place`, again although they are up to date, forked from a warm process or not (`off`).

    Returns a line for each product made.
    """
    variables = {name: value for name, value in environment(root).items() if name != PLACE}
    command = [sys.executable, "-m", "snakemake", "--cores", str(CORES), "--quiet", "all"]
    command += ["--config", f"country={','.join(countries)}"]
    if folder is not None:
        command += ["--forcerun", "insight"]
    variables |= {PLACE: folder} if folder else {}
    done = subprocess.run(
        [*command, "--", *pages], cwd=root, env=variables, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return done.stdout.splitlines()


def one_after_another(countries: list[str]) -> list[dict]:
    """The cells and pages in as many interpreters as there are cores: each imports once."""
    every = [f"{country}/{insight}" for country, insight in pairs(countries)]
    parts = [every[start::CORES] for start in range(CORES)]
    with ThreadPoolExecutor(CORES) as pool:
        return [
            part
            for result in pool.map(lambda part: call("--floor", *part), parts)
            for part in result["parts"]
        ]


WAYS = {USUAL: usual, COLD: cold, WARM: warm, FLOOR: one_after_another}


def floor(wanted: list[list[str]]) -> dict:
    """Execute notebooks' cells in this interpreter, render the pages; processor seconds by what they went to."""
    import nbformat

    started = time.process_time()
    from IPython.core.interactiveshell import InteractiveShell

    from disrupting_harm.insights import one_country as insight
    from disrupting_harm.presentation import figures
    from disrupting_harm.publishing import pages
    from disrupting_harm.running.warm import server

    for name in server.LATE:
        __import__(name)
    imports = time.process_time() - started
    shell = InteractiveShell.instance()
    shell.display_pub.publish = lambda *_words, **_more: None
    drawn = [0.0]
    for name in ("agreement", "heatmap", "intersections", "intervals", "stacked"):
        setattr(figures, name, timed(getattr(figures, name), drawn))
    parts = [{"country": "", "insight": "", "part": "import", "processor": imports}]
    _ = insight
    with tempfile.TemporaryDirectory() as scratch:
        for country, name in wanted:
            drawn[0], started = 0.0, time.process_time()
            executed = ROOT / f"results/{country}/{name}.ipynb"
            for cell in nbformat.read(executed, as_version=4).cells:
                if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
                    text = cell.source.replace(f"results/{country}/", f"{scratch}/")
                    shell.run_cell(text, silent=False).raise_error()
            cells = time.process_time() - started
            started = time.process_time()
            pages.render(executed, Path(scratch, "page.html"), pages.PageContext(title=name))
            seconds = {
                "estimate": cells - drawn[0],
                "draw": drawn[0],
                "render": time.process_time() - started,
            }
            parts += [
                {"country": country, "insight": name, "part": part, "processor": value}
                for part, value in seconds.items()
            ]
    return {"parts": parts}


def timed(function: Callable, total: list[float]) -> Callable:
    """The function, its processor time added up in `total`."""

    def measured(*words: object, **more: object) -> object:
        started = time.process_time()
        try:
            return function(*words, **more)
        finally:
            total[0] += time.process_time() - started

    return measured


# --- Only what changed --------------------------------------------------------------------------------------


def edits(countries: list[str]) -> pd.DataFrame:
    """What a run of everything costs after each of some edits, in a copy of the project with all its products.

    Only where all is synthetic: delivered microdata are not copied.
    """
    if any(country.data != "synthetic" for country in config.load(ROOT).countries.values()):
        sys.exit("A country has delivered microdata, which do not leave data/: --parts ways countries")
    snakemake([], countries)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        root = scratch_project(Path(scratch), (*PARTS, *MADE))
        snakemake([], countries, root=root)
        for what, edit in EDITS.items():
            edit(root, countries[0])
            before, started = processor(), time.monotonic()
            made = snakemake([], countries, root=root)
            seconds, used = time.monotonic() - started, processor() - before
            row = {"countries": len(countries), "edit": what, "jobs": len(made)}
            rows.append({**row, "seconds": seconds, "processor": used})
    return pd.DataFrame(rows)


def add(file: Path, old: str, new: str) -> None:
    """Put `new` behind the first `old` of a file."""
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(old, old + new, 1), encoding="utf-8")


def delete(files: Iterable[Path]) -> None:
    """Delete files."""
    for file in files:
        file.unlink()


MADE = (
    *(
        "data/synthetic",
        "data/harmonised",
        "data/estimates",
        "data/quality",
        "data/definitions",
        "data/cache",
    ),
    *("results", ".snakemake"),
)
"""What runs have made, as far as it is synthetic."""

EDITS: dict[str, Callable[[Path, str], None]] = {
    "none": lambda _root, _country: None,
    "a comment in a module": lambda root, _: add(
        root / "src/disrupting_harm/presentation/sentences.py",
        "from __future__ import annotations\n",
        "\n# A comment.\n",
    ),
    "a country's file": lambda root, country: add(
        root / f"config/countries/{country}.yaml", f"iso3: {country}\n", "notes: [Edited.]\n"
    ),
    "a page template": lambda root, _: add(
        root / "src/disrupting_harm/publishing/pages/parts/page.css", "", ".edited { color: red }\n"
    ),
    "an indicator's title": lambda root, _: add(
        root / "config/indicators.yaml", "title: Anxiety", " (edited)"
    ),
    "an indicator": lambda root, _: add(
        root / "config/indicators.yaml", 'yes_if: {answer: anxiety, in: ["yes"', ', "no"'
    ),
    "the same tables audited again": lambda root, _: delete(root.glob("results/*/suppression_audit.csv")),
    "a notebook": lambda root, _: add(root / "notebooks/wellbeing.ipynb", "## Who answered?", " (Edited.)"),
}


# --- Growth -------------------------------------------------------------------------------------------------


def dry_runs(numbers: list[int]) -> pd.DataFrame:
    """Dry runs of projects with copies of a country that has a file of its own."""
    rows = []
    for number in numbers:
        with tempfile.TemporaryDirectory() as scratch:
            root = scratch_project(Path(scratch))
            for code in list(codes(root))[: number - len(list((root / "config/countries").glob("*.yaml")))]:
                text = (root / "config/countries/bra.yaml").read_text()
                text = re.sub(r"(?m)^name: .*", f"name: Copy {code}", text).replace(
                    "iso3: bra", f"iso3: {code}"
                )
                (root / f"config/countries/{code}.yaml").write_text(text)
            command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "all", "--config", "country=all"]
            started = time.monotonic()
            silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            run = subprocess.Popen(command, cwd=root, env=environment(), **silent)
            _, status, used = os.wait4(run.pid, 0)
            if status:
                sys.exit(f"The dry run of {number} countries failed.")
            row = {"countries": number, "seconds": time.monotonic() - started}
            rows.append({**row, "processor": used.ru_utime + used.ru_stime, "peak_gb": used.ru_maxrss / 1e6})
    return pd.DataFrame(rows)


def scratch_project(folder: Path, parts: Sequence[str] = PARTS) -> Path:
    """A copy of the project that may be changed."""
    for part in parts:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, folder / part)
    return folder


def codes(root: Path) -> Iterator[str]:
    """Made-up country codes: those that ISO leaves to users begin with x."""
    taken = {file.stem for file in (root / "config/countries").glob("*.yaml")}
    letters = "abcdefghijklmnopqrstuvwxyz"
    yield from (f"x{a}{b}" for a in letters for b in letters if f"x{a}{b}" not in taken)


# --- The page -----------------------------------------------------------------------------------------------

HEAD = """# What a run costs

What was run and how it was measured: [benchmarks/README.md](../../benchmarks/README.md). {note}

"""


def write(tables: dict[str, pd.DataFrame], note: str) -> None:
    """Tables as CSV, and the page; what was measured before and not again stays."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        path = OUTPUT / f"workflow_{name}.csv"
        if name in KEPT:
            table = beside_earlier(table, path, *KEPT[name])
        table.to_csv(path, index=False, float_format="%.4g")
    tables = {name: pd.read_csv(OUTPUT / f"workflow_{name}.csv") for name in TITLES if there(name)}
    texts = [f"## {TITLES[name]}\n\n{in_words[name](table)}" for name, table in tables.items()]
    (OUTPUT / "workflow.md").write_text(HEAD.format(note=note) + "\n".join(texts), encoding="utf-8")
    if "ways" in tables:
        draw(tables["ways"]).savefig(OUTPUT / "workflow.svg", bbox_inches="tight", metadata={"Date": None})


def beside_earlier(table: pd.DataFrame, path: Path, column: str, order: Sequence[str]) -> pd.DataFrame:
    """The rows with those that were measured earlier and not again; `column` distinguishes them, in its order."""
    earlier = [pd.read_csv(path)] if path.is_file() else []
    combined = pd.concat([*earlier, table]).drop_duplicates(["countries", column], keep="last")
    return combined.sort_values(
        ["countries", column], key=lambda of: of.replace({name: rank for rank, name in enumerate(order)})
    )


KEPT = {"ways": ("way", tuple(WAYS)), "edits": ("edit", tuple(EDITS))}
"""Tables whose earlier rows are kept, and the columns that identify these."""

TITLES = {
    "ways": "A country's notebooks and their pages",
    "split": "Where the time goes",
    "edits": "Only what changed",
    "countries": "More countries: a dry run",
}


def there(name: str) -> bool:
    """Whether a table was ever measured."""
    return (OUTPUT / f"workflow_{name}.csv").is_file()


COMPARED = (
    (USUAL, WARM, "the usual way takes {} of ours, warm"),
    (COLD, WARM, "ours, cold, takes {} of ours, warm"),
    (WARM, FLOOR, "ours, warm, takes {} of the floor"),
)


def ways_in_words(table: pd.DataFrame) -> str:
    """The ways side by side, with ratios."""
    lines = ["![Processor seconds by way](workflow.svg)", ""]
    for countries, part in table.groupby("countries"):
        of = part.set_index("way")[["processor", "seconds"]]
        for way, other, says in COMPARED:
            if {way, other} <= set(of.index):
                times = of.loc[way] / of.loc[other]
                ratios = (
                    f"{times['processor']:.2f} times the processor and {times['seconds']:.2f} times the time"
                )
                lines.append(f"* {plural(countries)}: {says.format(ratios)}.")
    return "\n".join(lines) + "\n\n" + markdown(table)


def plural(countries: int) -> str:
    """So many countries."""
    return "1 country" if countries == 1 else f"{countries} countries"


def split_in_words(table: pd.DataFrame) -> str:
    """Processor seconds per notebook, by part, and those of the imports, once per interpreter."""
    by_insight = table[table["part"] != "import"].pivot_table(
        index="insight", columns="part", values="processor"
    )
    by_insight.loc["mean"] = by_insight.mean()
    once = table.loc[table["part"] == "import", "processor"].mean()
    return (
        f"Processor seconds per notebook, in the floor. Imports: {once:.2g} s, once per interpreter.\n\n"
        + markdown(by_insight[["estimate", "draw", "render"]].reset_index())
    )


def markdown(table: pd.DataFrame) -> str:
    """A table in Markdown."""
    rows = [table.columns, ["---"] * len(table.columns), *table.itertuples(index=False)]
    return "".join(f"| {' | '.join(map(as_cell, row))} |\n" for row in rows)


def as_cell(value: object) -> str:
    """A number with three digits, and everything else as it is."""
    if isinstance(value, float) and pd.isna(value):
        return "–"
    if isinstance(value, float) and value < 1000:
        return f"{value:.3g}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)


in_words: dict[str, Callable[[pd.DataFrame], str]] = {
    "ways": ways_in_words,
    "split": split_in_words,
    "edits": markdown,
    "countries": markdown,
}


def draw(table: pd.DataFrame) -> object:
    """Processor seconds a notebook by way."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.hashsalt": "disrupting-harm", "svg.fonttype": "none"})
    notebooks = len(config.load(ROOT).insights)
    rows = table.iloc[::-1]
    figure = Figure(figsize=(7, 0.6 + 0.3 * len(rows)))
    axes = figure.add_subplot()
    names = [f"{row.way}, {plural(row.countries)}" for row in rows.itertuples()]
    bars = axes.barh(names, rows["processor"] / rows["countries"] / notebooks, color="#0173b2")
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.set_xlabel("Processor seconds per notebook with its page")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


if __name__ == "__main__":
    main()
