"""Countries side by side: means by hand, nothing mixed, nothing lost."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from disrupting_harm import survey
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import rounding, tidy_table
from disrupting_harm.estimation.children_affected import children_affected, logit_normal
from disrupting_harm.insights.comparison import MEAN, Comparison, mean_of, pool
from disrupting_harm.publishing.border.pages import known_headings

RULES = Suppression()


def row(country, estimate, se=0.02, status="shown", measure="proportion", data="synthetic", **more):
    shown = status in ("shown", "low_n")
    numbers = {"estimate": estimate, "se": se, "ci_low": estimate - 2 * se, "ci_high": estimate + 2 * se, "df": 90.0,
               "deff": 1.3, "n": 1000.0, "n_base_weighted": 1000.0}  # fmt: skip
    return {"country": country, "insight": "prevalence", "indicator": "tfcsea_any", "by": "all", "level": "all",
            "measure": measure, **(numbers if shown else dict.fromkeys(numbers, np.nan)), "status": status,
            "interval": "logit" if shown else "", "confidence_level": 0.95, "data": data,
            **dict.fromkeys(tidy_table.FLAGS, False), **dict.fromkeys(tidy_table.CONTRAST, ""), **more}  # fmt: skip


def frame(*rows):
    return pd.DataFrame(rows, columns=tidy_table.FULL)


def test_the_mean_of_countries_by_hand():
    mean = mean_of(frame(row("aaa", 0.10, 0.01), row("bbb", 0.20, 0.02), row("ccc", 0.60, 0.02)))
    assert mean["estimate"] == pytest.approx(0.3)
    assert mean["se"] == pytest.approx(math.sqrt(0.01**2 + 0.02**2 + 0.02**2) / 3)
    parts = [0.01**2, 0.02**2, 0.02**2]
    df = sum(parts) ** 2 / sum(part**2 / 90 for part in parts)  # Satterthwaite 1946
    logit, width = math.log(0.3 / 0.7), stats.t.ppf(0.975, df) * mean["se"] / 0.21
    assert mean["ci_low"] == pytest.approx(1 / (1 + math.exp(-(logit - width))))
    assert mean["n"] == 3000


def test_a_country_at_zero_does_not_make_the_mean_certain(compare):
    """Its limit is 1 - 0.025^(1/1000). Without it the upper limit of the mean would be half that of the other."""
    rows = frame(row("aaa", 0.0, 0.0), row("bbb", 0.20, 0.02))
    mean = mean_of(rows)
    width = stats.t.ppf(0.975, 90) * 0.02 / 0.16
    other = 1 / (1 + math.exp(math.log(4) - width))
    zero = 1 - 0.025 ** (1 / 1000)
    assert mean["interval"] == "mover"
    assert mean["ci_high"] == pytest.approx(0.1 + math.sqrt((other - 0.2) ** 2 + zero**2) / 2)
    printed = rounding.rounded(pool(rows, RULES), RULES).iloc[0]
    assert printed["ci_high"] == pytest.approx(mean["ci_high"], abs=0.0011)
    finding = compare(ken=(0.0, 0.0, "shown"), uga=(0.2, 0.02, "shown")).means()
    assert finding.table["Interval"].iloc[0].endswith(f"–{100 * printed['ci_high']:.1f}")


def test_a_mean_that_is_printed_as_zero_keeps_its_limits():
    rows = frame(row("aaa", 0.0, 0.0), row("bbb", 0.0004, 0.0003))
    printed = rounding.rounded(pool(rows, RULES), RULES).iloc[0]
    assert (printed["estimate"], printed["ci_low"]) == (0, 0)
    assert printed["ci_high"] == pytest.approx(mean_of(rows)["ci_high"], abs=0.0011)


def test_ratios_are_averaged_on_the_log_scale():
    mean = mean_of(
        frame(row("aaa", 2.0, 0.2, measure="risk_ratio"), row("bbb", 8.0, 0.8, measure="risk_ratio"))
    )
    assert mean["estimate"] == pytest.approx(4.0)
    assert mean["se"] == pytest.approx(4 * math.sqrt(0.1**2 + 0.1**2) / 2)


def test_countries_that_are_not_shown_do_not_enter_the_mean():
    pooled = pool(frame(row("aaa", 0.1), row("bbb", 0.3), row("ccc", 0.9, status="suppressed")), RULES)
    assert pooled["estimate"].tolist() == pytest.approx([0.2])
    assert pooled["country"].tolist() == [MEAN]


@pytest.mark.parametrize(("statuses", "expected"), [
    (["shown", "suppressed"], "not_estimable"), (["not_asked", "not_asked"], "not_asked"),
    (["not_asked", "suppressed"], "suppressed"), (["shown", "low_n"], "shown"),
])  # fmt: skip
def test_what_the_mean_says_when_it_is_not_there(statuses, expected):
    rows = [row(f"c{number}", 0.2, status=status) for number, status in enumerate(statuses)]
    assert pool(frame(*rows), RULES)["status"].tolist() == [expected]


@pytest.fixture
def results(root, tmp_path, monkeypatch):
    """A project folder with tables of three countries, one of them not asked and one hidden."""
    for name in ("config", "resources"):
        (tmp_path / name).symlink_to(root / name)

    def write(data=("synthetic",) * 3):
        by_sex = {"by": "sex", "level": "girl"}
        for (iso3, estimate, status), kind in zip(
            [("ken", 0.2, "shown"), ("uga", 0.3, "shown"), ("srb", 0.5, "suppressed")], data, strict=True):  # fmt: skip
            rows = frame(
                row(iso3, estimate, status=status, data=kind),
                row(iso3, estimate + 0.1, status=status, data=kind, **by_sex),
            )
            tidy_table.write_full(rows, tmp_path / f"data/estimates/{iso3}/prevalence.csv")
        return Comparison.open(
            "prevalence", ["srb", "uga", "ken"], "data/estimates", "results/comparison/figures/prevalence"
        )

    monkeypatch.chdir(tmp_path)
    return write


def test_headline_sorts_and_keeps_hidden_countries_visible(results):
    comparison = results()
    finding = comparison.headline("tfcsea_any")
    countries = [name for name in finding.table["Country"] if name != "Mean of countries"]
    assert set(countries) == {"Kenya", "Uganda", "Serbia"}
    places = [finding.drawing.svg.index(f">{label}<") for label in ("Uganda", "Kenya", "Serbia")]
    assert places == sorted(places)
    assert ">not shown<" in finding.drawing.svg
    assert "mean of 2 countries 25.0%" in finding.sentence


GROUPS = {"by": "exposure", "level": "", "first": "yes", "second": "no", "insight": "wellbeing"}
HELD = "age+sex"


@pytest.fixture
def contrasted(root, tmp_path, monkeypatch):
    """A comparison of contrasts: risk ratios of three countries and Brazil, and differences of means."""
    for name in ("config", "resources"):
        (tmp_path / name).symlink_to(root / name)
    monkeypatch.chdir(tmp_path)

    def compare(ratios, differences, adjusted_for):
        for iso3, ratio in ratios.items():
            about = {
                **GROUPS,
                "indicator": "self_harm_or_suicidal_thoughts",
                "measure": "risk_ratio",
                "interval": "log",
            }
            status = "shown" if ratio else "suppressed"
            of_means = {**GROUPS, "indicator": "low_mood", "measure": "mean_difference", "interval": "wald"}
            rows = [
                row(iso3, ratio or 1, 0.2, **{**about, "status": status}),
                row(iso3, (ratio or 1) / 2, 0.2, **about, status=status, adjusted_for=adjusted_for[iso3]),
                row(iso3, differences[iso3], 0.1, **of_means),
            ]
            tidy_table.write_full(frame(*rows), tmp_path / f"data/estimates/{iso3}/wellbeing.csv")
        return Comparison.open(
            "wellbeing", list(ratios), "data/estimates", "results/comparison/figures/wellbeing"
        )

    return compare


def test_ratios_of_countries_are_beside_published_ones(contrasted):
    """Two of three shown lie between the brief's two and four; the hidden one is not counted. Brazil: five times."""
    ratios = {"ken": 2.0, "uga": 4.5, "bra": 3.0, "moz": None}
    comparison = contrasted(ratios, dict.fromkeys(ratios, 0.3), dict.fromkeys(ratios, HELD))
    sentence = comparison.ratio("self_harm_or_suicidal_thoughts", between="exposure").sentence
    assert "Published: 2 to 4 times in thirteen countries (policy brief)." in sentence
    assert "2 of the 3 countries shown here lie in that range." in sentence
    assert "Published: 5 times in Brazil (press, March 2026)." in sentence
    adjusted = comparison.ratio("self_harm_or_suicidal_thoughts", between="exposure", adjusted=True)
    assert "Published" not in adjusted.sentence
    assert set(adjusted.rows["adjusted_for"]) == {HELD}


