"""Each operation of a condition by itself: how it is read, what it asks for, and who fulfils it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.answers.indicators import Evaluator
from disrupting_harm.config.entries import conditions
from disrupting_harm.config.entries.conditions import (
    DONT_KNOW,
    NO,
    NOT_ASKED,
    OPERATIONS,
    REFUSED,
    YES,
    UnclearError,
    needs_form,
    read,
    variables_in,
)

HAPPENED = {"answer": "form_{form}", "in": ["rarely", "sometimes"]}
TOLD = {"chosen": "told_a__friend"}


@pytest.fixture(scope="module")
def evaluator(project):
    """Five children: rarely, never, don't know, prefer not to say, not asked; form b happened to the second one."""
    variables = project.codebook.variables("children")
    answers = {"form_a": ["rarely", "never", "dont_know", "refused", None]}
    answers |= {f"form_{form}": ["never"] * 5 for form in "cdefghi"}
    answers["form_b"] = ["never", "sometimes", "never", "never", "never"]
    frame = pd.DataFrame(
        {name: pd.Categorical(given, variables[name].categories) for name, given in answers.items()}
    )
    frame["age"] = [12.0, 13.0, 17.0, np.nan, 15.0]
    for option in variables["told_a"].columns:
        frame[option] = pd.array([option == "told_a__friend", None, None, False, False], dtype="boolean")
    return Evaluator(frame, project.registry, project.codebook)


A = read(HAPPENED).about("a")


@pytest.mark.parametrize(("condition", "codes"), [
    ({"answer": "form_a", "in": ["rarely", "sometimes"]}, [YES, NO, DONT_KNOW, REFUSED, NOT_ASKED]),
    (TOLD, [YES, NOT_ASKED, NOT_ASKED, NO, NO]),
    ({"answered": "form_a"}, [YES, YES, DONT_KNOW, REFUSED, NOT_ASKED]),
    ({"answered": "told_a"}, [YES, NO, NO, NO, NO]),
    ({"number": "age", "from": 13, "to": 15}, [NO, YES, NO, NOT_ASKED, YES]),
    ({"number": "age", "to": 12}, [YES, NO, NO, NOT_ASKED, NO]),
    ({"not": {"answer": "form_a", "in": ["rarely"]}}, [NO, YES, DONT_KNOW, REFUSED, NOT_ASKED]),
    ({"known": {"answer": "form_a", "in": ["rarely"]}}, [YES, NO, NO, NO, NO]),
    ({"any": [{"answer": "form_a", "in": ["rarely"]}, TOLD]}, [YES, NOT_ASKED, DONT_KNOW, REFUSED, NOT_ASKED]),
    ({"all": [{"answer": "form_a", "in": ["rarely"]}, TOLD]}, [YES, NO, DONT_KNOW, NO, NO]),
    ({"count": [{"answer": "form_a", "in": ["rarely"]}, TOLD], "from": 1, "to": 1}, [NO] * 5),
    ({"count": [{"answer": "form_a", "in": ["rarely"]}, TOLD], "from": 2}, [YES, NO, NO, NO, NO]),
    ({"any_form": HAPPENED}, [YES, YES, DONT_KNOW, REFUSED, NOT_ASKED]),
    ({"count_forms": HAPPENED, "from": 1}, [YES, YES, NO, NO, NO]),
    ({"count_forms": HAPPENED, "to": 0}, [NO, NO, YES, YES, YES]),
    ("experienced_a", [YES, NO, DONT_KNOW, REFUSED, NOT_ASKED]),
])  # fmt: skip
def test_who_fulfils_a_condition(evaluator, condition, codes):
    """By hand: unknown wins over no in `any`, over yes in `all`, and don't know over the other reasons."""
    answers = evaluator.codes(condition)
    assert answers.tolist() == codes
    assert answers.dtype == np.int8


@pytest.mark.parametrize(("condition", "names"), [
    (HAPPENED, ["form_{form}"]), (TOLD, ["told_a"]), ({"answered": "told_a"}, ["told_a"]), ("experienced_a", []),
    ({"any": [{"number": "age"}, {"not": TOLD}, {"any_form": HAPPENED}]}, ["age", "told_a", "form_{form}"]),
])  # fmt: skip
def test_the_variables_that_a_condition_asks_for(condition, names):
    assert list(variables_in(read(condition))) == names


@pytest.mark.parametrize(("condition", "is_open"), [
    (HAPPENED, True), (TOLD, False), ({"all": [TOLD, HAPPENED]}, True), ("experienced_{form}", True),
    ({"any_form": HAPPENED}, False), ({"count_forms": "experienced_{form}"}, False),
])  # fmt: skip
def test_whether_a_condition_is_about_one_form_at_a_time(condition, is_open):
    assert needs_form(read(condition)) is is_open
    assert not needs_form(read(condition).about("a"))


def test_a_condition_cannot_change_and_equals_one_written_alike():
    condition = read({"all": [HAPPENED, TOLD]})
    assert condition == read({"all": [dict(HAPPENED), dict(TOLD)]})
    assert hash(condition) == hash(read({"all": [HAPPENED, TOLD]}))
    assert read(condition) is condition
    with pytest.raises(dataclasses.FrozenInstanceError):
        condition.conditions = ()


@pytest.mark.parametrize(("condition", "words"), [
    ({"eval": "1"}, "is not a condition; write the name of an entry, or one of: answer, chosen"),
    ({"any": [TOLD], "all": [TOLD]}, "is not a condition"),
    ({"chosen": "told_a__friend", "in": ["yes"]}, "is not a condition"),
    (5, "is not a condition"),
    ({"any": []}, "`any` needs a list of conditions"),
    ({"all": TOLD}, "`all` needs a list of conditions"),
    ({"chosen": 5}, "`chosen` needs a name"),
    ({"answer": "form_a", "in": "often"}, "`in` needs a list of answers"),
    ({"number": "age", "from": "twelve"}, "`from` needs a number"),
    ({"count_forms": TOLD, "to": True}, "`to` needs a number"),
    ({"answer": "form_a"}, "says not which answers of form_a count"),
    ({"answer": "form_a", "in": ["oftn"]}, "form_a has no answer oftn"),
    ({"chosen": "told_a__freind"}, "asks for told_a__freind, which the codebook lacks"),
    ({"chosen": "form_a__often"}, "form_a is not a question with several answers"),
    ({"not": {"answered": "anxeity"}}, "asks for anxeity, which the codebook lacks"),
    ({"not": "nothing"}, "refers to nothing, which is not an entry"),
])  # fmt: skip
def test_what_makes_no_sense_is_said(project, condition, words):
    with pytest.raises(UnclearError) as caught:
        conditions.check(condition, project.codebook.variables("children"), project.registry.conditions)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_is_one_class(operation):
    """All that is known of it stands in its class or in the family of its class."""
    assert dataclasses.fields(operation)
    assert operation.__doc__.endswith(".")
    assert operation.__module__ == conditions.__name__
    assert operation.evaluate is not conditions.Operation.evaluate
