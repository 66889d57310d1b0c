"""Who is asked what, as the codebook says it to a program: read, filled in for each form, and checked."""

import pytest

BARRIER = """    asked_when: {chosen: "told_{form}__no_one"}"""


def test_every_question_that_not_all_are_asked_has_its_condition(project):
    variables = [
        variable
        for table in ("children", "caregivers")
        for variable in project.codebook.variables(table).values()
    ]
    routed = [variable for variable in variables if variable.asked_if]
    assert {variable.entry.replace("_{form}", "") for variable in routed} == {
        "sex_education_assertive", "place", "platform", "perpetrator", "told", "barrier"}  # fmt: skip
    assert all(variable.asked_when for variable in routed)
    assert not any(variable.asked_when for variable in variables if not variable.asked_if)


def test_the_form_is_filled_in(project):
    variables = project.codebook.variables()
    assert variables["barrier_f"].asked_when == {"chosen": "told_f__no_one"}
    assert variables["platform_c"].asked_when == {"chosen": "place_c__social_media"}
    often = ["rarely", "sometimes", "often", "very_often"]
    for name in ("place_b", "perpetrator_b", "told_b"):
        assert variables[name].asked_when == {"answer": "form_b", "in": often}


def test_every_question_has_a_module(project):
    for table in ("children", "caregivers"):
        for variable in project.codebook.variables(table).values():
            assert (variable.module in project.codebook.modules) or variable.kind in ("identifier", "number")


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ('{chosen: "told_{form}__noone"}',
         "asks for told_a__noone, which the codebook lacks; did you mean told_a__no_one?"),
        ('{answer: "from_{form}", in: [rarely]}', "asks for from_a, which the codebook lacks; did you mean form_a?"),
        ('{answer: "form_{form}", in: [seldom]}', "form_a has no answer seldom"),
        ("{chosen: 5}", "is not a condition: look at chosen"),
        ("{chose: told_a__no_one}", "is not a condition: look at chose"),
        ('{not: "experienced_{form}"}', "refers to experienced_a, which is not an entry"),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_told_with_line_and_key(copy, condition, what):
    report = copy.edit("codebook.yaml", BARRIER, f"    asked_when: {condition}").problems()
    path = copy.root / "config/codebook.yaml"
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if condition in text)
    assert "config/codebook.yaml" in report
    assert f"line {line}: children.barrier_{{form}}.asked_when {what}" in report


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (BARRIER + "\n", "", "needs `asked_if` (in words) and `asked_when` (as a condition) together"),
        ("alone: [no_one]", "alone: [noone]",
         "alone names noone, which is not one of its options; did you mean no_one?"),
        ("    module: perpetrators\n", "    module: perpetrator\n", "did you mean perpetrators?"),
        ("    module: perpetrators\n", "", "children.perpetrator_{form} needs `module`"),
        ("plausible: [15, 110]", "plausible: [110, 15]", "has `plausible`, which is the lowest and the highest"),
        ('asked_when: {answer: sex_education, in: ["yes"]}', 'asked_when: {answer: "form_{form}", in: [often]}',
         "uses {form}, but sex_education_assertive is not asked form by form"),
    ],
)  # fmt: skip
def test_what_does_not_hang_together_is_told(copy, old, new, what):
    assert what in copy.edit("codebook.yaml", old, new).problems()


def test_a_change_of_routing_leaves_the_harmonised_tables_as_they_are(copy):
    before = copy.load()
    after = copy.edit("codebook.yaml", BARRIER, """    asked_when: {answered: "told_{form}"}""").load()
    assert before.harmonise_digest("ken") == after.harmonise_digest("ken")
    assert before.synthetic_digest(["ken"]) == after.synthetic_digest(["ken"])
    assert before.country_digest("ken") != after.country_digest("ken")


def test_a_change_of_values_does_not(copy):
    before = copy.load()
    after = copy.edit(
        "codebook.yaml", "values: {girl: Girls, boy: Boys}", "values: {boy: Boys, girl: Girls}"
    ).load()
    assert before.harmonise_digest("ken") != after.harmonise_digest("ken")
