"""The object a notebook talks to: whatever it shows has passed suppression, and the same question has one answer."""

import re
import shutil
import stat

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.config.entries.analysis import Burden
from disrupting_harm.config.entries.country import Population
from disrupting_harm.delivered import harmonise
from disrupting_harm.estimation import children_affected, differences, rounding, tidy_table
from disrupting_harm.insights.one_country import Insight
from disrupting_harm.presentation import sentences
from disrupting_harm.protection import suppression
from disrupting_harm.quality import remarks
from disrupting_harm.quality.examine import examine


@pytest.fixture(scope="module")
def folder(root, project, drawn, decision, tmp_path_factory):
    """A project folder with one country's harmonised tables, and what is remarked on them."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("config", "resources"):
        (folder / name).symlink_to(root / name)
    frames = {}
    for table, frame in zip(("children", "caregivers"), drawn("ken"), strict=True):
        clean = frame[frame["weight"].notna()].reset_index(drop=True)
        clean.attrs = {"country": "ken", "data": "synthetic", "rows_delivered": len(frame),
                       "excluded": {"no weight": len(frame) - len(clean)}, "renamed_identifiers": 0}  # fmt: skip
        clean.to_parquet(folder / f"{table}.parquet")
        frames[table] = clean
    remark(folder, project, **frames)
    shutil.copy(decision("ken"), folder / suppression.FILE)
    return folder


def remark(folder, project, children, caregivers):
    """Write what is remarked on the tables of Kenya."""
    file = folder / "results/ken" / remarks.FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    remarks.write(examine(project, "ken", children, caregivers), file)


@pytest.fixture
def open_insight(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return lambda name="prevalence": Insight.open(name, "ken", "children.parquet", "caregivers.parquet")


def test_a_question_gives_sentence_figure_and_table(open_insight):
    finding = open_insight().estimate("tfcsea_any", by=["sex", "area"])
    assert finding.sentence.startswith("Any technology-facilitated sexual exploitation or abuse: 21.7%")
    assert (
        "of 1,015 internet-using children aged 12-17" in finding.sentence
    )  # 1,014 to the nearest multiple of 5
    assert "SYNTHETIC DATA" in finding.drawing.svg
    assert finding.table["Level"].tolist() == ["All", "Girls", "Boys", "Urban", "Peri-urban", "Rural"]


def test_numbers_in_a_sentence_stand_in_the_table(open_insight):
    insight = open_insight()
    for what, by in [("tfcsea_any", ["sex", "age_group"]), ("forms_online", "sex"), ("forms_online", ())]:
        finding = insight.estimate(what, by=by)
        shares = set(re.findall(r"\d+\.\d(?=%)", finding.sentence))
        assert shares
        assert shares <= set(
            re.findall(r"\d+\.\d", " ".join(finding.table["Estimate"] + " " + finding.table["Interval"]))
        )


def test_the_answer_does_not_depend_on_how_it_is_asked(open_insight):
    """Exclusive classes are judged together, so that a class asked for alone cannot show what the group hides."""
    together, alone = open_insight("disclosure"), open_insight("disclosure")
    together.estimate("disclosure_classes", by=["sex", "age_group", "area"])
    for name in together.registry.members["disclosure_classes"]:
        alone.estimate(name, by=["area", "sex", "age_group"])
    first, second = (
        finding.rows().sort_values(tidy_table.KEY, ignore_index=True) for finding in (together, alone)
    )
    pd.testing.assert_frame_equal(first, second)
    assert (first["status"] == "suppressed").any()


def test_hidden_rows_carry_no_number_anywhere(open_insight):
    insight = open_insight("disclosure")
    finding = insight.estimate("channels", by="form")
    rows = insight.rows()
    hidden = ~tidy_table.is_shown(rows)
    assert hidden.any()
    assert rows.loc[hidden, tidy_table.FULL_NUMBERS].isna().all(axis=None)
    assert (finding.table.loc[hidden.to_numpy(), ["Estimate", "Interval", "Base (n)"]] == "").all(axis=None)


def test_another_survey_with_the_same_rounded_numbers_is_shown_in_the_same_bytes(open_insight):
    """Sentences, tables, figures with all their coordinates and alternative texts tell nothing but rounded numbers."""
    one, other = (open_insight("wellbeing") for _ in range(2))
    gate = other.may_be_shown

    def moved(rows):
        exact = gate(rows)
        printed = other.rounded(other.complete(exact))
        off = 0.3 * printed["rounded_to"]
        near = {"estimate": (printed["estimate"] + off).clip(1e-6), "se": printed["se"], "n": printed["n"]}
        shares = [name for name in tidy_table.SHARES if name in exact]
        near |= {name: exact[name].round(3) + 0.0003 for name in shares}
        return exact.assign(**near)

    other.may_be_shown = moved
    for question in (
        lambda insight: insight.estimate("wellbeing"),
        lambda insight: insight.estimate("self_harm", by=["sex", "age_group", "exposure"]),
        lambda insight: insight.estimate("wellbeing", by=["sex", "area"]),
        lambda insight: insight.contrast("wellbeing", between="exposure", within="in_person"),
        lambda insight: insight.adjusted("wellbeing", between="exposure", adjust_for=["age", "sex"]),
    ):
        first, second = question(one), question(other)
        assert first.sentence == second.sentence
        assert (first.drawing.svg, first.drawing.alt) == (second.drawing.svg, second.drawing.alt)
        pd.testing.assert_frame_equal(first.table, second.table)
    assert (one.rows()["estimate"] - other.rows()["estimate"]).abs().max() > 0


def test_rows_are_kept_once_and_written_whole(open_insight, folder):
    insight = open_insight()
    insight.estimate("forms_online")
    insight.estimate("forms_online", by="sex")
    insight.write("results/ken/prevalence.csv")
    written = tidy_table.read(folder / "results/ken/prevalence.csv")
    assert len(written) == 9 * 3
    assert list(written.columns) == tidy_table.COLUMNS
    assert set(written["country"]) == {"ken"}


def test_full_precision_is_written_for_the_owner_and_the_rest_is_made_of_it(open_insight, folder, project):
    insight = open_insight("wellbeing")
    insight.estimate("wellbeing", by=["sex", "area"])
    insight.contrast("wellbeing", between="exposure", within="in_person")
    insight.write("results/ken/wellbeing.csv")
    file = folder / "data/estimates/ken/wellbeing.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file.parent.parent)} == {0o700}
    exact, written = tidy_table.read_full(file), tidy_table.read(folder / "results/ken/wellbeing.csv")
    pd.testing.assert_frame_equal(exact, insight.rows(), check_dtype=False)
    again = rounding.published(exact, project.analysis.suppression)
    pd.testing.assert_frame_equal(again, written, check_dtype=False)
    shown = tidy_table.is_shown(written)
    assert (written.loc[shown, "n"] % 5 == 0).all()
    assert (exact.loc[shown, "n"] % 5 != 0).any()


def test_what_is_shown_is_made_from_rounded_numbers(open_insight):
    """If everything is rounded to whole per cent, no sentence, table, figure or alternative text has a decimal."""
    insight = open_insight()
    rules = insight.project.analysis.suppression.model_copy(
        update={"rounding": insight.project.analysis.suppression.coarse_rounding}
    )
    analysis = insight.project.analysis.model_copy(update={"suppression": rules})
    insight.project = insight.project.model_copy(update={"analysis": analysis})
    for by in ((), ["sex"], ["sex", "age_group"]):
        finding = insight.estimate("tfcsea_any", by=by)
        texts = [finding.sentence, finding.drawing.alt, finding.drawing.svg.split("</metadata>")[1]]
        texts += [*finding.table["Estimate"], *finding.table["Interval"]]
        assert not [text for text in texts if re.search(r"\d\.\d+(%|[–\]])", text)]


def test_caregivers_are_linked_to_children_by_household(open_insight):
    finding = open_insight("caregivers").estimate("tfcsea_any", by="enabling_level")
    assert finding.table["Base (n)"].str.replace(",", "").astype(int).tolist()[0] == 1015
    assert finding.table["Level"].tolist()[1:] == [
        "Less support (up to the median)",
        "More support (above the median)",
    ]


def test_without_a_caregivers_file_everything_about_caregivers_is_not_asked(open_insight, folder, project):
    harmonise.no_caregivers(project.countries["ken"]).to_parquet(folder / "nobody.parquet")
    insight = Insight.open("caregivers", "ken", "children.parquet", "nobody.parquet")
    assert "No file of caregivers was delivered" in insight.who_answered().sentence
    insight.estimate("would_do", by="caregiver_sex")
    insight.estimate("tfcsea_any", by="enabling_level")
    insight.contrast("tfcsea_any", between="enabling_level")
    rows = insight.rows()
    assert set(rows.loc[rows["indicator"] != "tfcsea_any", "status"]) == {"not_asked"}
    assert set(rows.loc[rows["by"] == "enabling_level", "status"]) == {"not_asked"}


def test_without_clusters_every_output_says_so(open_insight, folder):
    frame = pd.read_parquet(folder / "children.parquet").drop(columns=["stratum", "psu"])
    frame.to_parquet(folder / "unclustered.parquet")
    insight = Insight.open("prevalence", "ken", "unclustered.parquet", "caregivers.parquet")
    assert "Clustering not accounted for" in insight.who_answered().sentence
    assert "Clustering not accounted for" in insight.estimate("forms_online").drawing.svg
    assert "Clustering not accounted for" not in open_insight().estimate("forms_online").drawing.svg


def test_differences_are_tested_with_the_design_and_adjusted_for_their_number(open_insight):
    """Holm by hand: the smallest of m p-values times m, the next times m - 1, never falling, at most 1."""
    insight = open_insight()
    insight.estimate("tfcsea_any", by=["sex", "age_group"])
    insight.estimate("csea_any_any_context", by=["sex", "age_group"])
    finding = insight.differences(by=["sex", "age_group"])
    people = insight.people["children"]
    entries = insight.indicators(["tfcsea_any", "csea_any_any_context"])
    p_values = [
        differences.association(people, indicator, by)[0]
        for by in ("sex", "age_group")
        for indicator in entries
    ]
    order = np.argsort(p_values)
    holm = np.maximum.accumulate(np.sort(p_values) * np.arange(4, 0, -1)).clip(max=1)
    sentence = finding.table["p, adjusted"].to_numpy()[order]
    assert [float(text.strip("<")) for text in sentence] == pytest.approx(holm, rel=0.05, abs=0.001)
    assert all(len(text.strip("<0.").replace(".", "")) <= 2 for text in sentence)
    assert finding.table["Compared"].tolist()[::2] == ["Boys minus girls", "16-17 minus 12-13"]
    significant = [float(text.strip("<")) < 0.05 for text in finding.table["p, adjusted"]]
    assert (finding.table["Significant"] == "yes").tolist() == significant
    assert finding.sentence.startswith(f"{sum(significant) or 'None'} of 4 comparisons")
    rows = insight.rows()
    girls, boys = (
        rows[(rows["indicator"] == "tfcsea_any") & (rows["level"] == x)]["estimate"].iloc[0]
        for x in ("girl", "boy")
    )
    difference = rows[(rows["measure"] == "risk_difference") & (rows["indicator"] == "tfcsea_any")].iloc[0]
    assert difference["estimate"] == pytest.approx(boys - girls)
    printed = float(finding.table["Difference"].iloc[0].partition(" ")[0].replace("−", "-"))
    assert printed == pytest.approx(100 * (round(boys, 3) - round(girls, 3)))


def test_what_is_hidden_is_not_tested(open_insight):
    """One level too small to show: no test, as it would tell about it."""
    insight = open_insight()
    finding = insight.estimate("tfcsea_any", by="area")
    assert (finding.table["Note"] == "not shown").any()
    assert "No difference can be tested here" in insight.differences(by=["area"]).sentence


def test_reliability_matches_its_formula(open_insight, folder):
    """Cronbach's alpha by its definition: k/(k-1) (1 - sum of item variances / variance of the sum)."""
    insight = open_insight("caregivers")
    insight.reliability(["restrictive_mediation"])
    frame = pd.read_parquet(folder / "caregivers.parquet")
    items = ["restricts_time", "restricts_apps", "restricts_contacts", "restricts_images"]
    scores = frame[items].apply(lambda column: column.astype(object).map({"yes": 1.0, "no": 0.0})).dropna()
    alpha = 4 / 3 * (1 - scores.var().sum() / scores.sum(axis=1).var())
    assert insight.rows()["estimate"].iloc[0] == pytest.approx(alpha, rel=1e-9)


