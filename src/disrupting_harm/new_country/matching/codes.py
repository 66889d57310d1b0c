"""What the codes of matched columns mean: by the labels of values, or as in the questionnaire with these names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from disrupting_harm.config import NOT_ASKED, SPECIAL, Variable
from disrupting_harm.new_country.matching.clues import Answers
from disrupting_harm.new_country.matching.wording import (
    CHOSEN,
    SAME_VALUE,
    meanings,
    numbers_in_labels,
    same,
    value_words,
    words_for,
)

_OLDEST = 120
"""A number of years is not above this."""
_MOST_READ = 0.5
"""Labels of values are in the codebook's language if at least this share of its values is found among them."""


@dataclass(frozen=True)
class Codes:
    """Codes and what they mean.

    `values`: code -> value (one answer), or number as text (coded numbers); `missing`: codes that stand for no number;
    `chosen`, `not_chosen`: codes of questions with several answers; `undecided`: codes that occur and mean nothing
    known; `never_seen`: values with a code that never occurs; `notes`: what to check.
    """

    values: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    chosen: str | None = None
    not_chosen: str | None = None
    undecided: tuple[str, ...] = ()
    never_seen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def of_columns(
    answers: Sequence[Answers | None], labels: Sequence[Mapping[str, str]]
) -> tuple[set[str] | None, dict[str, str]]:
    """Codes that occur in some columns (None: not known), and the labels of codes in any of them."""
    seen = [answer.codes if answer else None for answer in answers]
    occurring = None if any(codes is None for codes in seen) else set().union(*filter(None, seen))
    return occurring, {code: label for column_labels in labels for code, label in column_labels.items()}


def one_answer(
    variable: Variable,
    occurring: set[str] | None,
    labels: Mapping[str, str],
    special: Mapping[str, str],
    as_in: Mapping[str, str],
    questionnaire: str = "",
) -> Codes:
    """Codes of a question with one answer. `as_in`: those of a questionnaire in which the column bears this name."""
    values = meanings(labels, value_words(variable, special))
    share = share_matched(variable, values)
    notes: tuple[str, ...] = ()
    if share < _MOST_READ and as_in and (occurring is None or occurring <= set(as_in)):
        values, notes = dict(as_in), ()
        if labels:
            notes = (f"labels of values were not understood: codes as in {questionnaire}",)
    elif share < _MOST_READ:
        values = {code: value for code, value in values.items() if value in (*SPECIAL, NOT_ASKED)}
    at_stake = set(labels) if occurring is None else occurring
    undecided = in_order(code for code in at_stake if code not in values)
    never = never_seen(values, occurring)
    return Codes(values=values, undecided=undecided, never_seen=never, notes=notes)


def share_matched(variable: Variable, values: Mapping[str, str]) -> float:
    """Share of a variable's values that codes were found for."""
    return len(set(values.values()) & set(variable.values)) / len(variable.values)


def never_seen(values: Mapping[str, str], occurring: set[str] | None) -> tuple[str, ...]:
    """Values (but special ones) whose code never occurs; none of a column without answers, in which none is missed."""
    if not occurring:
        return ()
    seen = {value for code, value in values.items() if code in occurring}
    return tuple(
        dict.fromkeys(value for value in values.values() if value not in {*seen, *SPECIAL, NOT_ASKED})
    )


def number(
    answers: Answers | None,
    labels: Mapping[str, str],
    declared_missing: Collection[str],
    special: Mapping[str, str],
    as_in: Mapping[str, str],
    as_in_missing: Collection[str],
    questionnaire: str = "",
) -> Codes:
    """Codes of a number: coded ages and the like, and codes that stand for no number."""
    occurring = set(answers.codes) if answers and answers.codes is not None else None
    no_number = _special_codes(labels, special)
    no_number += [code for code in declared_missing if code not in no_number and " " not in code]
    no_number += [code for code in as_in_missing if code not in no_number]
    coded = {
        code: number
        for code, number in numbers_in_labels(labels).items()
        if code not in no_number and number != code and int(number) <= _OLDEST
    }
    if as_in and not coded and (occurring is None or not set(as_in.values()) <= occurring):
        coded = dict(as_in)
        others = (occurring or set()) - set(coded) - set(no_number)
        if others:
            note = f"codes {', '.join(in_order(others))} are not those of {questionnaire}: look up all"
            return Codes(missing=tuple(no_number), undecided=in_order(occurring or ()), notes=(note,))
    if not coded:
        return Codes(missing=tuple(no_number))
    at_stake = set(labels) if occurring is None else occurring
    return Codes(
        values=coded,
        missing=tuple(no_number),
        undecided=in_order(at_stake - set(coded) - set(no_number)),
        never_seen=never_seen(coded, occurring),
    )


def _special_codes(labels: Mapping[str, str], special: Mapping[str, str]) -> list[str]:
    """Codes whose label is a special answer, or that there is none."""
    known = words_for({**special, NOT_ASKED: "Not asked"}).values()
    words = (*(word for synonyms in known for word in synonyms), "missing", "not stated")
    return [code for code, label in labels.items() if same(label, words) >= SAME_VALUE]


def several_answers(
    occurring: set[str] | None, labels: Mapping[str, str], is_text: bool, special: Mapping[str, str]
) -> Codes:
    """Codes of a chosen option and of one that was not; `values`: what other codes in these columns mean."""
    if is_text and occurring is None:
        return Codes(chosen="filled")
    codes = {value: code for code, value in meanings(labels, CHOSEN).items()}
    at_stake = occurring or set()
    chosen, not_chosen, notes = codes.get("chosen"), codes.get("not_chosen"), ()
    if chosen is None and not_chosen is None:
        if at_stake <= {"0", "1"}:
            chosen, not_chosen = "1", "0"
        elif at_stake <= {"1", "2"}:
            chosen, not_chosen = "1", "2"
            notes = ("1 is taken for chosen and 2 for not chosen, because no label identifies them",)
    others = {code: label for code, label in labels.items() if code not in (chosen, not_chosen)}
    values = meanings(others, words_for({**special, NOT_ASKED: "Not asked"}))
    undecided = in_order(at_stake - {chosen, not_chosen} - set(values))
    return Codes(values=values, chosen=chosen, not_chosen=not_chosen, undecided=undecided, notes=notes)


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes as one would count them; those that are no numbers last."""
    return tuple(sorted(codes, key=_counting))


def _counting(code: str) -> tuple[bool, float, str]:
    """What codes are sorted by."""
    try:
        return False, float(code), code
    except ValueError:
        return True, 0.0, code
