"""Two releases compared: expected changes by arithmetic on tables that each test writes."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from disrupting_harm.cli import app
from disrupting_harm.estimation import tidy_table
from disrupting_harm.publishing import releases
from disrupting_harm.publishing.releases import KINDS, ReleaseError, compare, read
from disrupting_harm.publishing.site.releases import WARNING, WIDTH, summary, write_page


def row(indicator="disclosure_none", by="all", level="all", estimate=0.2, **more):
    """One estimate of a tidy table."""
    given = {"country": "ken", "insight": "disclosure", "indicator": indicator, "by": by, "level": level}
    given |= {"measure": "proportion", "estimate": estimate, "se": 0.02, "ci_low": estimate - 0.04}
    given |= {"ci_high": estimate + 0.04, "n": 200.0, "rounded_to": 0.001}
    given |= {"status": "shown", "interval": "logit", "confidence_level": 0.95, "data": "synthetic"}
    given |= dict.fromkeys(tidy_table.CONTRAST, "")
    return given | more


def hidden(indicator="disclosure_none", status="suppressed", **more):
    """One estimate that is not shown."""
    return row(
        indicator, **{"status": status, "interval": "", **dict.fromkeys(tidy_table.NUMBERS, np.nan), **more}
    )


def release(folder, *rows):
    """A results folder with these rows, written by the project's own writer."""
    table = pd.DataFrame(rows, columns=tidy_table.COLUMNS)
    for (country, insight), part in table.groupby(["country", "insight"]):
        tidy_table.write(part.reset_index(drop=True), folder / country / f"{insight}.csv")
    return read(folder)


@pytest.fixture
def two(tmp_path):
    """A function that makes two releases and compares them."""

    def make(old, new, **thresholds):
        return compare(release(tmp_path / "old", *old), release(tmp_path / "new", *new), **thresholds)

    return make


def only(changes):
    """The only row of the changes, as a dictionary."""
    assert len(changes.rows) == 1
    return changes.rows.iloc[0].to_dict()


# Kinds of change


def test_a_moved_share_in_points_and_standard_errors(two):
    change = only(two([row(estimate=0.20, se=0.02)], [row(estimate=0.25, se=0.05)]))
    assert change["change"] == "moved"
    assert change["points"] == pytest.approx((0.25 - 0.20) * 100)
    assert change["standard_errors"] == pytest.approx((0.25 - 0.20) / 0.02)
    assert change["difference"] == pytest.approx(0.05)
    assert not change["revealing"]


@pytest.mark.parametrize(("measure", "points"), [
    ("risk_difference", -30.0), ("mean", None), ("risk_ratio", None), ("count", None), ("reliability", None),
])  # fmt: skip
def test_only_shares_and_their_differences_move_by_points(two, measure, points):
    change = only(two([row(estimate=0.5, se=0.1, measure=measure)], [row(estimate=0.2, measure=measure)]))
    assert change["standard_errors"] == pytest.approx(-0.3 / 0.1)
    assert change["points"] == (pytest.approx(points) if points else pytest.approx(np.nan, nan_ok=True))


def test_without_a_standard_error_the_size_is_in_points_alone(two):
    change = only(two([row(estimate=0.0, se=0.0)], [row(estimate=0.1)]))
    assert np.isnan(change["standard_errors"])
    assert change["points"] == pytest.approx(10)


KIND_OF = {
    "same": (row(), row()),
    "moved": (row(estimate=0.2), row(estimate=0.21)),
    "base": (row(n=200.0), row(n=201.0)),
    "hidden": (row(), hidden()),
    "shown": (hidden(), row()),
    "status": (hidden(status="not_asked"), hidden(status="not_estimable")),
    "rounding": (row(estimate=0.234), row(estimate=0.23, rounded_to=0.01)),
}


@pytest.mark.parametrize("kind", KIND_OF)
def test_kinds(two, kind):
    old, new = KIND_OF[kind]
    assert only(two([old], [new]))["change"] == kind


def test_coarse_rounding_that_does_not_explain_a_difference_is_a_move(two):
    assert only(two([row(estimate=0.236)], [row(estimate=0.23, rounded_to=0.01)]))["change"] == "moved"


def test_coarse_numbers_are_told_without_decimals(two, project):
    changes = two([row(estimate=0.30)], [row(estimate=0.2, rounded_to=0.01)])
    line = next(text for text in summary(project, changes).splitlines() if "No one" in text)
    assert re.search(r"30\.0% +20%", line)


def test_a_bracket_alone_is_another_status(two):
    assert only(two([row()], [row(status="low_n")]))["change"] == "status"
    assert only(two([row()], [row(status="low_n", estimate=0.3)]))["change"] == "moved"