@pytest.mark.parametrize(("share", "part"), [(0.3, True), (0.7, False)])
def test_a_page_says_of_how_many_a_question_was_asked(
    root, project, drawn, decision, tmp_path, monkeypatch, share, part
):
    """Below half of the country: that what is made from it is about a part. Items of the same children go together."""
    for name in ("config", "resources"):
        (tmp_path / name).symlink_to(root / name)
    asked = ["wished_to_be_dead", "anxiety_b", "anxiety_d", "anxiety_e"]
    frames = [frame[frame["weight"].notna()].reset_index(drop=True) for frame in drawn("ken")]
    early = np.arange(len(frames[0])) >= share * len(frames[0])
    frames[0] = frames[0].assign(**{name: frames[0][name].mask(early) for name in asked})
    for table, frame in zip(("children", "caregivers"), frames, strict=True):
        frame.attrs = {"country": "ken", "data": "synthetic", "rows_delivered": len(frame), "excluded": {},
                       "renamed_identifiers": 0, "asked_of_part": asked if table == "children" else []}  # fmt: skip
        frame.to_parquet(tmp_path / f"{table}.parquet")
    remark(tmp_path, project, *frames)
    shutil.copy(decision("ken"), tmp_path / suppression.FILE)
    monkeypatch.chdir(tmp_path)
    insight = Insight.open("wellbeing", "ken", "children.parquet", "caregivers.parquet")
    words = (
        rf": asked of {100 * share:.0f}\.\d% of 1,015 children; an early version of the questionnaire left"
    )
    once = insight.estimate("wished_to_be_dead").sentence
    assert re.search(f"Wished to be dead{words} it out", once)
    assert ("Figures from it are about a part of the sample only." in once) is part
    scales = insight.estimate(["anxiety_four_items", "anxiety_seven_items"], by="sex").sentence
    assert re.search(f"Anxiety, item b; Anxiety, item d; Anxiety, item e{words} them out", scales)
    assert scales.count("about a part of the sample") == part
    assert "asked of" not in insight.estimate(["anxiety_four_items"], by="sex").sentence


