"""How often 95 % intervals of proportions cover: samples from a made-up finite population. See README.md."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from disrupting_harm import survey

OUTPUT = Path(__file__).parents[1] / "docs" / "benchmarks"
SHARES = (0.01, 0.05, 0.20, 0.50)
STRATA, PSUS, HOUSEHOLDS = 10, 1_000, 60  # of the population; households are those of a PSU on average
DRAWN_PSUS, DRAWN_HOUSEHOLDS = (
    (3, 3, 4, 5, 5, 6, 7, 8, 9, 10),
    17,
)  # PSUs in each stratum; households in a PSU


def main() -> None:
    """Draw the samples, count, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=2_000)
    samples = parser.parse_args().samples
    chance = np.random.default_rng(20_240)
    people = population(chance)
    truth = truths(people)
    rows = pd.concat([estimates(draw(people, chance)) for _ in range(samples)])
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "coverage.md").write_text(report(summarise(rows, truth), samples))


def population(chance: np.random.Generator) -> pd.DataFrame:
    """Children in households of one to four, in PSUs of unequal size, in strata that differ."""
    stratum_of_psu = np.repeat(np.arange(STRATA), PSUS // STRATA)
    households = chance.poisson(HOUSEHOLDS * chance.gamma(6, 1 / 6, PSUS)) + DRAWN_HOUSEHOLDS
    psu_of_household = np.repeat(np.arange(PSUS), households)
    children = chance.choice([1, 2, 3, 4], p=[0.5, 0.3, 0.15, 0.05], size=len(psu_of_household))
    household = np.repeat(np.arange(len(children)), children)
    psu = psu_of_household[household]
    people = pd.DataFrame(
        {
            "stratum": stratum_of_psu[psu],
            "psu": psu,
            "household": household,
            "households": households[psu],
            "children": children[household],
            "quarter": chance.random(len(psu)) < 0.25,
        }
    )
    alike = 0.7 * chance.standard_normal(PSUS) + np.linspace(-0.4, 0.4, STRATA)[stratum_of_psu]
    inclined = alike[psu] + 0.15 * people["children"] + chance.logistic(size=len(psu))
    for share in SHARES:
        people[name(share)] = (inclined > np.quantile(inclined, 1 - share)).astype(float)
    return people


def draw(people: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """PSUs at random in each stratum, households at random in each PSU, one child at random in each household."""
    in_stratum = PSUS // STRATA
    psus = np.concatenate(
        [
            stratum * in_stratum + chance.choice(in_stratum, drawn, replace=False)
            for stratum, drawn in enumerate(DRAWN_PSUS)
        ]
    )
    near = people[people["psu"].isin(psus)].sample(frac=1, random_state=chance)
    one_each = near.drop_duplicates("household").sample(frac=1, random_state=chance)
    drawn = one_each[one_each.groupby("psu").cumcount() < DRAWN_HOUSEHOLDS]
    share_of_psus = np.array(DRAWN_PSUS)[drawn["stratum"]] / in_stratum
    return drawn.assign(weight=drawn["children"] * drawn["households"] / DRAWN_HOUSEHOLDS / share_of_psus)


def estimates(sample: pd.DataFrame) -> pd.DataFrame:
    """All intervals of all shares, for everyone and for a quarter of the children."""
    design = survey.Design(sample, weight="weight", stratum="stratum", psu="psu")
    domains = {"everyone": np.ones(len(sample), dtype=bool), "a quarter": sample["quarter"]}
    values = sample[[name(share) for share in SHARES]]
    tables = [
        survey.proportions(design, values, domains, interval=interval).assign(asked=interval)
        for interval in survey.PROPORTION_INTERVALS
    ]
    return pd.concat(tables)


def truths(people: pd.DataFrame) -> pd.Series:
    """The shares of the population, by indicator and domain."""
    shares = {}
    for share in SHARES:
        shares[name(share), "everyone"] = people[name(share)].mean()
        shares[name(share), "a quarter"] = people.loc[people["quarter"], name(share)].mean()
    return pd.Series(shares)


def summarise(rows: pd.DataFrame, truth: pd.Series) -> pd.DataFrame:
    """For each domain, share and interval: how often the truth is inside, below and above; mean width; design."""
    goal = truth.loc[list(zip(rows["indicator"], rows["domain"], strict=True))].to_numpy()
    rows = rows.assign(
        covered=(rows["ci_low"] <= goal) & (goal <= rows["ci_high"]),
        truth_below=goal < rows["ci_low"],
        truth_above=goal > rows["ci_high"],
        width=rows["ci_high"] - rows["ci_low"],
        nobody=rows["estimate"] == 0,
    )
    keys = ["domain", "indicator", "asked"]
    columns = ["covered", "truth_below", "truth_above", "width", "nobody", "n", "deff"]
    return rows.groupby(keys, sort=False)[columns].mean().reset_index()


def report(table: pd.DataFrame, samples: int) -> str:
    """The table in Markdown."""
    error = 100 * np.sqrt(0.95 * 0.05 / samples)
    size = f"{samples:,} samples of {sum(DRAWN_PSUS)} clusters in {STRATA} strata."
    lines = [
        f"{size} A perfect method covers 95 %, give or take {error:.1f} (standard error of the count).",
        "",
        "| who | children | design effect | share | interval | covers | truth below | truth above | mean width |",
        "| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for row in table.sort_values(
        ["domain", "indicator"], ascending=[False, True], kind="stable"
    ).itertuples():
        counts = " | ".join(f"{100 * part:.1f} %" for part in (row.covered, row.truth_below, row.truth_above))
        lines.append(
            f"| {row.domain} | {row.n:.0f} | {row.deff:.1f} | {row.indicator.lstrip('0')} | {row.asked} | {counts} | "
            f"{100 * row.width:.1f} |"
        )
    nobody = table.loc[(table["asked"] == "logit") & (table["domain"] == "a quarter"), "nobody"].iloc[0]
    lines += [
        "",
        f"Among a quarter, {100 * nobody:.0f} % of the samples held no child counted in the 1 % share.",
    ]
    return "\n".join(lines) + "\n"


def name(share: float) -> str:
    """What an indicator is called."""
    return f"{100 * share:02.0f} %"


if __name__ == "__main__":
    main()
