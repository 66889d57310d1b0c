"""The door of the survey room: what is handed to a public function fits, or is a SurveyError with the way out."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disrupting_harm import survey
from disrupting_harm.survey import SurveyError

some = settings(max_examples=100, deadline=None, derandomize=True)
ROWS = 24
NAME = "the survey"


def make_people() -> pd.DataFrame:
    draw = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "weight": draw.uniform(1, 2, ROWS),
            "stratum": np.repeat(["north", "south"], 12),
            "psu": np.arange(ROWS) // 4,
            "told": [0, 1, 1, 0, 1, 0] * 4,
            "helped": [1, 0, 1, 1, 0, 0] * 4,
            "hours": draw.normal(5, 1, ROWS),
            "sex": ["girl", "boy", "boy", "girl"] * 6,
        }
    )


PEOPLE = make_people()
GIRLS, BOYS = PEOPLE["sex"] == "girl", PEOPLE["sex"] == "boy"
DESIGN = survey.Design(PEOPLE, "weight", "stratum", "psu", name=NAME)
MODEL = survey.regression(DESIGN, PEOPLE, "told ~ sex + hours")
TABLE = survey.proportions(DESIGN, PEOPLE["told"], {"girls": GIRLS, "boys": BOYS})
JACKKNIFE = pd.DataFrame({"weight": 1.0, "a": [0, 1.5, 1.5], "b": [1.5, 0, 1.5], "c": [1.5, 1.5, 0]})

# for each public function: a call that is right, and of what kind each argument is
OF_VALUES = {"domains": ({"girls": GIRLS}, "conditions"), "level": (0.9, "level")}
FUNCTIONS: dict[str, tuple[Callable, dict[str, tuple[object, str]]]] = {
    "Design": (
        survey.Design,
        {
            "frame": (PEOPLE, "table"),
            "weight": ("weight", "column"),
            "stratum": ("stratum", "columns"),
            "psu": ("psu", "columns"),
            "fpc": (None, "columns"),
            "singleton_psu": ("fail", "choice"),
            "nest": (False, "flag"),
            "adjust_singletons_in_domains": (False, "flag"),
        },
    ),
    "Design.from_replicates": (
        survey.Design.from_replicates,
        {
            "frame": (JACKKNIFE, "table"),
            "weight": ("weight", "column"),
            "replicates": (["a", "b", "c"], "columns"),
            "scale": (2 / 3, "scale"),
            "rscales": ([1, 1, 1], "scale"),
            "combined": (True, "flag"),
            "mse": (False, "flag"),
        },
    ),
    "Design.bootstrap": (DESIGN.bootstrap, {"replicates": (5, "whole"), "seed": (1, "seed")}),
    "proportions": (
        survey.proportions,
        {"values": (PEOPLE["told"], "binary"), "interval": ("logit", "choice")} | OF_VALUES,
    ),
    "means": (survey.means, {"values": (PEOPLE["hours"], "values")} | OF_VALUES),
    "totals": (survey.totals, {"values": (PEOPLE["hours"], "values")} | OF_VALUES),
    "ratios": (
        survey.ratios,
        {"numerators": (PEOPLE["told"], "values"), "denominators": (PEOPLE["hours"], "values")} | OF_VALUES,
    ),
    "quantiles": (
        survey.quantiles,
        {"values": (PEOPLE["hours"], "values"), "probabilities": ([0.5], "probabilities")} | OF_VALUES,
    ),
    "multiple_response": (
        survey.multiple_response,
        {"answers": (PEOPLE[["told", "helped"]], "binary"), "interval": ("logit", "choice")} | OF_VALUES,
    ),
    "contrasts": (
        survey.contrasts,
        {
            "values": (PEOPLE["told"], "values"),
            "first": (GIRLS, "condition"),
            "second": (BOYS, "condition"),
            "level": (0.9, "level"),
        },
    ),
    "joint_means": (
        survey.joint_means,
        {"values": (PEOPLE["told"], "values"), "domains": ({"girls": GIRLS}, "conditions")},
    ),
    "JointMeans.combine": (
        survey.joint_means(DESIGN, PEOPLE["told"]).combine,
        {"weights": ({("told", "all"): 1}, "label weights")},
    ),
    "shares": (
        survey.shares,
        {
            "row": (PEOPLE["sex"], "labels"),
            "column": (PEOPLE["told"], "labels"),
            "of": ("total", "choice"),
            "domain": (GIRLS | BOYS, "condition"),
            "interval": ("logit", "choice"),
            "level": (0.9, "level"),
        },
    ),
    "association": (
        survey.association,
        {
            "row": (PEOPLE["sex"], "labels"),
            "column": (PEOPLE["told"], "labels"),
            "domain": (GIRLS | BOYS, "condition"),
        },
    ),
    "regression": (
        survey.regression,
        {
            "frame": (PEOPLE, "table"),
            "formula": ("told ~ sex", "formula"),
            "family": ("logistic", "choice"),
            "domain": (GIRLS | BOYS, "condition"),
            "level": (0.9, "level"),
        },
    ),
    "Regression.test": (MODEL.test, {"term": ("sex", "name")}),
    "Regression.predictions": (MODEL.predictions, {"rows": (PEOPLE, "new rows")}),
    "Regression.predictive_margins": (MODEL.predictive_margins, {"variable": ("sex", "name")}),
    "Regression.marginal_effects": (MODEL.marginal_effects, {"variables": (["sex"], "name")}),
    "random_intercept": (
        survey.random_intercept,
        {
            "frame": (PEOPLE, "table"),
            "formula": ("told ~ 1", "formula"),
            "group": (PEOPLE["psu"], "labels"),
            "domain": (GIRLS | BOYS, "condition"),
            "nodes": (3, "whole"),
            "level": (0.9, "level"),
        },
    ),
    "pool": (
        survey.pool,
        {
            "table": (TABLE, "estimates"),
            "populations": ({"girls": 2.0, "boys": 1.0}, "populations"),
            "method": ("reml", "choice"),
            "knapp_hartung": ("modified", "choice"),
            "level": (0.9, "level"),
        },
    ),
    "leave_one_out": (survey.leave_one_out, {"table": (TABLE, "estimates")}),
    "random_effects": (
        survey.random_effects,
        {
            "effects": ([0.2, 0.5], "numbers"),
            "errors": ([0.1, 0.1], "numbers"),
            "method": ("reml", "choice"),
            "knapp_hartung": ("modified", "choice"),
            "level": (0.9, "level"),
        },
    ),
}


def series(values: object, **options: object) -> pd.Series:
    return pd.Series(values, name="x", **options)


def by_row(make: Callable[[int], object]) -> pd.Series:
    return series([make(row) for row in range(ROWS)], dtype=object)


DAYS = pd.date_range("2020-01-01", periods=ROWS)
NUMBERS = {  # what is no number: the column, and a way out
    "text": (PEOPLE["sex"], "frame['sex'] == 'yes'"),
    "digits as text": (by_row(lambda row: str(row % 2)), "pd.to_numeric(frame['x'])"),
    "digits as strings": (series([str(row % 2) for row in range(ROWS)], dtype="str"), "pd.to_numeric"),
    "digits as categories": (series(["0", "1"] * 12, dtype="category"), "pd.to_numeric"),
    "bytes": (by_row(lambda row: b"1"), "text"),
    "dates": (series(DAYS), "frame['x'].dt.year"),
    "dates as objects": (by_row(lambda row: dt.date(2020, 1, 1)), "dt.year"),
    "dates as categories": (series(pd.Categorical(DAYS)), "dt.year"),
    "months": (series(pd.period_range("2020-01", periods=ROWS, freq="M")), "dt.year"),
    "durations": (series(DAYS - DAYS[0]), "pd.Timedelta(days=1)"),
    "durations as objects": (by_row(lambda row: dt.timedelta(row)), "pd.Timedelta(days=1)"),
    "durations of numpy": (by_row(lambda row: np.timedelta64(row, "D")), "pd.Timedelta(days=1)"),
    "complex numbers": (series(np.ones(ROWS, dtype=complex)), "np.real(frame['x'])"),
    "complex objects": (by_row(lambda row: 1j), "np.real(frame['x'])"),
    "lists": (by_row(lambda row: [row]), "Convert it to numbers"),
    "too long for a float": (by_row(lambda row: 10**400), "Convert it to numbers"),
}
ROWS_OF = {  # what is no column with the design's rows
    "None": (None, "pass one column"),
    "a number": (5, "pass one column"),
    "a name": ("told", "pass the column: frame['told']"),
    "names": (["told", "helped"], "frame[['told', 'helped']]"),
    "a set": ({1, 2}, "pass one column"),
    "no dimension": (np.array(1.0), "pass one column"),
    "three dimensions": (np.ones((ROWS, 2, 2)), "pass one column"),
    "records": (PEOPLE[["told", "hours"]].to_records(), "pass one column"),
    "fewer rows": (PEOPLE["told"].head(5), "pass every row, and sub-groups as domains"),
    "another order": (PEOPLE["told"].iloc[::-1], "column.reindex(design.index)"),
    "other rows": (PEOPLE["told"].set_axis(range(5, ROWS + 5)), "column.to_numpy()"),
    "repeated rows": (PEOPLE["told"].set_axis([*range(12)] * 2), "frame.reset_index(drop=True)"),
}
VALUES = (
    ROWS_OF
    | NUMBERS
    | {
        "infinite": (series([np.inf, *[1] * (ROWS - 1)]), "Make such values missing"),
        "repeated columns": (PEOPLE[["told", "told"]], "rename or drop"),
        "a bad column by name": ({"x": "told"}, "frame['told']"),
    }
)
LABELS = ROWS_OF | {
    "mixed types": (by_row(lambda row: str(row % 3) if row % 2 else row % 3), "read the column as text"),
    "mixed categories": (series(pd.Categorical([5, "5"] * 12)), "read the column as text"),
    "truth and numbers": (by_row(lambda row: True if row % 2 else 1), "read the column as text"),
    "a table": (PEOPLE[["sex"]], "pass one column, as in frame['column']"),
    "lists": (by_row(lambda row: [row]), "Give each row a single label"),
}
CONDITION = ROWS_OF | {
    "numbers": (PEOPLE["told"], "frame['column'] == value"),
    "objects": (GIRLS.astype(object), "column.astype('boolean')"),
    "categories": (GIRLS.astype("category"), "column.astype('boolean')"),
    "a mapping": ({"girls": GIRLS}, "pass one column"),
}
WORDS = {"None": None, "a number": 5, "another word": "other", "a list": ["logit"], "a column": PEOPLE["sex"]}
BAD: dict[str, dict[str, tuple[object, str]]] = {
    "values": VALUES,
    "binary": VALUES | {"other numbers": (PEOPLE["hours"], "means()")},
    "labels": {name: case for name, case in LABELS.items() if name != "repeated columns"},
    "condition": {name: case for name, case in CONDITION.items() if name != "None"},
    "conditions": {
        "a mask": (GIRLS, "pass {'girls': frame['sex'] == 'girl'}"),
        "an array": (GIRLS.to_numpy(), "pass {'girls'"),
        "a list": (GIRLS.tolist(), "pass {'girls'"),
        "a column": (PEOPLE["sex"], "pass {'girls'"),
        "a name": ("girls", "pass {'girls'"),
        "mixed names": ({5: GIRLS, "5": BOYS}, "str(name)"),
        "repeated names": (pd.concat([GIRLS, GIRLS], axis=1), "rename or drop"),
    }
    | {f"of {name}": ({"girls": case[0]}, case[1]) for name, case in CONDITION.items()},
    "table": {
        "None": (None, "pd.DataFrame(columns)"),
        "a mapping": ({"weight": [1.0]}, "pd.DataFrame(columns)"),
        "an array": (np.ones((ROWS, 2)), "pd.DataFrame(columns)"),
    },
    "new rows": {
        "None": (None, "pd.DataFrame(columns)"),
        "a column too few": (PEOPLE[["sex"]].assign(hour=1), "did you mean 'hour'?"),
        "a new category": (PEOPLE.assign(sex="other"), "with categories of the base"),
        "text": (PEOPLE.assign(hours="5"), "pd.to_numeric"),
    },
    "column": {
        "a column": (PEOPLE["weight"], "frame.assign(weight=values)"),
        "an array": (np.ones(ROWS), "frame.assign(weight=values)"),
        "near": ("wieght", "did you mean 'weight'?"),
        "far": ("zzz", "it has 'weight'"),
        "None": (None, "it has 'weight'"),
    },
    "columns": {
        "a column": (PEOPLE["psu"], "frame.assign("),
        "an array": (np.ones(ROWS), "frame.assign("),
        "columns": ([PEOPLE["psu"]], "frame.assign("),
        "a number": (0.1, "it has 'weight'"),
        "unknown": (["zzz"], "no column 'zzz'; it has 'weight'"),
    },
    "choice": {name: (value, "one of") for name, value in WORDS.items()},
    "name": {
        "a number": (5, "name one of these"),
        "unknown": ("zzz", "name one of these"),
        "a list of lists": ([["sex"]], "name one of these"),
        "a column": (PEOPLE["sex"], "name one of these"),
    },
    "flag": {
        "None": (None, "True or False"),
        "a word": ("yes", "True or False"),
        "a column": (GIRLS, "True or"),
    },
    "level": {
        name: (value, "0.95 for an interval of 95 %")
        for name, value in {**WORDS, "percent": 95, "missing": np.nan, "true": True, "zero": 0}.items()
    },
    "whole": {
        name: (value, "or more, not")
        for name, value in {**WORDS, "a number": 2.5, "zero": 0, "missing": np.nan}.items()
    },
    "seed": {"a word": ("x", "seed=1"), "negative": (-1, "seed=1"), "a fraction": (1.5, "seed=1")},
    "scale": {
        "a word": ("x", "for each, or for all"),
        "negative": (-1, "for each, or for all"),
        "two": ([1, 1], "for each, or for all"),
        "digits": (["1", "1", "1"], "for each, or for all"),
    },
    "probabilities": {
        name: (value, "as in [0.25, 0.5]")
        for name, value in {**WORDS, "percent": 50, "one": [1.0], "digits": ["0.5"], "table": [[0.5]]}.items()
    },
    "label weights": {
        "a list": ([1], "give a weight by label"),
        "an unknown label": ({"told": 1}, "('told', 'all')"),
        "a word": ({("told", "all"): "x"}, "finite numbers"),
        "infinite": ({("told", "all"): np.inf}, "finite numbers"),
    },
    "formula": {
        "None": (None, "'outcome ~ column + column'"),
        "no outcome": ("sex", "make the column before"),
        "a function": ("told ~ log(hours)", "make it before"),
        "a power": ("told ~ hours ** 2", "make the column before"),
        "no operator": ("told ~ hours sex", "join terms by +"),
        "unknown columns": (
            "told ~ sexx + zzz",
            "did you mean 'sex'?; also: no column 'zzz'; make it before",
        ),
        "both sides": ("told ~ told", "take it from the right side"),
    },
    "estimates": {
        "None": (None, "pd.DataFrame(columns)"),
        "other columns": (PEOPLE, "as survey.proportions gives it"),
        "digits": (TABLE.assign(se=["0.1", "0.2"]), "pd.to_numeric"),
        "mixed domains": (TABLE.assign(domain=pd.Series([5, "5"], dtype=object)), "read the column as text"),
    },
    "populations": {
        "a number": (5, "as in {"),
        "digits": ({"girls": "1", "boys": "2"}, "correct them"),
        "mixed names": ({"girls": 1, "boys": 1, 5: 1}, "str(name)"),
    },
    "numbers": {
        "None": (None, "as in [0.2, 0.5]"),
        "a number": (5, "as in [0.2, 0.5]"),
        "digits": (["0.2", "0.5"], "pd.to_numeric"),
        "dates": (list(DAYS[:2]), "dt.year"),
    },
}

CASES = [
    pytest.param(function, argument, value, hint, id=f"{function}-{argument}-{case}")
    for function, (_, arguments) in FUNCTIONS.items()
    for argument, (_, kind) in arguments.items()
    for case, (value, hint) in BAD[kind].items()
]
POOLING = ("pool", "leave_one_out", "random_effects")
WITHOUT_DESIGN = ("Design", "Design.", "JointMeans", "Regression", "pool", "leave", "random_effects")


def run(function: str, **changed: object) -> object:
    call, arguments = FUNCTIONS[function]
    given = {argument: value for argument, (value, _) in arguments.items()} | changed
    if "name" in inspect.signature(call).parameters:
        given = {"name": NAME} | given
    return call(**given) if function.startswith(WITHOUT_DESIGN) else call(**{"design": DESIGN} | given)


def refused(function: str, **changed: object) -> str:
    """The message, which names the design, or the pool of surveys, and shows no answer."""
    with pytest.raises(SurveyError) as caught:
        run(function, **changed)
    message = str(caught.value)
    assert message.startswith(("pool: ", "random_effects: ") if function in POOLING else f"{NAME}: ")
    assert "boy" not in message.replace("boys", "")  # an answer
    return message


@pytest.mark.parametrize(("function", "argument", "value", "hint"), CASES)
def test_what_does_not_fit_is_refused_with_the_way_out(function, argument, value, hint):
    assert hint in refused(function, **{argument: value})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_fits_is_taken(function):
    assert run(function) is not None


def test_every_public_function_and_argument_is_here():
    """A new one needs a line above."""
    public = {name for name in survey.__all__ if inspect.isfunction(getattr(survey, name))} | {"Design"}
    assert public <= set(FUNCTIONS)
    for function, (call, arguments) in FUNCTIONS.items():
        assert set(inspect.signature(call).parameters) - {"design", "name", "options"} == set(arguments), (
            function
        )


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if not name.startswith(WITHOUT_DESIGN)])
@pytest.mark.parametrize("design", [None, PEOPLE, "the survey", survey.Design])
def test_the_first_argument_is_a_design(function, design):
    with pytest.raises(SurveyError, match=r"make one: survey\.Design\(frame"):
        run(function, design=design)


# rows


@st.composite
def labels(draw) -> tuple[list[int], list[int]]:
    """Labels of a design's rows and of a column's: repeated ones, the same ones in another order, others."""
    ours = draw(st.lists(st.integers(0, 5), min_size=2, max_size=5))
    theirs = draw(
        st.one_of(
            st.just(ours),
            st.permutations(ours),
            st.lists(st.integers(0, 11), min_size=len(ours), max_size=len(ours)),
        )
    )
    return ours, list(theirs)


@some
@given(labels())
def test_rows_are_the_designs_or_share_no_label_with_it(both):
    """Equal labels in equal order, repeated or not, and labels of which none is shared, fit; others do not."""
    ours, theirs = both
    values = np.arange(len(ours), dtype=float)
    design = survey.Design(pd.DataFrame({"w": values + 1}, index=ours), "w")
    handed = (pd.Series(values, index=theirs), pd.DataFrame({"x": values}, index=theirs))
    conditions = {"all": pd.Series(True, index=theirs)}
    calls = [lambda one=one: survey.means(design, one) for one in handed]
    calls += [
        lambda: survey.means(design, values, conditions),
        lambda: survey.means(design, {"x": handed[0]}),
    ]
    for call in calls:
        if ours == theirs or not set(ours) & set(theirs):
            assert call().loc[0, "n"] == len(ours)
        else:
            with pytest.raises(SurveyError, match="row labels"):
                call()


def test_two_files_one_after_the_other():
    """Row labels that repeat after `pd.concat`: as they are they fit, sorted they do not."""
    files = pd.concat([PEOPLE.head(12), PEOPLE.head(12)])
    design = survey.Design(files, "weight")
    assert survey.means(design, files["told"]).loc[0, "n"] == 24
    for other in (files.sort_values("hours")["told"], files["told"].sort_index()):
        with pytest.raises(SurveyError, match=r"ignore_index=True"):
            survey.means(design, other)


def test_arrays_and_lists_go_by_position():
    """Whatever the design's row labels are."""
    mixed = PEOPLE.iloc[::-1]
    design = survey.Design(mixed, "weight", "stratum", "psu")
    expected = survey.means(design, mixed["hours"], {"girls": mixed["sex"] == "girl"})
    girls = (mixed["sex"] == "girl").to_numpy()
    hours = mixed["hours"].to_numpy()
    for values in (
        hours,
        hours.tolist(),
        tuple(hours),
        hours[:, None],
        {0: hours},
        pd.array(hours),
        pd.Index(hours),
    ):
        for condition in (girls, girls.tolist(), pd.array(girls)):
            table = survey.means(design, values, {"girls": condition})
            pd.testing.assert_frame_equal(table.drop(columns="indicator"), expected.drop(columns="indicator"))