def test_differences_of_means_are_told_and_drawn(open_insight):
    """Of scales there is no ratio; adjusted ones are beside those that are not."""
    insight = open_insight("wellbeing")
    finding = insight.contrast("scales", between="exposure")
    assert set(finding.rows["measure"]) == {"mean_difference"}
    assert "Anxiety, four items (1 to 4): a difference of " in finding.sentence
    assert finding.sentence.endswith(
        " Differences are subjected to abuse online minus not subjected to abuse online."
    )
    assert "Difference of means" in finding.drawing.svg
    adjusted = insight.adjusted("low_mood", between="exposure", adjust_for=["age", "sex"])
    assert re.match(r"Low mood, three items \(1 to 5\): difference of means .*, adjusted ", adjusted.sentence)
    assert len(adjusted.rows) == 2
    means = insight.estimate("anxiety_four_items", by="exposure").rows.set_index("level")["estimate"]
    row = finding.rows.set_index("indicator").loc["anxiety_four_items"]
    assert row["estimate"] == pytest.approx(
        means["yes"] - means["no"], abs=1e-9
    )  # of the means as they are printed


def test_published_ratios_are_quoted(open_insight):
    """The brief's two to four times; Brazil's five times are about another country."""
    sentence = open_insight("wellbeing").contrast("wellbeing", between="exposure").sentence
    assert "published: 2 to 4 times in thirteen countries (policy brief)." in sentence
    assert "Brazil" not in sentence


