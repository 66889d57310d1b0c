"""What a run from nothing costs beside another checkout: each in a copy without products. See README.md beside this."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from workflow import PARTS, processor

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "docs" / "benchmarks" / "full_run.csv"


def main() -> None:
    """Run both checkouts, each in a process of its own, and write the table."""
    options = read_options()
    if options.one:
        print(json.dumps(cost(options.one, options.country)))  # noqa: T201
        return
    rows = []
    for name, checkout in (("before", options.before), ("now", ROOT)):
        words = [sys.executable, __file__, "--one", str(checkout.resolve()), "--country", options.country]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
        rows.append(
            {"checkout": name, "country": options.country, **json.loads(done.stdout.splitlines()[-1])}
        )
    table = pd.DataFrame(rows).round({"seconds": 0, "processor": 0})
    table.to_csv(options.csv, index=False)
    used = table.set_index("checkout")["processor"]
    print(table.to_string(index=False))  # noqa: T201
    print(f"\n{used['now'] / used['before']:.2f} of the processor's time before")  # noqa: T201


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="another checkout, with its .venv")
    parser.add_argument("--country", default="all", help="as in `snakemake --config country=`")
    parser.add_argument("--csv", type=Path, default=OUTPUT)
    parser.add_argument("--one", type=Path, help="one checkout (what the benchmark calls)")
    return parser.parse_args()


def cost(checkout: Path, country: str) -> dict[str, float]:
    """Seconds of the clock, and of the processor of all processes together, of a run from nothing on two cores."""
    binaries = checkout / ".venv/bin"
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for part in PARTS:
            copy = shutil.copytree if (checkout / part).is_dir() else shutil.copy2
            copy(checkout / part, root / part)
        given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        variables = given | {"PYTHONPATH": str(root / "src"), "PATH": f"{binaries}:{os.environ['PATH']}"}
        command = [
            str(binaries / "snakemake"),
            "--cores",
            "2",
            "--quiet",
            "all",
            "--config",
            f"country={country}",
        ]
        started = time.monotonic()
        done = subprocess.run(command, cwd=root, env=variables, check=False, capture_output=True, text=True)
        seconds = time.monotonic() - started
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return {"seconds": seconds, "processor": processor()}


if __name__ == "__main__":
    main()
