"""Sixteen children, and what the article's code makes of them, worked out by hand.

Source of the definitions: github.com/sghai9/technology-mediation-csea, `qmd/1a_preprocess.qmd` (compute_victim,
compute_victim2, compute_victim3, get_any_location) and `qmd/2a_disclosure.qmd`. Sums of weights are written beside each
share; children by number: those of the file.
"""

import csv

import pandas as pd
import pytest

from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.estimation import estimates

ALL = 20.5
"""The weights of all children."""

AFFECTED = 9.5
"""1, 3, 4, 5, 6, 7, 9, 10, 16: social media or an online game for a form that happened."""

WITH_A_PLACE = 14.5
"""All but 11 (don't know), 12 and 13."""

SHARES = {
    "tfcsea_any": AFFECTED / ALL,
    "csea_any_any_context": 15.5 / 18.5,  # all but 13; 12 is missing, as one form is and none is certain
    "tfcsea_any_implied": 10.5 / ALL,  # and 14, as images imply technology
    "tfcsea_item_a_unwanted_sexual_comments": 9.5 / ALL,
    "tfcsea_item_b_sent_unwanted_sexual_images": 0.5 / ALL,  # 4
    "csea_item_a_unwanted_sexual_comments_any_context": 14.5 / 18.5,
    "csea_item_b_sent_unwanted_sexual_images_any_context": 5.5 / ALL,  # 4, 5, 6, 9, 14
    "disclosure_told_friend": 1.5 / AFFECTED,  # 1, 4
    "disclosure_told_police": 1.0 / AFFECTED,  # 5
    "disclosure_told_no_one_for_at_least_one_form": 2.0 / AFFECTED,  # 3, 4
    "disclosure_none": 7.0 / AFFECTED,  # 3, 6, 7, 9, 10, 16
    "disclosure_informal_only": 1.5 / AFFECTED,
    "disclosure_formal_only": 1.0 / AFFECTED,
    "location_pattern_in_person_only": 3.0 / WITH_A_PLACE,  # 2, 14
    "location_pattern_social_media_only": 1.0 / WITH_A_PLACE,  # 1
    "location_pattern_online_game_only": 0.5 / WITH_A_PLACE,  # 16
    "location_pattern_other_way_only": 1.0 / WITH_A_PLACE,  # 15
    "location_pattern_digital_in_person": 1.5 / WITH_A_PLACE,  # 4, 5
    "location_pattern_digital_other": 2.5 / WITH_A_PLACE,  # 6, 7
    "location_pattern_in_person_other": 1.0 / WITH_A_PLACE,  # 8
    "location_pattern_three_or_more_locations": 2.5 / WITH_A_PLACE,  # 4, 7, 10
    "two_places_digital_in_person": 1.0 / WITH_A_PLACE,  # 5
    "two_places_digital_other": 2.0 / WITH_A_PLACE,  # 6
}


@pytest.fixture(scope="module")
def shares(root, project):
    variables = project.codebook.variables("children")
    with (root / "tests/library/files/children_of_the_article.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {"weight": [float(row["weight"]) for row in rows]}
    for variable in variables.values():
        question, _, form = variable.name.rpartition("_")
        known = {"place": "places", "told": "told"}.get(question, "")
        chosen = [row.get(f"{known}_{form}", "").split("+") for row in rows]
        if variable.kind == "answers":
            for name in variable.columns:
                option = name.removeprefix(f"{variable.name}__")
                answers = [option in given if given != [""] else None for given in chosen]
                columns[name] = pd.array(answers, dtype="boolean")
        elif variable.kind == "answer":
            default = "never" if question == "form" else None
            given = [row.get(variable.name, default) for row in rows]
            columns[variable.name] = pd.Categorical(given, categories=variable.categories)
    frame = pd.DataFrame(columns)
    people = Respondents(frame, project.registry, project.codebook, weights_only=True, label="article")
    entries = [project.registry.indicators[name] for name in SHARES]
    return estimates.estimate(people, entries, "all", "wald", 0.95).set_index("indicator")["estimate"]


@pytest.mark.parametrize(("indicator", "share"), SHARES.items(), ids=SHARES)
def test_shares_are_those_of_the_articles_code(shares, indicator, share):
    assert shares[indicator] == pytest.approx(share, rel=2e-13)


def test_published_patterns_of_places_overlap_and_ours_do_not(shares):
    """4 and 7 are in two published patterns; 3 (social media and a game) and 9 (don't know) in none."""
    patterns = [name for name in SHARES if name.startswith("location_pattern")]
    assert shares[patterns].sum() == pytest.approx((WITH_A_PLACE + 0.5 + 0.5 - 1.5 - 1.0) / WITH_A_PLACE)
    ours = [name for name in patterns if "digital" not in name]
    ours += [name for name in SHARES if name.startswith("two_places")]
    assert shares[ours].sum() == pytest.approx((WITH_A_PLACE - 1.5 - 1.0) / WITH_A_PLACE)