def test_contrasts_are_told_as_so_many_times(open_insight):
    finding = open_insight("wellbeing").contrast("wellbeing", between="exposure", within="in_person")
    assert re.match(
        r"Self-harm or suicidal thoughts: \d\.\d+ times as frequent \(95% interval", finding.sentence
    )
    assert set(finding.table["Level"]) == {"All", "Also abused in person", "Not abused in person"}
    groups = "Subjected to abuse online", "not subjected to abuse online"
    assert set(finding.table["Compared"]) == {f" {way} ".join(groups) for way in ("minus", "divided by")}
    first, second = (f"{text[:1].lower()}{text[1:]}" for text in groups)
    assert (
        f" Differences are {first} minus {second}; ratios are the first group divided by the second."
    ) in finding.sentence


@pytest.mark.parametrize("ask", [
    lambda insight: insight.estimate("wellbeing", by=["sex", "area"]),
    lambda insight: insight.contrast("wellbeing", between="exposure", within="in_person"),
    lambda insight: insight.adjusted("wellbeing", between="exposure", adjust_for=["age", "sex"]),
])  # fmt: skip
def test_the_rows_behind_a_finding_are_those_of_the_table_that_is_written(open_insight, folder, ask):
    insight = open_insight("wellbeing")
    finding = ask(insight)
    insight.write("results/ken/wellbeing.csv")
    pd.testing.assert_frame_equal(
        finding.rows, tidy_table.read(folder / "results/ken/wellbeing.csv"), check_dtype=False
    )
    assert len(finding.table) == len(finding.rows)
    assert finding.keys["indicator"] == list(dict.fromkeys(finding.rows["indicator"]))


