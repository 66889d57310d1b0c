"""What attackers work out from a published release: `python benchmarks/attacks.py --help`. See benchmarks/README.md."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "products"))

from attacks import suite  # noqa: E402
from attacks.cells import QUESTION  # noqa: E402
from attacks.judge import Truth  # noqa: E402
from attacks.knowledge import Knowledge, Weights  # noqa: E402
from attacks.relations import Relations  # noqa: E402
from attacks.release import Release  # noqa: E402

from disrupting_harm import config  # noqa: E402
from disrupting_harm.config.files.root import find_root  # noqa: E402

TABLES = ("children", "caregivers")
FAMILIES = {
    "children": (("tfcsea_item", "tfcsea_any", "forms_"), ("csea_",), ("disclosure_",), ("place_", "affected_"),
                 ("perpetrator_",), ("self_harm", "suicidal", "anxiety")),
    "caregivers": (("enabling_", "restrictive_"),),
}  # fmt: skip
"""Beginnings of the names of indicators that are looked at together by linear programming."""


def of_country(iso3: str, results: Path, harmonised: Path, estimates: Path | None, most: int) -> dict:
    """One line of the table: numbers of secrets, and how many each attack narrows."""
    project = config.load(find_root(ROOT))
    start, line = time.process_time(), {"country": iso3, "secrets": 0}
    for table in TABLES:
        truth = Truth.read(project, iso3, harmonised, table)
        if not len(truth.weight):
            continue
        release = released(results, estimates, iso3, project.analysis.suppression)
        secrets = truth.secrets(release.rules)
        behind = suite.hidden(release, truth, release.rules.min_count)
        relations = Relations(project, release, table)
        verdicts = suite.attack(
            project, release, truth, {**behind, **secrets}, families(project, table, most), relations, most
        )
        line["secrets"] += len(secrets)
        line["behind hidden"] = line.get("behind hidden", 0) + len(behind)
        everything = set()
        for name, verdict in verdicts.items():
            line[name] = line.get(name, 0) + len(set(verdict.narrowed) & set(secrets))
            line["untrue"] = line.get("untrue", 0) + len(verdict.untrue)
            everything |= set(verdict.narrowed)
        line["any"] = line.get("any", 0) + len(everything & set(secrets))
        line["any, behind hidden"] = line.get("any, behind hidden", 0) + len(everything & set(behind))
        weights = Weights(truth.weight.min(), truth.weight.max())
        undone = {
            (undone_share.quantity, undone_share.domain)
            for undone_share in suite.undone_of(project, release, weights)
        }
        line["bases and shares undone"] = line.get("bases and shares undone", 0) + len(undone)
        known = Knowledge.of(release, relations, weights, least_counts=False).spread()
        line["questions"] = line.get("questions", 0) + questions(known, truth)
        line["gave up"] = line.get("gave up", 0) + known.is_contradicted
    return {**line, "seconds": round(time.process_time() - start, 1)}


def released(results: Path, estimates: Path | None, iso3: str, rules) -> Release:  # noqa: ANN001
    """A country's release; with `estimates`, as if the tables in full precision were published."""
    release = Release.read(results, iso3, rules)
    if estimates is None:
        return release
    full = Release.read(estimates, iso3, rules)
    return Release(iso3, full.rows, release.quality, release.audit, rules)


def families(project: config.Project, table: str, most: int) -> list[list[str]]:
    """Names of indicators that are looked at together."""
    names = project.registry.indicators
    return [[name for name in names if name.startswith(begins)] for begins in FAMILIES[table]] if most else []


def questions(known: Knowledge, truth: Truth) -> int:
    """Number of questions for which it is known within min_count how many were asked, where not all were."""
    claims = [claim for claim in known.claims() if claim.count.quantity.indicator == QUESTION]
    return sum(
        claim.high - claim.low < known.release.rules.min_count - 1
        and truth.counts.get(claim.count, 0) not in (0, len(truth.weight))
        for claim in claims
        if claim.count.part == "base"
    )


def countries(results: Path, harmonised: Path, chosen: Iterable[str]) -> list[str]:
    """Countries with results and answers."""
    there = sorted(folder.name for folder in harmonised.iterdir() if (folder / "children.parquet").is_file())
    wanted = list(chosen) or there
    return [iso3 for iso3 in wanted if iso3 in there and (results / iso3).is_dir()]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--results", type=Path, default=ROOT / "results", help="a folder of published results"
    )
    parser.add_argument(
        "--harmonised", type=Path, default=ROOT / "data" / "harmonised", help="the answers, to judge"
    )
    parser.add_argument("--estimates", type=Path, help="tables in full precision, as if they were published")
    parser.add_argument("--countries", nargs="*", default=[], help="ISO codes; all without it")
    parser.add_argument(
        "--most", type=int, default=20, help="linear programmes of each family, times two; 0: none"
    )
    parser.add_argument("--jobs", type=int, default=1, help="countries at a time")
    parser.add_argument("--csv", type=Path, help="where to write the table")
    return parser.parse_args()


def main() -> None:
    """Attack, and print a table."""
    asked = arguments()
    names = countries(asked.results, asked.harmonised, asked.countries)
    one = partial(
        of_country,
        results=asked.results,
        harmonised=asked.harmonised,
        estimates=asked.estimates,
        most=asked.most,
    )
    with ProcessPoolExecutor(asked.jobs) as pool:
        table = pd.DataFrame(list(pool.map(one, names)))
    numbers = table.drop(columns="country").sum().rename("total")
    table = pd.concat([table, pd.DataFrame([{"country": "all", **numbers}])], ignore_index=True)
    if asked.csv:
        table.to_csv(asked.csv, index=False)
    print(table.to_string(index=False))  # noqa: T201


if __name__ == "__main__":
    main()
