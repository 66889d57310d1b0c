"""`country=` in words."""

from __future__ import annotations

import pytest

from disrupting_harm import config


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ken", ["ken"]),
        ("Kenya", ["ken"]),
        ("KEN,uga", ["ken", "uga"]),
        (" uga , Kenya,ken ", ["ken", "uga"]),
        ("Viet Nam", ["vnm"]),
        ("vietnam", ["vnm"]),
        ("united_republic_of_tanzania", ["tza"]),
        ("southeast_asia", ["idn", "khm", "mys", "phl", "tha", "vnm"]),
        ("Southeast Asia", ["idn", "khm", "mys", "phl", "tha", "vnm"]),
        ("south_asia,ken", ["ken", "pak"]),
        (["ken", "Uganda"], ["ken", "uga"]),
        ("ken,", ["ken"]),
    ],
)
def test_words_choose_countries(project, words, expected):
    assert config.select(project, words) == expected


def test_all_and_phases(project):
    assert config.select(project, "ALL") == list(project.countries)
    assert config.select(project) == list(project.countries)
    assert len(config.select(project, "phase_one")) == 13
    assert len(config.select(project, "Phase_Two")) == 11
    assert config.select(project, "ken,all") == list(project.countries)


def test_every_unknown_word_is_told_with_its_nearest_match(project):
    with pytest.raises(config.SelectionError) as caught:
        config.select(project, "kenia,ken,phase_tow,xyzzy")
    report = str(caught.value)
    assert "'kenia' is no country, phase or region; did you mean kenya?" in report
    assert "'phase_tow' is no country, phase or region; did you mean phase_two?" in report
    assert "'xyzzy' is no country, phase or region\n" in report
    assert "'ken'" not in report
    assert report.count("Use all,") == 1


@pytest.mark.parametrize("words", ["", " ", ",", [], None])
def test_no_word_is_told(project, words):
    with pytest.raises(config.SelectionError, match="names no country"):
        config.select(project, words)
