"""What deciding what may be shown, and the audit, cost beside another checkout. See README.md beside this file."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "docs" / "benchmarks" / "protection.csv"
START = (
    "import disrupting_harm.cli, numpy, pandas, scipy.sparse, highspy, pyarrow.parquet;"
    "from disrupting_harm.commands.products import load; load()"
)
"""What every command imports, and the settings that it reads: a warm run pays for it once, not for each command."""


def main() -> None:
    """Measure both checkouts, one after the other for each country, and write the table."""
    options = read_options()
    rows = [
        {"checkout": name, "country": country, "repeat": repeat, **seconds}
        for repeat in range(options.repeats)
        for country in options.countries
        for name, checkout in (("before", options.before), ("now", ROOT))
        for seconds in [cost(checkout.resolve(), country)]
    ]
    best = pd.DataFrame(rows).groupby(["country", "checkout"], sort=False).min().drop(columns="repeat")
    best["both"] = best["suppress"] + best["audit"] - 2 * best["start"]
    table = best.round(1).reset_index()
    table.to_csv(options.csv, index=False)
    print(table.to_string(index=False))  # noqa: T201
    both = table.pivot_table(index="checkout", values="both", aggfunc="mean")["both"]
    print(f"\n{both['now'] / both['before']:.2f} of the processor's time before")  # noqa: T201


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--before", type=Path, required=True, help="another checkout, with products and .venv"
    )
    parser.add_argument("--countries", nargs="+", default=["ken", "idn", "mkd"], help="ISO codes")
    parser.add_argument("--repeats", type=int, default=3, help="of which the fastest counts")
    parser.add_argument("--csv", type=Path, default=OUTPUT)
    return parser.parse_args()


def cost(checkout: Path, country: str) -> dict[str, float]:
    """Seconds of the processor of a decision, of the audit after it, and of starting either."""
    python = str(checkout / ".venv/bin/python")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        return {
            "start": processor([python, "-c", START], checkout),
            "suppress": processor([python, *command(checkout, "suppress", country, made)], checkout),
            "audit": processor([python, *command(checkout, "audit", country, made)], checkout),
        }


def command(checkout: Path, name: str, country: str, made: Path) -> Iterator[str]:
    """A command of a checkout, with those of its options that this version has."""
    tables = f"data/harmonised/{country}"
    options = {
        "--children": f"{tables}/children.parquet",
        "--caregivers": f"{tables}/caregivers.parquet",
        "--quality": f"results/{country}/data_quality.csv",
        "--results": "results",
        "--decision": str(made / "decision.parquet"),
        "--alternatives": str(made / "alternatives.npz"),
        "--table": str(made / "audit.csv"),
    }
    words = ["-m", "disrupting_harm", name]
    help_text = subprocess.run(
        [checkout / ".venv/bin/python", *words, "--help"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "200"},
    ).stdout
    yield from [*words, country]
    for option, value in options.items():
        if f"{option} " in help_text:
            yield from (option, value)


def processor(words: Sequence[str], checkout: Path) -> float:
    """Seconds of the processor of a command and all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        words,
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"DISRUPTING_HARM_MEMO": "off"},
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
