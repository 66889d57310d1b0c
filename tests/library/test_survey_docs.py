"""The room's page of documentation: its examples run, and none of the public functions is without one."""

import doctest
import re

import pytest

from disrupting_harm import survey


@pytest.fixture
def page(root):
    return (root / "docs/survey.md").read_text()


def test_the_examples_run(page):
    text = re.sub(r"^```.*$", "", page, flags=re.MULTILINE)  # a fence is not a line of output
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    examples = doctest.DocTestParser().get_doctest(text, {}, "docs/survey.md", "docs/survey.md", 0)
    report = []
    outcome = doctest.DocTestRunner(optionflags=options, verbose=False).run(examples, out=report.append)
    assert outcome.attempted > 20
    assert not outcome.failed, "".join(report)


@pytest.mark.parametrize("name", survey.__all__)
def test_every_public_name_is_in_an_example_or_explained(page, name):
    examples = "\n".join(re.findall(r"^(?:>>>|\.\.\.) .*$", page, flags=re.MULTILINE))
    used = f"survey.{name}" in examples
    assert used if callable(getattr(survey, name)) and name[0].islower() else used or f"`{name}`" in page