def test_a_mapping_of_columns_is_not_aligned_by_labels():
    """Pandas would put the columns of a mapping in one order by their labels, without a word."""
    with pytest.raises(SurveyError, match="values 'b' are the design's in another order"):
        survey.means(DESIGN, {"a": PEOPLE["told"], "b": PEOPLE["told"].iloc[::-1]})


# numbers


@pytest.mark.parametrize(
    "make",
    [
        lambda disclosed: disclosed.astype("boolean"),
        lambda disclosed: disclosed.astype("Int8"),
        lambda disclosed: disclosed.astype("float32"),
        lambda disclosed: disclosed.astype(np.float16),
        lambda disclosed: disclosed.astype(np.longdouble),
        lambda disclosed: disclosed.astype("category"),
        lambda disclosed: disclosed.astype(pd.SparseDtype(int)),
        lambda disclosed: disclosed.astype(bool),
        lambda disclosed: disclosed.map(Decimal),
        lambda disclosed: disclosed.map(Fraction).astype(object),
        lambda disclosed: disclosed.map(bool).astype(object),
        lambda disclosed: disclosed.map(np.int64).astype(object),
    ],
)
def test_all_types_of_numbers_are_numbers(make):
    disclosed = PEOPLE["told"]
    for estimate in (survey.proportions, survey.means, survey.totals, survey.quantiles):
        pd.testing.assert_frame_equal(estimate(DESIGN, make(disclosed)), estimate(DESIGN, disclosed))
    people = PEOPLE.assign(told=make(disclosed), helped=make(PEOPLE["helped"]))
    if not isinstance(people["helped"].dtype, pd.CategoricalDtype):  # in a formula these are categories
        pd.testing.assert_frame_equal(
            survey.regression(DESIGN, people, "told ~ helped").coefficients(),
            survey.regression(DESIGN, PEOPLE, "told ~ helped").coefficients(),
        )


