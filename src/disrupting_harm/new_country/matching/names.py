"""Which delivered column bears the name that a questionnaire gives a variable, prefixes and suffixes allowed for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from rapidfuzz import fuzz

from disrupting_harm.config import Codebook, Mapped, Questionnaire
from disrupting_harm.config.checks.mapping import also_delivered, entries_by_variable, resolve
from disrupting_harm.config.entries.codebook import Table

_SIGNS = re.compile(r"[\W_]+")
_SEPARATOR = re.compile(r"[_.\-: ]+")
_WORD = re.compile(r"[A-Za-z]{3,}")
_DECORATED = 0.9
"""Strength of a match of a name with a prefix or suffix, compared with the whole name."""
_ALIKE = 0.75
"""Names that are words (weight_final, wgt_scaled) are alike from here on."""


@dataclass(frozen=True)
class Known:
    """One questionnaire's columns of its table: variables resolved, and where they are in the file.

    `delivered`: questionnaire's column -> delivered column and how well the names agree (1: the same).
    """

    name: str
    questionnaire: Questionnaire
    variables: Mapping[str, Mapped]
    delivered: Mapping[str, tuple[str, float]]

    def column_of(self, variable: str) -> tuple[str, float]:
        """The delivered column that bears the name of a variable's, and how well they agree; "" if there is none."""
        mapped = self.variables.get(variable)
        return self.delivered.get(mapped.column, ("", 0.0)) if mapped and mapped.column else ("", 0.0)

    @property
    def fit(self) -> float:
        """Share of the questionnaire's columns whose names are in the file."""
        wanted = [column for mapped in self.variables.values() for column in mapped.columns]
        return sum(column in self.delivered for column in wanted) / len(wanted) if wanted else 0.0


def known(
    questionnaires: Mapping[str, Questionnaire], codebook: Codebook, table: Table, names: Sequence[str]
) -> list[Known]:
    """The questionnaires of one table, each with its columns looked up among the delivered names; best fit first."""
    result = []
    for name, questionnaire in questionnaires.items():
        if questionnaire.table == table:
            placed, _ = entries_by_variable(questionnaire.variables, codebook.variables(table))
            variables, _ = resolve(placed, questionnaire)
            wanted = [column for mapped in variables.values() for column in mapped.columns]
            others = also_delivered(questionnaire, codebook)
            result.append(Known(name, questionnaire, variables, named(names, [*wanted, *others])))
    return sorted(result, key=lambda candidate: -candidate.fit)


def named(names: Iterable[str], wanted: Iterable[str]) -> dict[str, tuple[str, float]]:
    """Wanted name -> delivered name and how well they agree: whole names first, then those with a prefix or suffix.

    A delivered name goes to the longest wanted name in it (S3_G8_2_G4a to G8_2_G4a, not to G4a). Where several are left
    for one wanted name, the decoration that the file uses most decides; if none does, nothing is found.
    """
    sought = {name.casefold(): name for name in wanted}
    matches: dict[str, tuple[str, float]] = {}
    left = []
    for name in names:
        if name.casefold() in sought:
            matches.setdefault(sought[name.casefold()], (name, 1.0))
        else:
            left.append(name)
    candidates: dict[str, list[tuple[str, str]]] = {}
    for name in left:
        inner, decoration = max(
            inside(name, sought), key=lambda candidate: len(candidate[0]), default=("", "")
        )
        if inner and sought[inner] not in matches:
            candidates.setdefault(sought[inner], []).append((name, decoration))
    used = Counter(decoration for options in candidates.values() for _, decoration in options)
    for name, options in candidates.items():
        best = sorted(options, key=lambda one: -used[one[1]])
        if len(best) == 1 or used[best[0][1]] > used[best[1][1]]:
            matches[name] = (best[0][0], _DECORATED)
    return matches


def inside(name: str, sought: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Sought names that a delivered name begins or ends with, and the decoration that is left."""
    folded = name.casefold()
    for match in _SEPARATOR.finditer(folded):
        before, after = folded[: match.start()], folded[match.end() :]
        if after in sought:
            yield after, f"{before}*"
        if before in sought:
            yield before, f"*{after}"


def alike(name: str, references: Iterable[str]) -> float:
    """How alike names that are words are: peso_final and weight_final. 0 for names such as Q12."""
    if not _WORD.search(name):
        return 0.0
    worded = [reference.casefold() for reference in references if _WORD.search(reference)]
    best = max((fuzz.ratio(name.casefold(), reference) / 100 for reference in worded), default=0.0)
    return best if best >= _ALIKE else 0.0


@cache
def _usual_names() -> dict[str, frozenset[str]]:
    """Variable -> names that files usually give it, words/usual_names.yaml."""
    text = (files("disrupting_harm.new_country") / "words" / "usual_names.yaml").read_text(encoding="utf-8")
    return {variable: frozenset(map(str, names)) for variable, names in yaml.safe_load(text).items()}


def is_usual(name: str, variable: str) -> bool:
    """Whether files usually give a variable this name; the groups of a form before it ("sec1/hhid") do not count."""
    plain = _SIGNS.sub("", name.rpartition("/")[2].casefold())
    return plain == _SIGNS.sub("", variable) or plain in _usual_names().get(variable, ())
