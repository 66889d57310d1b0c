"""What the codes of matched columns mean: by the labels of values, by who was asked, or as a questionnaire has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from disrupting_harm.config import NOT_ASKED, SPECIAL, Variable
from disrupting_harm.new_country.matching.evidence import Answers, Codes
from disrupting_harm.new_country.matching.words import SAME_VALUE, Words, meanings, numbers_in_labels, same

_OLDEST = 120
"""A number of years is not above this."""
_MOST_READ = 0.5
"""Labels of values are understood if at least this share of the codebook's values is among them."""


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
    words: Words,
    as_in: Mapping[str, str],
    questionnaire: str = "",
    leading: Collection[str] = (),
) -> Codes:
    """Codes of a question with one answer.

    `as_in`: those of the questionnaire that the file follows; `leading`: codes that lead to further questions.
    """
    values = meanings(labels, words.of_answers(variable))
    notes: tuple[str, ...] = ()
    if share_matched(variable, values) < _MOST_READ:
        values = {code: value for code, value in values.items() if value in (*SPECIAL, NOT_ASKED)}
        by_routing = _by_leading(variable, occurring or set(), leading)
        if as_in and (occurring is None or occurring <= set(as_in)) and not by_routing.keys() - as_in.keys():
            values = dict(as_in)
            notes = (f"labels of values were not understood: codes as in {questionnaire}",) if labels else ()
        elif by_routing:
            values |= by_routing
            notes = (
                "codes in the order of the scale; which end is none follows from who was asked further questions",
            )
    at_stake = set(labels) if occurring is None else occurring
    undecided = in_order(code for code in at_stake if code not in values)
    return Codes(values=values, undecided=undecided, never_seen=never_seen(values, occurring), notes=notes)


def _by_leading(variable: Variable, occurring: set[str], leading: Collection[str]) -> dict[str, str]:
    """Codes of a scale: those that lead to further questions are its steps, the code beside them is its first, none."""
    none, *steps = variable.values
    if len(leading) != len(steps) or not all(code.isdigit() for code in leading):
        return {}
    ordered = sorted(leading, key=int)
    gap = {int(after) - int(before) for before, after in pairwise(ordered)}
    if len(gap) != 1:
        return {}
    step = gap.pop()
    below, above = str(int(ordered[0]) - step), str(int(ordered[-1]) + step)
    if (below in occurring) == (above in occurring):
        return {}
    rising = below in occurring
    return {below if rising else above: none} | dict(
        zip(ordered if rising else ordered[::-1], steps, strict=True)
    )


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
    words: Words,
    as_in: Mapping[str, str],
    as_in_missing: Collection[str],
    questionnaire: str = "",
) -> Codes:
    """Codes of a number: coded ages and the like, and codes that stand for no number."""
    occurring = set(answers.codes) if answers and answers.codes is not None else None
    no_number = _special_codes(labels, words)
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


def _special_codes(labels: Mapping[str, str], words: Words) -> list[str]:
    """Codes whose label is a special answer, or that there is none."""
    known = words.of({**words.codebook.special, NOT_ASKED: "Not asked", "no_number": "Missing"}).values()
    phrases = tuple(phrase for synonyms in known for phrase in synonyms)
    return [code for code, label in labels.items() if same(label, phrases) >= SAME_VALUE]


def several_answers(
    occurring: set[str] | None, labels: Mapping[str, str], is_text: bool, words: Words
) -> Codes:
    """Codes of a chosen option and of one that was not; `values`: what other codes in these columns mean."""
    if is_text and occurring is None:
        return Codes(chosen="filled")
    codes = {value: code for code, value in meanings(labels, words.chosen()).items()}
    at_stake = occurring or set()
    chosen, not_chosen, notes = codes.get("chosen"), codes.get("not_chosen"), ()
    if chosen is None and not_chosen is None:
        if at_stake <= {"0", "1"}:
            chosen, not_chosen = "1", "0"
        elif at_stake <= {"1", "2"}:
            chosen, not_chosen = "1", "2"
            notes = ("1 is taken for chosen and 2 for not chosen, because no label identifies them",)
    others = {code: label for code, label in labels.items() if code not in (chosen, not_chosen)}
    values = meanings(others, words.of({**words.codebook.special, NOT_ASKED: "Not asked"}))
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