@pytest.mark.parametrize("case", NUMBERS)
@pytest.mark.parametrize("role", ["weight", "fpc", "replicates"])
def test_what_is_no_number_is_no_weight(case, role):
    column, hint = NUMBERS[case]
    frame = PEOPLE.assign(x=column.array, y=1.0)
    options = {
        "weight": {"weight": "x"},
        "fpc": {"weight": "weight", "psu": "psu", "fpc": "x"},
        "replicates": {"weight": "weight", "replicates": ["y", "x"], "scale": 1},
    }[role]
    make = survey.Design.from_replicates if role == "replicates" else survey.Design
    with pytest.raises(SurveyError) as caught:
        make(frame, name=NAME, **options)
    message = str(caught.value)
    assert message.startswith(f"{NAME}: column 'x' is not a number in rows 0, ")
    assert hint.replace("'sex'", "'x'") in message


@pytest.mark.parametrize(
    "case", [name for name in NUMBERS if not {"text", "digits", "categories"} & set(name.split())]
)
def test_what_is_neither_a_number_nor_a_label_is_no_covariate(case):
    column, hint = NUMBERS[case]
    with pytest.raises(SurveyError) as caught:
        survey.regression(DESIGN, PEOPLE.assign(x=column.array), "told ~ x + sex")
    assert hint in str(caught.value)


