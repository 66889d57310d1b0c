"""`make check` runs what is not marked slow. That stays quick: such a test cannot do what takes long."""

import subprocess

import pytest


def test_a_quick_test_cannot_start_a_program():
    with pytest.raises(pytest.fail.Exception, match="may not start a program"):
        subprocess.run(["true"], check=True)


def test_a_quick_test_cannot_make_a_survey(request):
    with pytest.raises(pytest.fail.Exception, match="may not draw a synthetic survey"):
        request.getfixturevalue("drawn")("bra")


def test_what_asks_for_a_survey_is_marked_by_itself(request, drawn):
    assert request.node.get_closest_marker("slow")
    assert len(drawn("bra")) == 2
