"""Published figures joined with ours: same country, same indicator, same base."""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import tidy_table
from disrupting_harm.insights.claims import Evidence
from disrupting_harm.insights.published import (
    COLUMNS,
    GRADES,
    JOIN,
    POOLED,
    Published,
    breakdown_of,
    grade_of,
    join,
    read_grades,
    read_published,
    sharper,
)


@pytest.fixture(scope="module")
def published(root, project):
    return read_published(root / "resources/published", project.registry).set_index(
        ["country", "indicator", "by", "level"]
    )


@pytest.mark.parametrize(("key", "share"), [
    # typed from the article's Table 1 and the repository's tables, as quoted in resources/published
    (("ken", "tfcsea_any", "all", "all"), 0.217),
    ((POOLED, "tfcsea_any", "all", "all"), 0.170),
    ((POOLED, "tfcsea_any", "age", "17"), 0.2201512),
    ((POOLED, "csea_any_any_context", "all", "all"), 0.311),
    ((POOLED, "disclosure_told_friend", "form", "a"), 0.296),
    ((POOLED, "frequency_item_a_unwanted_sexual_comments", "response", "refused"), 0.014),
    ((POOLED, "location_pattern_in_person_only", "all", "all"), 0.175),
    ((POOLED, "barriers_cited_one", "all", "all"), 0.746),
    (("khm", "csea_item_e_asked_for_private_photo_video_any_context", "all", "all"), 0.09),
    (("khm", "tfcsea_any_all_children", "all", "all"), 0.119),
])  # fmt: skip
def test_figures_under_our_names(published, key, share):
    assert published.loc[key, "published"] == pytest.approx(share)


def test_counts_are_read_as_counts(published):
    assert published.loc[("khm", "tfcsea_children_affected_count", "all", "all"), "published"] == 215962


def test_the_figure_with_an_interval_is_kept_where_one_is_printed_twice(published):
    row = published.loc[("ken", "tfcsea_any", "all", "all")]
    assert (row["published_low"], row["published_high"]) == (0.190, 0.244)


def test_figures_with_another_base_do_not_join(published):
    """Children of 9 to 17 (South Africa) and cases of the country reports are other bases."""
    countries = set(published.index.get_level_values("country"))
    assert "zaf" not in countries
    assert ("nam", "disclosure_none", "all", "all") not in published.index


def test_no_pair_is_there_twice_and_none_is_empty(published):
    assert published.index.is_unique
    assert np.isfinite(published["published"]).all()
    assert len(published) > 1000


@pytest.mark.parametrize(("subgroup", "expected"), [
    ("all", ("all", "all")), ("item=f", ("form", "f")), ("response=prefer_not_to_say", ("response", "refused")),
    ("sex=girl", ("sex", "girl")), ("highest countries", None), ("share of all location answers", None),
])  # fmt: skip
def test_subgroups(subgroup, expected):
    assert breakdown_of(subgroup) == expected


def test_countries_without_published_figures_have_their_page(project, tmp_path):
    """As any new country: nothing is there to be set beside its figures, and each question of the page says so."""
    nothing = pd.DataFrame(columns=COLUMNS)
    evidence = Evidence(project.registry, project.analysis.suppression, nothing, nothing, [], None)
    published = Published(project, nothing, evidence, ["ken", "bra"], tmp_path)
    findings = [
        published.agreement("countries"),
        published.headline("tfcsea_any"),
        published.method(),
        published.differences(),
    ]
    assert {finding.sentence for finding in findings} == {
        "No such pair in this run: no figure of these countries is published, or none is shown."
    }
    assert "not all countries of the article are in it" in published.agreement("pooled").sentence
    sentence = published.pairs().sentence
    assert sentence == (
        "0 published figures have a computed counterpart."
        " Left out, as they have synthetic data only: Kenya, Brazil."
    )
    assert not list(tmp_path.rglob("*.svg"))


def test_the_table_of_pairs_is_said_to_be_about_shares(project, tmp_path):
    """Two shares and a number of children: the table has two, the sentence three, and says why."""
    row = dict.fromkeys([*COLUMNS, *tidy_table.FULL]) | {
        "country": "ken",
        "by": "all",
        "level": "all",
        "measure": "proportion",
        "status": "shown",
        "coarse": False,
        "published": 0.2,
        "estimate": 0.21,
        "difference": 0.01,
        "within": True,
    }
    count = row | {"indicator": "tfcsea_children_affected_count", "measure": "count", "published": 215962}
    shares = [row | {"indicator": name} for name in ("tfcsea_any", "disclosure_none")]
    table = pd.DataFrame([*shares, count])
    evidence = Evidence(project.registry, project.analysis.suppression, table, table, [], None)
    finding = Published(project, table, evidence, [], tmp_path).pairs()
    assert finding.sentence == (
        "3 published figures have a computed counterpart. 2 of them are shares; the table is about these."
    )
    assert finding.table["Pairs"].tolist() == ["2"]