def test_appeared_and_vanished(two):
    changes = two([row("a"), row("b")], [row("b"), row("c"), row("d")])
    assert set(changes.of("appeared")["indicator"]) == {"c", "d"}
    assert set(changes.of("vanished")["indicator"]) == {"a"}
    assert changes.count("same") == 1


def test_every_estimate_of_either_is_counted_once(two):
    old = [row(name, level=level) for name in "abc" for level in "xy"]
    new = [row(name, level=level, estimate=0.3) for name in "bcd" for level in "yz"]
    changes = two(old, new)
    keys = {(row["indicator"], row["level"]) for row in [*old, *new]}
    assert len(changes.rows) == len(keys) == sum(changes.count(kind) for kind in KINDS)


def test_the_other_way_round_is_the_mirror(tmp_path):
    first = release(tmp_path / "a", row("a", estimate=0.1), row("b"), hidden("c"), row("d"))
    second = release(tmp_path / "b", row("a", estimate=0.4), row("e"), row("c"), hidden("d"))
    there, back = compare(first, second), compare(second, first)
    mirrored = {"appeared": "vanished", "vanished": "appeared", "hidden": "shown", "shown": "hidden"}
    for kind in KINDS:
        assert there.count(kind) == back.count(mirrored.get(kind, kind)), kind
    assert there.of("moved")["points"].iloc[0] == pytest.approx(-back.of("moved")["points"].iloc[0])


def test_what_writing_and_reading_costs_is_no_change(two):
    assert two([row(estimate=0.1 + 0.2)], [row(estimate=0.3)]).count("same") == 1


def test_insights_may_share_an_indicator(two):
    changes = two([row(), row(insight="prevalence")], [row(), row(insight="prevalence", estimate=0.3)])
    assert changes.of("moved")["insight"].tolist() == ["prevalence"]


def test_rows_that_the_comparison_repeats_count_once(tmp_path):
    release(tmp_path / "r", row())
    pooled = row(country="mean_of_countries")
    tidy_table.write(
        pd.DataFrame([row(), pooled], columns=tidy_table.COLUMNS), tmp_path / "r/comparison/disclosure.csv"
    )
    assert read(tmp_path / "r").rows["country"].tolist() == ["ken", "mean_of_countries"]


@pytest.mark.parametrize(("older", "about"), [
    ("girl", {"level": "girl"}),
    ("boy vs girl", {"first": "boy", "second": "girl"}),
    ("16-17 vs 12-13", {"first": "16-17", "second": "12-13"}),
    ("yes vs no, in_person=no", {"first": "yes", "second": "no", "within": "in_person", "within_level": "no"}),
    ("yes vs no, adjusted=age+sex", {"first": "yes", "second": "no", "adjusted_for": "age+sex"}),
])  # fmt: skip
def test_a_release_whose_level_holds_what_a_contrast_is_about_is_compared(tmp_path, older, about):
    """Tables were so before `first`, `second`, `within` and `adjusted_for` had columns: nothing of it is lost."""
    new = release(tmp_path / "new", row(by="sex", **{"level": "", **about}))
    rows = pd.DataFrame([row(by="sex", level=older)])[[*new.rows.columns.drop(tidy_table.CONTRAST)]]
    (tmp_path / "old/ken").mkdir(parents=True)
    rows.to_csv(tmp_path / "old/ken/disclosure.csv", index=False)
    changes = compare(read(tmp_path / "old"), new)
    assert only(changes)["change"] == "same"
    pd.testing.assert_frame_equal(changes.old.rows, new.rows, check_dtype=False)


def test_delivered_and_synthetic_are_not_compared(two):
    changes = two([row()], [row(estimate=0.6, data="delivered")])
    change = only(changes)
    assert change["change"] == "other_data"
    assert pd.isna([change[name] for name in releases.NUMBERS]).all()


# Thresholds and order


def test_thresholds_leave_small_moves_out(tmp_path):
    old = release(tmp_path / "old", row("a", estimate=0.20, se=0.02), row("b", estimate=0.20, se=0.02))
    new = release(tmp_path / "new", row("a", estimate=0.21), row("b", estimate=0.25))

    def moved(**thresholds):
        return set(compare(old, new, **thresholds).of("moved")["indicator"])

    assert moved() == moved(points=0.9) == moved(standard_errors=0.4) == {"a", "b"}
    assert moved(points=2) == moved(standard_errors=1) == {"b"}
    assert moved(points=6) == moved(standard_errors=3) == set()
    assert compare(old, new, points=6).count("less") == 2