def test_the_rows_that_no_conversion_reads_are_named():
    disclosed = by_row(lambda row: "seven" if row in (3, 17) else str(row))
    with pytest.raises(SurveyError, match="x, in rows 3, 17 "):
        survey.means(DESIGN, disclosed)


def test_all_bad_columns_are_named():
    frame = PEOPLE.assign(a="x", b=DAYS, c=2, d=np.inf)
    for message, call in (
        (
            "not numeric or boolean: a, .*; also: not numeric or boolean: b, ",
            lambda: survey.means(DESIGN, frame[["a", "b"]]),
        ),
        (
            "column 'c' is neither .* in rows 0, .*; also: column 'd' is infinite",
            lambda: survey.proportions(DESIGN, frame[["told", "c", "d"]]),
        ),
        ("no column 'y'; .*; also: no column 'z'", lambda: survey.Design(frame, "y", psu="z")),
        (
            "column 'a' is not a number .*; also: column 'b' is not",
            lambda: survey.Design(frame, "a", psu="psu", fpc="b"),
        ),
        (
            "domain 'a' is no condition.*; also: domain 'c' is no condition",
            lambda: survey.means(DESIGN, frame["told"], frame[["a", "c"]]),
        ),
        (
            "boolean: b, .*; also: .*column 'd' is infinite",
            lambda: survey.regression(DESIGN, frame, "b ~ d", "linear"),
        ),
    ):
        with pytest.raises(SurveyError, match=message):
            call()