def test_computed_figures_are_rounded_before_they_are_held_against_published_ones():
    """23.44 is printed as 23.4, its limits as 21.1 and 25.9; the published 25.93 lies outside of what is printed."""
    key = {"country": "aaa", "indicator": "x", "by": "all", "level": "all"}
    published = pd.DataFrame([{**key, "published": 0.2593, "published_low": np.nan, "published_high": np.nan,
                          "published_n": 1000, "grade": "report", "source": "", "note": ""}])  # fmt: skip
    exact = {"measure": "proportion", "estimate": 0.23441, "se": 0.01249, "ci_low": 0.20993, "ci_high": 0.25941,
             "df": np.inf, "n": 1013, "status": "shown", "interval": "wald", "data": "synthetic",
             "confidence_level": 0.95, "coarse": False}  # fmt: skip
    way = pd.DataFrame([{**key, "published_way_low": 0.21441, "published_way_high": 0.25446}])
    pair = join(published, pd.DataFrame([{**key, **exact}]), way, Suppression()).iloc[0]
    assert pair[["estimate", "se", "n", "difference"]].tolist() == [0.234, 0.012, 1015, -0.025]
    assert pair["ci_high"] == round(0.234 + 1.959964 * 0.012, 3)
    assert not pair["within"]
    assert pair[["published_way_low", "published_way_high"]].tolist() == [0.214, 0.254]
    hidden = join(published, pd.DataFrame([{**key, **exact, "status": "suppressed", "estimate": np.nan, "se": np.nan,
                  "ci_low": np.nan, "ci_high": np.nan, "n": np.nan}]), way, Suppression()).iloc[0]  # fmt: skip
    assert (
        hidden.drop([*JOIN, "published", "published_n", "status", "data", "grade", "source", "note"])
        .isna()
        .all()
    )


# Grades


def test_every_figure_has_a_grade_by_its_source(root, project):
    grades = read_grades(root / "resources/published")
    assert list(grades) == [grade for grade in GRADES if grade != "figure_read_off"]
    for source, grade in (
        ("Ghai et al. 2026, Nature, doi:10.1038/s41586-026-10525-4", "report"),
        (
            "Ghai et al. 2026 analysis repository, github.com/sghai9/technology-mediation-csea",
            "repository_output",
        ),
        ("ECPAT launch page for Disrupting Harm in Uganda, 16 November 2021", "agency_page"),
        ("unicef.org/philippines/topics/sexual-exploitation", "agency_page"),
        ("News24, 4 November 2022", "press"),
    ):
        assert grade_of(source, grades) == grade
    figures = read_published(root / "resources/published", project.registry)
    assert set(figures["grade"]) <= set(GRADES)


def test_figures_of_2026_join_with_their_own_grade(root, project):
    figures = read_published(root / "resources/published", project.registry).set_index(
        ["country", "indicator", "by"]
    )
    told_no_one = figures.loc[[("bra", "disclosure_none", "all")]].iloc[0]
    assert (told_no_one["published"], told_no_one["grade"]) == (0.34, "press")
    sample = figures.loc[[("khm", "sample_sex_boy", "all")]].iloc[0]
    assert sample["published"] == pytest.approx(518 / 992, abs=5e-5)  # printed: 52 % and 518
    assert sample["grade"] == "repository_output"
    demographics = figures.index.get_level_values("indicator").str.startswith("sample_")
    assert demographics.sum() == 13 * (2 + 6 + 3)  # twelve countries and their pool


@pytest.mark.parametrize(("percent", "note", "more", "expected"), [
    ("52", "weighted cases 518", {}, 518 / 992),
    ("52", "weighted cases 600", {}, 0.52),  # another base
    ("52.0", "weighted cases 518", {}, 0.52),  # printed with a digit
    ("52", "", {}, 0.52),
    ("52", "weighted cases 518", {"denominator": "internet-using children 12-17 with a determinable answer"}, 0.52),
    ("52", "weighted cases 518", {"subgroup": "sex=boy"}, 0.52),  # of boys
    ("52", "weighted cases 518", {"subgroup": "sex=boy", "indicator": "sample_share_sex"}, 518 / 992),
])  # fmt: skip
def test_a_weighted_n_gives_the_next_digit(percent, note, more, expected):
    row = {"value_percent": percent, "note": note, "subgroup": "all", "indicator": "tfcsea_any",
           "denominator": "internet-using children 12-17", **more}  # fmt: skip
    figure = sharper(row, {"country": "khm", "published": float(percent) / 100}, {"khm": 992})
    assert figure["published"] == pytest.approx(expected, abs=5e-5)


