"""The table of proportions in docs/data-protection.md is what the benchmark has measured."""

import re

import pandas as pd

WAYS = ("0.1 and 5, where needed 1 and 10", "1 and 10")


def cells(line):
    """Whole numbers in the cells of a line, and the percentages in brackets behind them."""
    matches = [re.match(r"([\d,]+)(?: \(([\d.]+)%\))?", cell.strip()) for cell in line.split("|")[2:-1]]
    return [(int(match[1].replace(",", "")), float(match[2] or "nan")) for match in matches]


def test_the_table_is_what_was_measured(root):
    measured = pd.read_csv(root / "docs/benchmarks/proportions.csv")
    assert measured["country"].nunique() == 24
    fine, rough = (
        measured[measured["way"] == way]
        .groupby("part")[["estimates", "rule", "others", "whole_percent"]]
        .sum()
        for way in WAYS
    )
    text = (root / "docs/data-protection.md").read_text()
    table = text.partition("### How much is hidden")[2].partition("|---|")[2].partition("\n* ")[0]
    lines = {line.split("|")[1].strip(): cells(line) for line in table.splitlines() if line.startswith("| ")}
    assert lines.keys() == {*fine.index, "**all**"}
    for part, printed in lines.items():
        fine_counts, other = (sums.sum() if part == "**all**" else sums.loc[part] for sums in (fine, rough))
        numbers = [number for number, _ in printed]
        expected = [
            fine_counts["estimates"],
            fine_counts["rule"],
            fine_counts["others"],
            other["others"],
            fine_counts["whole_percent"],
        ]
        assert [numbers[position] for position in (0, 1, 3, 4, 5)] == expected
        assert [part for _, part in printed[1:5]] == [
            round(numbers[1] / numbers[0] * 100), *(round(number / numbers[0] * 100, 1) for number in numbers[2:5])
        ]  # fmt: skip


def test_less_than_half_of_what_was_hidden_for_others_before(root):
    text = (root / "docs/data-protection.md").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("| **all**"))
    before, now = (cells(line)[position][0] for position in (2, 3))
    assert now <= before / 2


def test_the_second_attack_narrows_nothing_and_is_not_wrong(root):
    measured = pd.read_csv(root / "docs/benchmarks/attacks.csv").set_index("country")
    assert measured.groupby("release").size().to_dict() == {"after": 24, "before": 24}
    before, sums = (measured[measured["release"] == release].sum() for release in ("before", "after"))
    nothing = [
        "untrue",
        "gave up",
        "differencing",
        "weighted sums",
        "rounding undone",
        "statuses",
        "least counts",
    ]
    assert not sums[[*nothing, "programme", "any"]].any()
    text = (root / "docs/data-protection.md").read_text()
    secrets, behind, known = (
        f"{sums[name]:,}" for name in ("secrets", "behind hidden", "any, behind hidden")
    )
    assert f"it narrows none of {secrets} secrets" in text
    assert (
        f"Of the {behind} counts behind hidden estimates, however large, it knows {known} to within" in text
    )
    undone = f"{before['bases and shares undone']:,}"
    assert (
        f"narrows {before['any']} secrets, and undoes the rounding of {undone} bases and shares"
        in " ".join(text.split())
    )
    assert not before[["untrue", "gave up"]].any()
