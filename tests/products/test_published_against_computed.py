"""The whole chain against what is printed: synthetic children, the registry's definitions, the design-based estimates.

The synthetic survey is fitted to these figures by code that does not know the registry, so agreement says that the
registry computes what the article computed.
"""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.estimation import tidy_table
from disrupting_harm.insights import published as pb
from disrupting_harm.insights.claims import CHECKS, Evidence

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def published_rows(root, project):
    return pb.read_published(root / "resources/published", project.registry)


@pytest.fixture(scope="module")
def article(published_rows):
    """The countries of the article."""
    countries = published_rows.loc[published_rows["indicator"] == pb.MARKS_THE_POOL, "country"]
    return [iso3 for iso3 in dict.fromkeys(countries) if iso3 != pb.POOLED]


@pytest.fixture(scope="module")
def frames(drawn, article):
    """Children with a weight, by country."""
    tables = {}
    for iso3 in article:
        children, _ = drawn(iso3)
        tables[iso3] = children[children["weight"].notna()].reset_index(drop=True)
        tables[iso3].attrs = {"data": "synthetic"}
    return tables


@pytest.fixture(scope="module")
def joined(project, published_rows, frames):
    """A function that gives every published figure of one country, moved by so much, beside the computed one."""
    parts = []
    for iso3, frame in frames.items():
        wanted = published_rows[published_rows["country"] == iso3]
        people = Respondents.of(frame, project.registry, project.codebook, project.countries[iso3])
        rows = pb.estimate_wanted(project, people, wanted, "logit").assign(country=iso3)
        parts.append(rows)
    computed = pd.concat(parts, ignore_index=True).assign(
        status="shown", coarse=False, confidence_level=project.analysis.confidence_level, data="synthetic"
    )
    way = pd.DataFrame(columns=[*pb.JOIN, "published_way_low", "published_way_high"])
    alone = published_rows[published_rows["country"].isin(frames)]

    def moved(off=0.0):
        return pb.join(
            alone.assign(published=alone["published"] + off), computed, way, project.analysis.suppression
        )

    return moved


@pytest.fixture(scope="module")
def pairs(joined):
    """Every published figure of one country beside the computed one, before suppression."""
    return joined()


@pytest.mark.parametrize("off", [0, -0.2, 0.2])
def test_the_verdict_looks_at_both_ends_and_says_no_where_a_figure_is_off(joined, off):
    """Published figures that are off by 20 points, down or up, hardly ever lie within the computed interval."""
    rows = joined(off)
    low, high = rows["published"] - rows["ci_low"], rows["published"] - rows["ci_high"]
    assert rows["within"].tolist() == ((low >= 0) & (high <= 0)).tolist()
    shares = rows[rows["published"] <= 1]
    assert (shares["within"].mean() < 0.1) == bool(off)


def test_there_are_twelve_countries_and_many_figures(article, pairs):
    assert len(article) == 12
    assert len(pairs) > 900


def test_at_least_nine_in_ten_published_figures_lie_within_the_computed_interval(pairs):
    assert pairs["within"].mean() >= 0.9
    by_country = pairs.groupby("country")["within"].mean()
    assert (by_country >= 0.9).all(), by_country[by_country < 0.9]


def test_the_main_indicator_is_off_by_less_than_one_percentage_point_on_average(pairs):
    main = pairs[pairs["indicator"] == "tfcsea_any"]
    assert len(main) == 12
    assert (main["estimate"] - main["published"]).abs().mean() < 0.01


@pytest.fixture(scope="module")
def pooled(project, published_rows, frames, article):
    people = pb.pool_of(project, frames, article)
    rows = pb.pooled_rows(project, people, published_rows[published_rows["country"] == pb.POOLED], [])
    return published_rows[published_rows["country"] == pb.POOLED].merge(
        rows, on=pb.JOIN, suffixes=("_said", ""), validate="1:1"
    )


def test_the_pool_is_made_as_the_article_made_it(project, frames, article, pooled):
    """Weights of mean 1 in each country: the pooled share is the mean of country shares weighted by sample size."""
    evaluate = [
        Respondents.of(frames[iso3], project.registry, project.codebook, project.countries[iso3])
        for iso3 in article
    ]
    values = [people.evaluator.values(project.registry.indicators["tfcsea_any"]) for people in evaluate]
    shares = [np.average(v, weights=frames[iso3]["weight"]) for v, iso3 in zip(values, article, strict=True)]
    row = pooled[(pooled["indicator"] == "tfcsea_any") & (pooled["by"] == "all")].iloc[0]
    assert row["n"] == 11912
    assert row["estimate"] == pytest.approx(np.average(shares, weights=[len(v) for v in values]), rel=1e-12)


def test_pooled_figures_agree(pooled):
    shown = pooled[tidy_table.is_shown(pooled)]
    within = (shown["published"] >= shown["ci_low"]) & (shown["published"] <= shown["ci_high"])
    assert len(shown) > 300
    assert within.mean() >= 0.9


def test_the_published_way_gives_the_published_interval(pooled):
    """Weights only, symmetric: the article's interval for the pool, 16.2 to 17.8, to its printed digits."""
    row = pooled[(pooled["indicator"] == "tfcsea_any") & (pooled["by"] == "all")].iloc[0]
    assert row["published_way_low"] == pytest.approx(0.162, abs=0.001)
    assert row["published_way_high"] == pytest.approx(0.178, abs=0.001)
    assert row["ci_high"] - row["ci_low"] > row["published_way_high"] - row["published_way_low"]


def test_the_effect_of_age_is_as_published(project, frames, article):
    """Claim C07: 2.7 percentage points a year (2.2 to 3.1) in the article's own, more detailed model."""
    people, nothing = pb.pool_of(project, frames, article), pd.DataFrame()
    evidence = Evidence(project.registry, project.analysis.suppression, nothing, nothing, article, people)
    holds, words = CHECKS["slope"]({"indicator": "tfcsea_any", "number": "age", "equals": 0.027}, evidence)
    assert holds, words
    assert 2.2 < float(words.split()[0]) < 3.1