def test_without_brazil_its_ratio_is_not_quoted(contrasted):
    ratios = {"ken": 2.0, "uga": 4.5}
    comparison = contrasted(ratios, dict.fromkeys(ratios, 0.3), dict.fromkeys(ratios, HELD))
    assert "Brazil" not in comparison.ratio("self_harm_or_suicidal_thoughts", between="exposure").sentence


def test_a_country_that_is_adjusted_for_less_says_so(contrasted):
    """It is in no mean with the others, and its label names what it is adjusted for."""
    ratios = {"ken": 2.0, "uga": 4.0, "moz": 3.0}
    held = {"ken": HELD, "uga": HELD, "moz": "age"}
    comparison = contrasted(ratios, dict.fromkeys(ratios, 0.3), held)
    finding = comparison.ratio("self_harm_or_suicidal_thoughts", between="exposure", adjusted=True)
    assert "Mozambique (adjusted for age)" in re.sub("<[^>]*>", " ", finding.drawing.svg).replace("  ", " ")
    means = finding.rows[(finding.rows["country"] == MEAN) & (finding.rows["adjusted_for"] == HELD)]
    assert means["estimate"].tolist() == pytest.approx([math.sqrt(1.0 * 2.0)], abs=0.01)


def test_differences_of_means_of_countries(contrasted):
    differences = {"ken": 0.2, "uga": 0.4}
    comparison = contrasted({"ken": 2.0, "uga": 3.0}, differences, dict.fromkeys(differences, HELD))
    finding = comparison.difference("low_mood", between="exposure")
    mean = finding.rows[finding.rows["country"] == MEAN].iloc[0]
    assert (mean["measure"], mean["estimate"]) == ("mean_difference", pytest.approx(0.3))
    assert mean["se"] == pytest.approx(math.sqrt(2 * 0.1**2) / 2, abs=0.001)
    with pytest.raises(KeyError, match=r"mean difference of life_ladder by exposure is in no table"):
        comparison.difference("life_ladder", between="exposure")