def test_independent_variables_join_among_those_who_answered(published):
    """helpseeking in Kenya: 370 yes, 618 no, and 26 who preferred not to say."""
    key = ("ken", "knows_where_to_get_help", "all", "all")
    assert published.loc[key, "published"] == pytest.approx(370 / (370 + 618), abs=5e-4)
    for name in (
        "knows_where_to_get_help",
        "received_some_sex_education",
        "does_not_know_how_to_report_harmful_content",
    ):
        assert (published.index.get_level_values("indicator") == name).sum() == 13


def test_platforms_are_those_of_the_right_form(published):
    """Form b was printed as form c: 70.1 and 11.6 % are of b; c has 69.7 %."""
    for form, share in (("a", 0.699), ("b", 0.701), ("c", 0.697)):
        key = (POOLED, "platform_facebook_or_messenger", "form", form)
        assert published.loc[key, "published"] == pytest.approx(share)


def test_no_model_is_said_to_be_centred_at_15(root):
    text = (root / "resources/published/published_models.csv").read_text(encoding="utf-8")
    assert "centred at 15" not in text
    assert text.count("centred at the unweighted mean of all children (about 14.8; labelled 15)") == 14
    assert text.count("for about 11.8 years") == text.count("for about 16.8 years") == 24


# Pairs


def pairs_of(project, folder, rows, analysed=None):
    """The page with pairs of which each is (country, indicator, within, grade)."""
    blank = dict.fromkeys([*COLUMNS, *tidy_table.FULL]) | {
        "by": "all",
        "level": "all",
        "measure": "proportion",
        "insight": "prevalence",
    }
    table = pd.DataFrame([
        blank | {"country": country, "indicator": indicator, "within": within, "grade": grade, "status": "shown",
                 "coarse": False, "published": 0.2, "estimate": 0.21, "difference": 0.01, "ci_low": 0.19,
                 "ci_high": 0.23, "rounded_to": 0.001, "published_n": 100}
        for country, indicator, within, grade in rows
    ], columns=list(blank))  # fmt: skip
    evidence = Evidence(project.registry, project.analysis.suppression, table, table, [], None)
    return Published(project, table, evidence, [], folder, analysed)


def test_shares_are_also_given_without_tables_of_frequencies(project, tmp_path):
    """Six of eight lie within; without four figures about how often, two of four."""
    often = project.registry.members["frequency"][0]
    rows = [("ken", often, True, "report")] * 4
    rows += [("ken", "tfcsea_any", within, "report") for within in (True, True, False, False)]
    page = pairs_of(project, tmp_path, rows)
    table = page.pairs().table.set_index("Figures")
    assert table.loc["One country", "Within the computed interval"] == "75.0%"
    others = table.loc["One country, without tables of frequencies"]
    assert others[["Pairs", "Within the computed interval"]].tolist() == ["4", "50.0%"]
    sentence = page.agreement("countries").sentence
    assert sentence.startswith("75.0% of 8 published values lie within")
    assert "Without 4 figures from tables of frequencies 50.0% of 4." in sentence


def test_pairs_are_counted_by_grade(project, tmp_path):
    rows = [("ken", "tfcsea_any", True, "report")] * 3 + [("bra", "tfcsea_any", False, "press")]
    finding = pairs_of(project, tmp_path, rows).grades()
    assert finding.table["Source"].tolist() == ["Report", "Press"]
    assert finding.table["Within the computed interval"].tolist() == ["100.0%", "0.0%"]
    assert finding.sentence == "3 of 4 shares come from those who did the survey or analysed its answers."


def test_sizes_and_users_are_set_beside_published_ones(project, tmp_path):
    """Kenya: 1,014 and 67 % (ITU: 32.2741 % in 2019); Brazil: 1,029, and no share of users."""
    page = pairs_of(project, tmp_path, [], {"ken": 1014, "bra": 1028, "srb": 900})
    assert page.sizes().table.to_numpy().tolist() == [
        ["Kenya", "1,014", "1,014"],
        ["Brazil", "1,029", "1,028"],
    ]
    assert page.sizes().sentence == "In 1 of 2 countries as many children are analysed as published."
    assert page.internet_users().table.to_numpy().tolist() == [["Kenya", "67.0%", "32.3%", "2019"]]
    assert "no sample size" in pairs_of(project, tmp_path, [], {"srb": 900}).sizes().sentence