def test_points_say_nothing_about_means(two):
    assert (
        two([row(measure="mean", estimate=2.0)], [row(measure="mean", estimate=2.01)], points=5).count(
            "moved"
        )
        == 1
    )


def test_the_largest_come_first(two):
    sizes = {"a": 0.22, "b": 0.50, "c": 0.05, "d": 0.21}
    changes = two([row(name) for name in sizes], [row(name, estimate=size) for name, size in sizes.items()])
    by_hand = sorted(sizes, key=lambda name: -abs(sizes[name] - 0.2))
    assert changes.rows["indicator"].tolist() == by_hand


# Confidentiality


@pytest.mark.parametrize(("old", "new", "reveals"), [
    (row(), hidden(), True), (hidden(), row(), True), (hidden(), row(status="low_n"), True),
    (row(), hidden(status="not_asked"), False), (row(), hidden(status="not_estimable"), False),
    (hidden(), hidden(status="not_asked"), False), (row(), row(estimate=0.3), False), (hidden(), hidden(), False),
])  # fmt: skip
def test_shown_in_one_and_suppressed_in_the_other(two, old, new, reveals):
    assert two([old], [new]).revealing.empty is not reveals


SECRET = 0.123456789


@pytest.fixture
def secret(tmp_path):
    """Changes in which one estimate is hidden in one release, and its number in the other."""
    old = release(tmp_path / "old", row(estimate=SECRET, n=4321.0), row("disclosure_formal"))
    new = release(tmp_path / "new", hidden(), row("disclosure_formal", estimate=0.31))
    return compare(old, new)


def test_numbers_of_what_one_release_hides_are_told_nowhere(secret, project, tmp_path):
    secret.write(tmp_path / "changes.csv")
    write_page(project, secret, tmp_path / "new/changes.html")
    texts = [
        summary(project, secret),
        *(path.read_text() for path in (tmp_path / "changes.csv", tmp_path / "new/changes.html")),
    ]
    for text in texts:
        assert not re.search(r"12\.3|0\.123|4,?321", text)
    assert "31.0%" in texts[0]
    assert "31.0%" in texts[2]


def test_the_warning_stands_in_summary_and_page(secret, project, tmp_path):
    write_page(project, secret, tmp_path / "changes.html")
    text = summary(project, secret)
    assert f"WARNING  {WARNING}: 1" in text
    assert "hidden in new  Kenya: No one at all" in text
    assert WARNING in (tmp_path / "changes.html").read_text()


def test_without_such_estimates_there_is_no_warning(two, project):
    assert "WARNING" not in summary(project, two([row()], [row(estimate=0.3)]))


# Summary, page and table


def many(shift=0.0):
    """Estimates of several countries, indicators and breakdowns, some of a kind that the project no longer knows."""
    names = ["disclosure_none", "disclosure_told_no_one_for_at_least_one_form", "an_indicator_of_the_past"]
    parts = [
        ("all", "all"),
        ("sex", "girl"),
        ("age_group", "12-13"),
        ("a_breakdown_of_the_past", "some <level>"),
    ]
    return [
        row(name, by, level, estimate=0.2 + shift * (1 + position / 10), country=country)
        for country in ("ken", "mkd", "mean_of_countries")
        for position, name in enumerate(names)
        for by, level in parts
    ]


def test_the_summary_fits_and_counts(two, project):
    changes = two(many(), many(0.05))
    text = summary(project, changes)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.startswith("SYNTHETIC DATA\n")
    assert re.search(r"^moved +36$", text, re.MULTILINE)
    assert "+2.5     +5.0      20.0%      25.0%  Kenya: No one at all" not in text, "the largest come first"
    assert re.search(r"\+3\.0 +\+6\.0 +20\.0% +26\.0%  Kenya: an_indicator_of_the_past", text)
    assert "and 21 more" in text


def test_delivered_data_carry_no_mark(two, project, tmp_path):
    changes = two([row(data="delivered")], [row(data="delivered", estimate=0.3)])
    write_page(project, changes, tmp_path / "changes.html")
    assert "SYNTHETIC" not in summary(project, changes)
    assert "SYNTHETIC DATA" not in (tmp_path / "changes.html").read_text()


def test_the_page_is_marked_noted_and_without_paths(two, project, tmp_path):
    changes = two(many(), many(0.05))
    page = tmp_path / "new" / "changes" / "page.html"
    write_page(project, changes, page, "0123456789ab")
    text = page.read_text()
    assert "SYNTHETIC DATA" in text
    assert "About this page." in text
    assert 'href="../index.html"' in text
    assert str(tmp_path) not in text
    assert "some &lt;level&gt;" in text
    assert text.count("<tr><td>Kenya</td>") == 12
    first = page.read_bytes()
    write_page(project, changes, page, "0123456789ab")
    assert page.read_bytes() == first