def test_by_a_breakdown_uses_the_same_order(results):
    finding = results().headline("tfcsea_any", by="sex")
    assert finding.drawing.svg.index(">Uganda<") < finding.drawing.svg.index(">Kenya<")
    assert set(finding.table["Level"]) == {"Girls"}


def test_what_no_notebook_estimates_is_named(results):
    with pytest.raises(
        KeyError, match=r"tfcsea_any by area is in no table; have notebooks/prevalence\.ipynb"
    ):
        results().headline("tfcsea_any", by="area")


def test_delivered_and_synthetic_countries_are_never_mixed(results):
    comparison = results(("synthetic", "delivered", "delivered"))
    finding = comparison.who_is_compared()
    assert comparison.countries == ["srb", "uga"]
    assert "Left out, as they have synthetic data only: Kenya." in finding.sentence
    assert "SYNTHETIC" not in comparison.headline("tfcsea_any").drawing.svg


def test_the_table_holds_what_was_shown_once(results, tmp_path):
    comparison = results()
    comparison.headline("tfcsea_any")
    comparison.headline("tfcsea_any")
    comparison.write("results/comparison/prevalence.csv")
    written = tidy_table.read(tmp_path / "results/comparison/prevalence.csv")
    assert sorted(written["country"]) == sorted(["ken", "uga", "srb", MEAN])
    assert (tmp_path / "results/comparison/figures/prevalence/tfcsea_any.png").is_file()


def test_countries_pooled_by_random_effects(results, tmp_path):
    """The logits of three shares and their delta-method errors, pooled by the survey room, which is held against R."""
    assert "Fewer than three countries" in results().together().sentence
    shares = {"ken": 0.2, "uga": 0.3, "srb": 0.5}
    for iso3, share in shares.items():
        tidy_table.write_full(frame(row(iso3, share)), tmp_path / f"data/estimates/{iso3}/prevalence.csv")
    finding = Comparison.open("prevalence", list(shares), "data/estimates", "results/figures").together()
    logits = [math.log(share / (1 - share)) for share in shares.values()]
    expected = survey.random_effects(
        np.array(logits), np.array([0.02 / (s * (1 - s)) for s in shares.values()])
    )
    line = finding.table.iloc[0]
    assert line["Random-effects mean"].startswith(f"{100 / (1 + math.exp(-expected.estimate)):.1f}%")
    assert line["I²"] == f"{expected.i2:.0%}"
    assert line["Countries"] == "3 of 3"
    assert re.search(r"would lie between [<>]?\d+\.\d% and [<>]?\d+\.\d% with 95%", finding.sentence)


