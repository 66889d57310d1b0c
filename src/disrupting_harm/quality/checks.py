"""Every check in words: its title, and one sentence that explains it; and which of them count respondents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class _Check:
    """One check: its title and what it means."""

    title: str
    means: str


CHECKS = {
    "rows_delivered": _Check(
        "Rows delivered", "About how many rows the delivered file holds for this country, one per respondent."
    ),
    "excluded": _Check(
        "Left out", "Rows that are not analysed, by reason, where there are enough to report."
    ),
    "eligible": _Check(
        "Eligible", "Rows of respondents whom the survey is about, such as children of 12 to 17."
    ),
    "analysed": _Check("Analysed", "Eligible rows with a weight: the respondents behind every estimate."),
    "published_size": _Check(
        "Published size", "Whether about as many respondents are analysed as publications report."
    ),
    "identifiers_twice": _Check("Identifiers", "Whether each respondent has an identifier of their own."),
    "identical_rows": _Check(
        "Identical rows", "Rows with the same answers as another row throughout, as if entered twice."
    ),
    "not_asked": _Check(
        "Not asked", "Questions of the codebook that this country did not ask, as its configuration says."
    ),
    "not_delivered": _Check(
        "Not in the delivered file", "Questions of the codebook whose column the delivered file lacks."
    ),
    "not_usable": _Check(
        "Not usable",
        "Questions that were asked but must not be used, with the reason from the country's file.",
    ),
    "asked_of_part": _Check(
        "Asked of a part",
        "Questions that an early version of the questionnaire left out: how many were asked, the base of all figures.",
    ),
    "nonresponse": _Check(
        "No answer, all questions", "Mean over all questions of the share of those asked who gave no answer."
    ),
    "module_nonresponse": _Check(
        "No answer, by module", "The same for the questions of one part of the interview."
    ),
    "item_nonresponse": _Check(
        "No answer, by question",
        "Share of those asked who gave no answer: don't know, prefer not to say, an empty cell, or nothing chosen.",
    ),
    "dont_know": _Check("Don't know", 'Share of those asked who answered "don\'t know".'),
    "refused": _Check("Prefer not to say", "Share of those asked who preferred not to say."),
    "empty": _Check("Empty", "Share of those asked whose cell is empty."),
    "nothing_chosen": _Check(
        "Nothing chosen", "Share of those asked who chose none of several possible answers."
    ),
    "answered_though_not_asked": _Check(
        "Answered, but should not have been asked",
        "Follow-up questions are asked after certain answers only; here others answered.",
    ),
    "zeros_though_not_asked": _Check(
        '"Not chosen", but should not have been asked',
        'Cells of those who should not be asked should be empty, not say "not chosen".',
    ),
    "not_answered_though_asked": _Check(
        "Empty, but should have been asked",
        "A follow-up question that earlier answers lead to, but whose cell is empty.",
    ),
    "routing_unknown": _Check(
        "Routing not known", "The question that decides who is asked this one is missing."
    ),
    "option_not_alone": _Check(
        "Contradiction", '"No one" together with someone, and the like: both cannot be true.'
    ),
    "special_and_option": _Check(
        "Don't know, and an answer", '"Don\'t know" or "prefer not to say" beside an answer.'
    ),
    "nothing_chosen_though_asked": _Check(
        "Asked, nothing chosen", "A question with several answers in which none was chosen."
    ),
    "implausible_number": _Check("Number out of range", "Ages and other numbers that cannot be true."),
    "household_links": _Check(
        "Households", "Children and caregivers are linked by the household they live in."
    ),
    "child_without_caregiver": _Check(
        "Child without caregiver", "Children whose caregiver is not in the caregivers' file."
    ),
    "caregiver_without_child": _Check(
        "Caregiver without child", "Caregivers whose child is not among those analysed."
    ),
    "two_caregivers": _Check(
        "Two caregivers", "Households with more than one caregiver: which one is the child's is not known."
    ),
    "weight_mean": _Check(
        "Mean of weights", "Final weights are scaled to the mean 1, so that they add up to the respondents."
    ),
    "weight_variation": _Check(
        "Variation of weights", "Standard deviation of the weights divided by their mean."
    ),
    "weight_effect": _Check(
        "Design effect of weighting",
        "How many times as many interviews are needed for the same precision because weights differ (Kish).",
    ),
    "strata": _Check("Strata", "Parts of the country from which the sample was drawn separately."),
    "lone_psus": _Check(
        "Strata with one unit",
        "Strata with a single primary sampling unit, which give no estimate of variance.",
    ),
    "psus": _Check(
        "Primary sampling units", "Places (clusters) that were drawn first, and households in them."
    ),
    "psus_per_stratum": _Check("Units in a stratum", "Primary sampling units in a stratum."),
    "per_psu": _Check("Respondents in a unit", "Interviews in a primary sampling unit."),
}

NOT_ASKED = ("answered_though_not_asked", "zeros_though_not_asked")
"""Checks that count respondents among those whom a question was not to be asked."""

COUNTS = (
    "asked_of_part",
    *("item_nonresponse", "dont_know", "refused", "empty", "nothing_chosen"),
    *NOT_ASKED,
    *("not_answered_though_asked", "option_not_alone", "special_and_option", "nothing_chosen_though_asked"),
    *("implausible_number", "identifiers_twice", "identical_rows", "excluded"),
    *("child_without_caregiver", "caregiver_without_child", "two_caregivers"),
)
"""Checks that count respondents."""

ROWS = ("rows_delivered", "eligible")
"""Checks that give a number of rows without a base; that of rows analysed is published exactly."""