# labels


@pytest.mark.parametrize(
    "role", ["stratum", "psu", "second psu", "group", "covariate", "C()", "row", "column"]
)
@pytest.mark.parametrize(
    "kind", ["text and numbers", "text and real numbers", "truth and numbers", "categories"]
)
def test_labels_of_mixed_types_are_refused_everywhere(role, kind):
    """5 and "5" would be two units."""
    make = {
        "text and numbers": lambda row: str(row % 3) if row == 7 else row % 3,
        "text and real numbers": lambda row: str(row % 3) if row == 7 else row % 3 / 2,
        "truth and numbers": lambda row: True if row == 7 else row % 3,
        "categories": lambda row: str(row % 3) if row == 7 else row % 3,
    }[kind]
    column = by_row(make)
    frame = PEOPLE.assign(x=column.astype("category") if kind == "categories" else column)
    if role == "covariate" and kind == "truth and numbers":
        role = "C()"  # without it both are numbers
    calls = {
        "stratum": lambda: survey.Design(frame, "weight", "x", name=NAME),
        "psu": lambda: survey.Design(frame, "weight", psu="x", name=NAME),
        "second psu": lambda: survey.Design(frame, "weight", psu=["psu", "x"], name=NAME),
        "group": lambda: survey.random_intercept(DESIGN, frame, "told ~ 1", frame["x"]),
        "covariate": lambda: survey.regression(DESIGN, frame, "told ~ x"),
        "C()": lambda: survey.regression(DESIGN, frame, "told ~ C(x)"),
        "row": lambda: survey.association(DESIGN, frame["x"], frame["told"]),
        "column": lambda: survey.shares(DESIGN, frame["told"], frame["x"]),
    }
    with pytest.raises(
        SurveyError, match=r"holds labels of mixed types.* in row 7 .*read the column as text"
    ) as caught:
        calls[role]()
    assert str(caught.value).startswith(f"{NAME}: ")
    assert "frame['x'].astype(str)" in str(caught.value)