@pytest.fixture
def compare(results, tmp_path):
    """A comparison of countries whose share, standard error and status are given."""
    results()

    def of(**countries):
        for iso3, (estimate, se, status) in countries.items():
            written = frame(row(iso3, estimate, se, status))
            tidy_table.write_full(written, tmp_path / f"data/estimates/{iso3}/prevalence.csv")
        return Comparison.open("prevalence", list(countries), "data/estimates", "results/figures")

    return of


def test_larger_countries_count_more_in_the_weighted_mean(compare):
    """Kenya: 67 % of 7,539,254 children use the internet; Uganda: 40 % of 6,819,466; Serbia's file has no figures."""
    finding = compare(
        ken=(0.2, 0.02, "shown"),
        uga=(0.3, 0.03, "shown"),
        srb=(0.7, 0.02, "shown"),
        tha=(0.9, 0.02, "suppressed"),
    ).means()
    ken, uga = 7_539_254 * 0.67, 6_819_466 * 0.40
    mean = (0.2 * ken + 0.3 * uga) / (ken + uga)
    parts = np.array([0.02 * ken, 0.03 * uga]) ** 2 / (ken + uga) ** 2
    error = float(f"{math.sqrt(parts.sum()):.2g}")  # limits are those of the printed mean and error
    printed = round(mean, 3)
    width = stats.t.ppf(0.975, parts.sum() ** 2 / (parts**2 / 90).sum()) * error
    ends = [
        100 / (1 + math.exp(-(math.log(printed / (1 - printed)) + sign * width / (printed * (1 - printed)))))
        for sign in (-1, 1)
    ]
    assert finding.table["Countries"].tolist() == ["3 of 4", "2 of 4", "2 of 4"]
    assert finding.table["Estimate"].tolist() == ["40.0%", "25.0%", f"{100 * mean:.1f}%"]
    assert finding.table["Interval"].iloc[2] == f"{ends[0]:.1f}–{ends[1]:.1f}"
    assert finding.sentence.endswith(
        "the mean of the 2 of 4 countries whose population is known is 25.0% if each counts the same, "
        f"{100 * mean:.1f}% if larger ones count more. Population not known: Serbia."
    )


def test_gross_weights_say_how_many_children_there_are_where_the_configuration_does_not(project, tmp_path):
    """Kenya's figure is in its file; Serbia's sample stands for 250,000; of Brazil nothing is known."""
    rows = frame(row("ken", 0.2, users=1e6), row("srb", 0.3, users=250_000.0), row("bra", 0.4, users=np.nan))
    known = Comparison(project, "prevalence", rows, [], tmp_path).populations()
    assert known == {"ken": pytest.approx(7_539_254 * 0.67), "srb": 250_000.0}


def test_where_all_have_a_population_no_mean_is_said_twice(compare):
    finding = compare(ken=(0.2, 0.02, "shown"), uga=(0.3, 0.03, "shown")).means()
    assert finding.table["Countries count"].tolist() == ["the same", "by population"]
    assert "the 2 of 2 countries whose population is known is 25.0% if each" in finding.sentence
    assert finding.sentence.endswith("count more.")


def test_a_single_country_with_a_population_is_no_mean(compare):
    shares = {"ken": (0.2, 0.02, "shown"), "uga": (0.3, 0.03, "suppressed"), "srb": (0.7, 0.02, "shown")}
    finding = compare(**shares).means()
    assert finding.table["Estimate"].tolist() == ["45.0%", "fewer than two countries"]
    assert finding.table["Countries"].tolist() == ["2 of 3", "1 of 3"]
    assert finding.sentence == "Population not known: Serbia."
    alone = compare(ken=(0.2, 0.02, "shown"), uga=(0.3, 0.03, "suppressed")).means()
    assert alone.sentence == "Fewer than two countries show these indicators."