def test_the_table_holds_every_change_and_is_no_table_of_estimates(two, tmp_path):
    changes = two([row("a"), row("b")], [row("a", estimate=0.3), row("b"), row("c")])
    changes.write(tmp_path / "new/ken/changes.csv")
    written = pd.read_csv(tmp_path / "new/ken/changes.csv")
    assert written["indicator"].tolist() == ["a", "c"]
    again = read(tmp_path / "new")
    assert len(again.rows) == 3
    assert again.other_tables == ("ken/changes.csv",)


def run(*words):
    return CliRunner().invoke(app, ["diff", *map(str, words)])


def test_the_command(two, root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    two([row()], [row(estimate=0.3)])
    page, table = tmp_path / "out/page.html", tmp_path / "out/table.csv"
    done = run(tmp_path / "old", tmp_path / "new", "--page", page, "--table", table)
    assert done.exit_code == 0, done.output
    assert re.search(r"\+5\.0 +\+10\.0 +20\.0% +30\.0%  Kenya: No one at all", done.output)
    assert page.is_file()
    assert table.is_file()
    none = run(tmp_path / "old", tmp_path / "new", "--points", 11)
    assert re.search(r"^moved +0$", none.output, re.MULTILINE)


# Bad input


def test_bad_input_is_told(tmp_path):
    release(tmp_path / "results", row())
    release(tmp_path / "results/results", row())
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.csv").write_text("a\n")
    for folder, words in {
        "resluts": "there is no such folder. Did you mean .*results",
        "file.csv": "is a file",
        "empty": r"contains no tables of estimates \(COUNTRY/INSIGHT.csv\)",
        ".": "Did you mean .*results",
    }.items():
        with pytest.raises(ReleaseError, match=words):
            read(tmp_path / folder)


def test_the_same_folder_twice(tmp_path):
    one = release(tmp_path / "results", row())
    (tmp_path / "link").symlink_to(tmp_path / "results")
    for other in (tmp_path / "results", tmp_path / "link", tmp_path / "results/../results"):
        with pytest.raises(ReleaseError, match="are the same folder"):
            compare(one, read(other))


SPOILT = {
    "without a column": (lambda text: re.sub(r"^([^,]*),", "", text, flags=re.M), "ken/disclosure.csv"),
    "another order": (lambda text: text.replace("country,insight", "insight,country"), "in another order"),
    "one column more": (lambda text: text.replace("\n", ",x\n").replace("data,x", "data,more"), "with more"),
    "one column less": (lambda text: re.sub(r",[^,\n]*$", "", text, flags=re.M), "without data"),
    "letters for a number": (lambda text: text.replace("0.2,", "zero,", 1), "cannot be read as a table"),
    "an unknown status": (lambda text: text.replace("shown", "visible", 1), "line 2: has an unknown status"),
    "a row twice": (lambda text: text + text.splitlines()[1] + "\n", "line 4: stands there twice"),
    "a shown row without an estimate": (lambda text: text.replace(",0.2,", ",,", 1), "is shown, but has no estimate"),
    "a hidden row with numbers": (
        lambda text: text.replace("shown", "suppressed", 1), "line 2: is not shown, but has numbers"
    ),
    "not UTF-8": (lambda text: text.encode("utf-16"), "cannot be read as a table"),
    "empty": (lambda text: "", "cannot be read as a table"),
    "ragged": (lambda text: text + "a,b," + "c," * 40 + "\n", "cannot be read as a table"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_tables_are_told_with_their_file(tmp_path, name):
    release(tmp_path, row(), row("b"), row(country="uga"))
    spoil, words = SPOILT[name]
    file = tmp_path / "ken/disclosure.csv"
    spoilt = spoil(file.read_text())
    file.write_bytes(spoilt if isinstance(spoilt, bytes) else spoilt.encode())
    if name == "without a column":
        assert read(tmp_path).other_tables == ("ken/disclosure.csv",)
        return
    with pytest.raises(ReleaseError, match=re.escape(words)) as caught:
        read(tmp_path)
    assert str(file) in str(caught.value)


def test_the_command_writes_nothing_when_it_refuses(tmp_path, root, monkeypatch):
    monkeypatch.chdir(root)
    release(tmp_path / "old", row())
    done = run(
        tmp_path / "old",
        tmp_path / "nowhere",
        "--page",
        tmp_path / "page.html",
        "--table",
        tmp_path / "t.csv",
    )
    assert done.exit_code == 1
    assert isinstance(done.exception, ReleaseError)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]