def test_whole_and_real_numbers_are_one_type():
    """5 and 5.0 are the same unit."""
    both = PEOPLE.assign(psu=by_row(lambda row: row // 4 if row % 2 else float(row // 4)))
    assert survey.Design(both, "weight", psu="psu").n_psu == 6


def test_categories_that_nobody_has_may_be_of_another_type():
    people = PEOPLE.assign(psu=pd.Categorical(PEOPLE["psu"], categories=[*range(6), "unknown"]))
    assert survey.Design(people, "weight", psu="psu").n_psu == 6


def test_a_single_probability_and_a_single_variable_are_taken():
    assert survey.quantiles(DESIGN, PEOPLE["hours"], 0.25)["probability"].tolist() == [0.25]
    pd.testing.assert_frame_equal(MODEL.marginal_effects("sex"), MODEL.marginal_effects(["sex"]))


def test_effects_and_errors_of_other_surveys_are_refused():
    effects, errors = pd.Series([0.2, 0.5], index=["xaa", "xab"]), pd.Series([0.1, 0.2], index=["xab", "xaa"])
    with pytest.raises(SurveyError, match=r"errors\.reindex\(effects\.index\)"):
        survey.random_effects(effects, errors)
    ordered = survey.random_effects(effects, errors.reindex(effects.index))
    assert ordered.estimate == survey.random_effects([0.2, 0.5], [0.2, 0.1]).estimate


# values far away


@pytest.mark.parametrize("outside", [0.0, -7.0, 1e12, 1e300, -1e300])
@pytest.mark.parametrize("far", [0.0, 1e6, 1e9])
def test_a_value_outside_of_the_domain_does_not_reach_it(outside, far):
    """Nor does where zero is: a standard error is that of the same answers near zero, without others."""
    near = PEOPLE["told"].astype(float)
    values = (near + far).where(GIRLS, outside)
    domains = {"girls": GIRLS}
    expected = survey.means(DESIGN, near, domains).loc[0]
    row = survey.means(DESIGN, values, domains).loc[0]
    assert expected["se"] > 0
    assert row["estimate"] - far == pytest.approx(expected["estimate"], abs=1e-15 * far + 1e-12)
    assert row[["se", "deff"]].tolist() == pytest.approx(expected[["se", "deff"]].tolist(), rel=1e-6)
    both = survey.means(DESIGN, values, {"girls": GIRLS, "boys": BOYS}).loc[0]
    assert both["se"] == pytest.approx(row["se"], rel=1e-12)
    missing = survey.means(DESIGN, values.where(GIRLS)).loc[0]
    assert missing["se"] == pytest.approx(row["se"], rel=1e-12)
    no_weight = survey.Design(
        PEOPLE.assign(weight=PEOPLE["weight"].where(GIRLS, 0)), "weight", "stratum", "psu"
    )
    assert survey.means(no_weight, values).loc[0, "se"] == pytest.approx(row["se"], rel=1e-12)


@pytest.mark.parametrize("outside", [-7.0, 1e300])
def test_no_estimate_knows_of_a_value_outside_of_its_domain(outside):
    near, far = PEOPLE["hours"], PEOPLE["hours"].where(GIRLS, outside)
    older = GIRLS & (PEOPLE["hours"] > PEOPLE.loc[GIRLS, "hours"].median())
    for estimate in (
        lambda hours: survey.totals(DESIGN, hours, {"girls": GIRLS}),
        lambda hours: survey.ratios(DESIGN, hours, PEOPLE["told"], {"girls": GIRLS}),
        lambda hours: survey.ratios(DESIGN, PEOPLE["told"], hours, {"girls": GIRLS}),
        lambda hours: survey.quantiles(DESIGN, hours, [0.25, 0.5], {"girls": GIRLS}),
        lambda hours: survey.contrasts(DESIGN, hours, older, GIRLS & ~older),
        lambda hours: survey.joint_means(DESIGN, hours, {"girls": GIRLS}).covariance,
        lambda hours: survey.regression(
            DESIGN, PEOPLE.assign(hours=hours), "hours ~ helped", "linear", GIRLS
        ).coefficients(),
        lambda hours: survey.regression(
            DESIGN, PEOPLE.assign(hours=hours), "helped ~ hours", domain=GIRLS
        ).marginal_effects(),
    ):
        pd.testing.assert_frame_equal(estimate(far), estimate(near), rtol=1e-9)


def test_ratios_that_hardly_vary_keep_their_digits():
    """y = 3 x + small: the ratio's standard error is that of small over x. y = 3 x: none."""
    x, small = PEOPLE["hours"], PEOPLE["told"] * 1e-9
    one, other = survey.ratios(DESIGN, pd.DataFrame({"a": 3 * x + small, "b": 3 * x}), x).to_dict("records")
    expected = survey.ratios(DESIGN, small, x).loc[0, "se"]
    assert one["se"] == pytest.approx(expected, rel=1e-5)
    assert other["se"] == 0


def test_squares_too_large_for_a_float_are_not_estimable():
    """Not certain, as a standard error of 0 would have it."""
    values = PEOPLE["told"] * 1e300
    for estimate in (survey.means, survey.totals):
        row = estimate(DESIGN, values).loc[0]
        assert row["status"] == "not_estimable"
        assert np.isnan(row["se"])


@pytest.mark.parametrize(
    ("population", "message"), [(0, "not positive"), (None, "varies"), (2, "states fewer")]
)
def test_a_population_that_does_not_fit_says_what_to_give(population, message):
    sizes = np.arange(ROWS) + 30 if population is None else population
    with pytest.raises(SurveyError, match=f"{message}.* Give the number of units in the population"):
        survey.Design(PEOPLE.assign(size=sizes), "weight", "stratum", "psu", fpc="size")


def test_more_cells_than_rows_say_what_to_do():
    with pytest.raises(SurveyError, match="merge categories"):
        survey.association(DESIGN, pd.Series(range(ROWS)), PEOPLE["sex"])