def test_the_mean_without_each_country_in_turn(compare):
    """Equal errors of the logits, -ln 4, 0 and ln 4: a mean of two is their middle, so 1/3, 1/2 and 2/3."""
    shares = {"ken": 0.2, "uga": 0.5, "srb": 0.8}
    known = {iso3: (share, 0.1 * share * (1 - share), "shown") for iso3, share in shares.items()}
    finding = compare(**known, tha=(0.9, 0.02, "suppressed")).leave_one_out()
    assert finding.table.iloc[0].tolist()[1:] == [
        "33.3% without Serbia",
        "66.7% without Kenya",
        "50.0%",
        "3 of 4",
    ]
    assert finding.sentence.endswith(
        "without any one country the mean lies between 33.3% (without Serbia) and 66.7% (without Kenya)."
    )
    too_few = compare(ken=known["ken"], uga=known["uga"]).leave_one_out()
    assert too_few.sentence == "Fewer than three countries show these indicators."


def test_what_only_three_countries_and_more_have_may_be_on_a_page(compare, project):
    """Two countries, as in most runs of the tests, have no pool, and no table of it that the border would see."""
    known = compare(ken=(0.2, 0.02, "shown"), uga=(0.5, 0.03, "shown"), srb=(0.8, 0.02, "shown"))
    for finding in (known.together(), known.leave_one_out(), known.means()):
        assert not finding.table.empty
        assert set(finding.table.columns) <= known_headings(project)


def test_a_missing_table_says_how_to_make_it(results, tmp_path):
    results()
    (tmp_path / "data/estimates/ken/prevalence.csv").unlink()
    with pytest.raises(FileNotFoundError, match="snakemake --config country=ken"):
        Comparison.open("prevalence", ["ken"], "data/estimates", "results/figures")


def test_tables_survive_writing_and_reading_digit_for_digit(tmp_path):
    rows = frame(row("aaa", 1 / 3, 0.1), row("bbb", 0.2, status="not_asked"))
    printed = rounding.published(rows, RULES)
    for write, read, table in (
        (tidy_table.write_full, tidy_table.read_full, rows),
        (tidy_table.write, tidy_table.read, printed),
    ):
        write(table, tmp_path / "x.csv")
        again = read(tmp_path / "x.csv")
        pd.testing.assert_frame_equal(again, table, check_dtype=False, check_exact=True)
        twice = pd.concat([table, table.head(1)])
        with pytest.raises(ValueError, match="aaa, tfcsea_any, all, all, proportion is there twice"):
            write(twice, tmp_path / "x.csv")
        pd.testing.assert_frame_equal(read(tmp_path / "x.csv"), again)