def test_a_finding_about_no_estimates_has_no_rows(open_insight):
    finding = open_insight().definitions()
    assert list(finding.rows.columns) == tidy_table.COLUMNS
    assert finding.rows.empty


def test_a_name_that_does_not_exist_gets_its_nearest_match(open_insight):
    with pytest.raises(KeyError, match="did you mean tfcsea_any"):
        open_insight().estimate("tfcsea_an")


def test_a_missing_table_says_how_to_make_it(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(
        FileNotFoundError, match=r"snakemake --config country=ken -- data/harmonised/ken/children\.parquet"
    ):
        Insight.open("prevalence", "ken", "data/harmonised/ken/children.parquet", "caregivers.parquet")


def test_missing_remarks_say_how_to_make_them(open_insight):
    insight = open_insight()
    insight.country = insight.country.model_copy(update={"iso3": "xaa"})
    with pytest.raises(FileNotFoundError, match=r"country=xaa -- results/xaa/data_quality\.csv"):
        insight.who_answered()


SHARE = pd.Series({"estimate": 0.147, "se": 0.011, "n": 992, "status": "shown"})


def test_children_affected_agrees_with_the_published_table():
    """Table 1, Cambodia: 14.7 % of 81 % users of 1,819,679 children are 11.9 % (9.9-14.1), 215,962 children."""
    people = Population(children_12_17=1_819_679, internet_users_percent=81.0)
    share, count = children_affected.children_affected(SHARE, people, 0.95, Burden()).to_dict("records")
    assert share["estimate"] == pytest.approx(0.119, abs=0.0005)
    assert (share["ci_low"], share["ci_high"]) == (
        pytest.approx(0.099, abs=0.004),
        pytest.approx(0.141, abs=0.004),
    )
    assert count["estimate"] == pytest.approx(215_962, rel=0.01)
    assert count["estimate"] / share["estimate"] == pytest.approx(1_819_679)


@pytest.mark.parametrize(("share", "people", "status"), [
    (SHARE, Population(), "not_estimable"),
    (pd.Series({**SHARE, "status": "suppressed", "estimate": np.nan}), Population(children_12_17=5), "ok"),
])  # fmt: skip
def test_nothing_is_scaled_up_that_is_not_known_or_not_shown(share, people, status):
    rows = children_affected.children_affected(share, people, 0.95, Burden())
    assert rows["status"].tolist() == [status] * 2
    assert "estimate" not in rows or rows["estimate"].isna().all()


def test_words_never_speak_of_hidden_rows():
    rows = pd.DataFrame(
        {
            "indicator_label": ["A", "B"],
            "by_label": "Sex",
            "level_label": ["Girls", "Boys"],
            "measure": "proportion",
            "estimate": [0.123, 0.456],
            "ci_low": [0.1, 0.4],
            "ci_high": [0.2, 0.5],
            "status": ["shown", "suppressed"],
            "rounded_to": 0.001,
            "confidence_level": 0.95,
        }
    )
    texts = [
        sentences.ranking(rows, "indicator_label"),
        sentences.breakdown(rows),
        sentences.extremes(rows, "level_label"),
    ]
    assert all("45.6" not in text and "12.3%" in text for text in texts)
    assert sentences.hidden_count(rows) == " One estimate is not shown."


def test_who_answered_says_how_the_sample_was_drawn_and_hides_a_few(open_insight):
    finding = open_insight().who_answered()
    facts = dict(zip(finding.table["What"], finding.table["In this survey"], strict=True))
    assert finding.sentence.startswith("1,014 children in Kenya are analysed.")
    assert facts["Fieldwork"] == "2020 to 2021"
    assert "Left out" not in facts
    assert facts["Rows delivered"] == "Fewer than 5 rows were left out for any one reason."
    assert facts["Eligible"] == "Fewer than 5 eligible rows have no weight."
    assert facts["Strata"] == "3 strata."
    assert "design effect of weighting" in facts["Design effect of weighting"]


def test_the_languages_and_notes_of_a_country_are_shown(open_insight, project):
    insight = open_insight()
    survey = insight.country.survey.model_copy(update={"languages": ("Swahili", "English")})
    insight.country = insight.country.model_copy(update={"survey": survey, "notes": ("A note.",)})
    finding = insight.who_answered()
    facts = dict(zip(finding.table["What"], finding.table["In this survey"], strict=True))
    assert facts["Languages"] == "Swahili, English"
    assert finding.sentence.endswith(" A note.")


@pytest.mark.parametrize(
    ("name", "first", "others"),
    [
        (
            "wellbeing",
            ["Self-harm", "Life not worth living"],
            ["Anxiety, item a", "Low mood, item b", "Ladder of life"],
        ),
        ("caregivers", ["Internet use"], ["Limits time online", "What the caregiver would do"]),
        ("disclosure", ["Knows where to get help"], ["Whom the child told (threatened or blackmailed)"]),
    ],
)
def test_unanswered_is_about_the_questions_of_the_insight(open_insight, name, first, others):
    finding = open_insight(name).unanswered()
    questions = finding.table["Question"].tolist()
    assert questions[: len(first)] == first
    assert set(others) <= set(questions)
    assert "Sex" not in questions
    assert f"{len(questions)} questions are behind this page." in finding.sentence
    few = (finding.table["No answer"] == "<5").sum()
    shares = (
        finding.table.loc[finding.table["No answer"].str.endswith("%"), "No answer"]
        .str.rstrip("%")
        .astype(float)
    )
    named = [float(text.rstrip("%")) for text in re.findall(r"[\d.]+%", finding.sentence)]
    assert named == ([shares.max()] if few else [shares.max(), shares.min()])
    assert (f"in {few} of them, fewer than 5 gave no answer" in finding.sentence) == (few > 0)


def test_without_a_caregivers_file_nothing_was_left_unanswered(folder, project, tmp_path, monkeypatch):
    for name in ("config", "resources", "children.parquet", suppression.FILE):
        (tmp_path / name).symlink_to(folder / name)
    nobody = harmonise.no_caregivers(project.countries["ken"])
    nobody.to_parquet(tmp_path / "nobody.parquet")
    remark(tmp_path, project, pd.read_parquet(folder / "children.parquet"), nobody)
    monkeypatch.chdir(tmp_path)
    insight = Insight.open("caregivers", "ken", "children.parquet", "nobody.parquet")
    finding = insight.unanswered()
    assert finding.table.empty
    assert "may not be shown for any of the questions" in finding.sentence