def test_full_precision_is_never_written_as_a_published_table(tmp_path):
    rows = frame(row("aaa", 1 / 3, 0.1))
    with pytest.raises(ValueError, match="a tidy table has the columns"):
        tidy_table.write(rows, tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()


def test_means_are_worked_out_before_rounding_and_countries_are_printed_as_at_home(compare, tmp_path):
    """10.243, 10.243 and 10.341 are printed as 10.2, 10.2 and 10.3; their mean is 10.3, and not 10.2."""
    shares = {"ken": 0.10243, "uga": 0.10243, "srb": 0.10341}
    comparison = compare(**{iso3: (share, 0.0123456, "shown") for iso3, share in shares.items()})
    comparison.headline("tfcsea_any")
    comparison.write("results/comparison/prevalence.csv")
    written = tidy_table.read(tmp_path / "results/comparison/prevalence.csv").set_index("country")
    assert written["estimate"].to_dict() == {"ken": 0.102, "uga": 0.102, "srb": 0.103, MEAN: 0.103}
    assert written.loc[MEAN, "n"] == 3000
    at_home = rounding.published(comparison.rows, RULES).set_index("country")
    same = [name for name in at_home if name != "insight"]
    pd.testing.assert_frame_equal(written.loc[at_home.index, same], at_home[same], check_dtype=False)


@pytest.mark.parametrize(("countries", "step"), [(2, 0.01), (9, 0.01), (10, 0.001)])
def test_a_mean_tells_no_more_of_a_coarse_country_than_its_own_number(countries, step):
    """Of K countries the mean to 0.1 point leaves the one to K times 0.1 point: ten and more leave a whole point."""
    rows = [row(f"c{number}", 0.2 + number / 100, coarse=number == 0) for number in range(countries)]
    mean = rounding.rounded(pool(frame(*rows), RULES), RULES)
    assert mean["rounded_to"].tolist() == [step]


# Numbers of children


def of_children(country, estimate, low, high):
    se = (high - low) / (2 * stats.norm.ppf(0.975))
    about = {"indicator": "tfcsea_children_affected_count", "measure": "count", "interval": "monte_carlo"}
    return row(country, estimate, se, **about) | {"ci_low": low, "ci_high": high, "n": 1000.0}


def test_numbers_of_children_are_added_up():
    """300 and 1,000: below them sqrt(30^2 + 40^2), above them sqrt(60^2 + 80^2)."""
    pooled = pool(
        frame(of_children("aaa", 300.0, 270.0, 360.0), of_children("bbb", 1000.0, 960.0, 1080.0)), RULES
    )
    total = pooled.iloc[0]
    assert (total["country"], total["status"], total["interval"]) == ("total_of_countries", "shown", "mover")
    assert (total["estimate"], total["ci_low"], total["ci_high"]) == (1300, 1250, 1400)
    assert total["n"] == 2000


def published_rows(root, indicator):
    rows = pd.read_csv(root / "resources/published/published_estimates.csv")
    article = rows[
        (rows["indicator"] == indicator) & rows["source"].str.contains("Nature, doi|1a_preprocess")
    ]
    return article[article["country_iso3"] != "ALL"]


@pytest.fixture(scope="module")
def of_the_article(root):
    """By country: prevalence and its standard error from the printed interval, and the article's Table 1."""
    users = published_rows(root, "tfcsea_any")
    users = users[users["ci_low"].notna()].set_index("country_iso3")
    printed = published_rows(root, "tfcsea_any_all_children").set_index("country_iso3")
    se = (users["ci_high"] - users["ci_low"]) / (2 * stats.norm.ppf(0.975))
    return pd.DataFrame({"share": users["value_percent"] / 100, "se": se / 100,
                         "low": printed["ci_low"], "high": printed["ci_high"]}).dropna()  # fmt: skip


def intervals_with(project, rows, users_se):
    """Limits, in per cent, of the share among all children of each country."""
    choices = project.analysis.burden.model_copy(update={"users_se": users_se, "draws": 20_000})
    ends = {}
    for iso3, country in rows.iterrows():
        share = pd.Series({"estimate": country["share"], "se": country["se"], "n": 1000, "status": "shown"})
        population = project.countries[iso3.lower()].population
        computed = children_affected(share, population, 0.95, choices).iloc[0]
        ends[iso3] = (100 * computed["ci_low"], 100 * computed["ci_high"])
    return pd.DataFrame(ends, index=["low", "high"]).T


def test_the_articles_intervals_come_back_with_three_points_for_every_share_of_users(project, of_the_article):
    """Printed to 0.1, from 5,000 draws and Kish's effective base; with 2 or 4 points they do not come back."""
    assert len(of_the_article) == 12
    assert project.analysis.burden.users_se == 0.03
    printed = of_the_article[["low", "high"]]
    off = {se: (intervals_with(project, of_the_article, se) - printed).abs() for se in (0.02, 0.03, 0.04)}
    assert off[0.03].max().max() < 0.3
    assert off[0.03].mean().mean() < 0.08
    assert min(off[0.02].mean().mean(), off[0.04].mean().mean()) > 2 * off[0.03].mean().mean()


def test_the_interval_of_a_total_is_that_of_draws_that_are_added_up(project, of_the_article):
    """Draws of the shares of twelve countries, independent of each other, times their children, as in the article."""
    rng = np.random.default_rng(7)
    computed, drawn = [], 0
    for iso3, country in of_the_article.iterrows():
        population = project.countries[iso3.lower()].population
        share = pd.Series({"estimate": country["share"], "se": country["se"], "n": 1000, "status": "shown"})
        count = children_affected(share, population, 0.95, project.analysis.burden).iloc[1]
        computed.append(of_children(iso3.lower(), count["estimate"], count["ci_low"], count["ci_high"]))
        users = logit_normal(population.internet_users_percent / 100, 0.03, rng.standard_normal(50_000))
        cases = logit_normal(country["share"], country["se"], rng.standard_normal(50_000))
        drawn = drawn + users * cases * population.children_12_17
    total = mean_of(frame(*computed))
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert total["ci_low"] == pytest.approx(low, rel=0.01)
    assert total["ci_high"] == pytest.approx(high, rel=0.01)
