"""How well a delivered file is matched with the codebook: made deliveries whose truth is known. See README.md."""

from __future__ import annotations

import argparse
import csv
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from disrupting_harm import config
from disrupting_harm.config import Mapped, Project
from disrupting_harm.config.entries.codebook import TABLES, Table
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.inspection.look import counted
from disrupting_harm.new_country.matching import match
from disrupting_harm.synthetic import deliver

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "docs" / "benchmarks"
MADE_OF = Path(__file__).parent / "deliveries"
ASKED_HOW_OFTEN = "In the past year, how often has this happened to you?"
STRANGE = 10
UNKNOWN = "unknown"
"""A language that no dictionary has: English from the last letter to the first."""
MODULES = {"background": "sec1", "help": "sec1", "forms": "sec3", "": "sec0"}
IRREGULAR = (
    "P{n}{form}{code}",
    "x{n}_{form}_{code}",
    "{form}{n}.{code}",
    "sec.{n}.{form}.{code}",
    "B{n}{form}_{code}r",
)


@dataclass(frozen=True)
class Recipe:
    """How a delivery is made; see recipes.yaml."""

    name: str
    country: str
    language: str
    names: str
    labels: str
    codes: str = "documented"
    options: str = "documented"
    order: str = "by_question"
    blank: bool = False
    extra: bool = False
    drop: Sequence[str] = ()
    without: Sequence[str] = ()


@dataclass
class Delivery:
    """Columns with their answers, and the truth: column -> (variable, option), and column -> code -> value."""

    columns: dict[str, Column] = field(default_factory=dict)
    frame: dict[str, pd.Series] = field(default_factory=dict)
    truth: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What came out for one table of a delivery: numbers of columns, and of codes of questions with one answer."""

    recipe: str
    table: Table
    columns: int
    right: int
    certain: int
    wrong: int
    codes: int
    codes_right: int
    codes_wrong: int


def recipes() -> list[Recipe]:
    """All recipes."""
    listed: list[dict[str, Any]] = yaml.safe_load((MADE_OF / "recipes.yaml").read_text(encoding="utf-8"))
    return [Recipe(**entry) for entry in listed]


@cache
def wordings() -> dict[str, dict[str, str]]:
    """English wording -> language -> wording."""
    with (MADE_OF / "wordings.psv").open(encoding="utf-8", newline="") as stream:
        return {row["en"]: row for row in csv.DictReader(stream, delimiter="|")}


class Maker:
    """Makes one table of a delivery."""

    def __init__(self, project: Project, recipe: Recipe, table: Table, frame: pd.DataFrame) -> None:
        self.project, self.recipe, self.made = project, recipe, Delivery()
        self.raw = deliver.raw(project, recipe.country, table, frame)
        self.mapped: Mapping[str, Mapped] = getattr(project.countries[recipe.country], table).in_file
        self.variables = project.codebook.variables(table)
        self.entries = list(dict.fromkeys(self.variables[name].entry for name in self.mapped))
        self.chance = random.Random(recipe.name)

    def delivery(self) -> Delivery:
        """The columns in their order."""
        for name in self.in_order():
            mapped = self.mapped[name]
            if mapped.options:
                self.several(mapped)
            elif mapped.column.removesuffix("*") not in self.recipe.drop:
                self.one(mapped)
        if self.recipe.extra:
            self.extra()
        return self.made

    def in_order(self) -> list[str]:
        """Variables as the questionnaire asks them: question by question, or form by form after all items."""
        asked = [name for name in self.mapped if self.variables[name].form not in self.recipe.without]
        if self.recipe.order == "by_question":
            return asked
        of_form = [name for name in asked if self.variables[name].form]
        first = [name for name in asked if name not in of_form or name.startswith("form_")]
        follow_ups = sorted(
            set(of_form) - set(first), key=lambda n: (self.variables[n].form or "", of_form.index(n))
        )
        return [*first, *follow_ups]

    def in_words(self, text: str) -> str:
        """A wording in the delivery's language."""
        if self.recipe.language in ("en", UNKNOWN):
            return text if self.recipe.language == "en" else text[::-1]
        return wordings()[text][self.recipe.language] if text in wordings() else text

    def add(
        self, name: str, column: pd.Series, label: str, labels: dict[str, str], slot: tuple[str, str]
    ) -> None:
        """Add one column."""
        kind = "number" if pd.api.types.is_numeric_dtype(column) else "text"
        label = label if self.recipe.labels in ("all", "columns") else ""
        labels = labels if self.recipe.labels in ("all", "values") else {}
        self.made.columns[name] = Column(name, label, kind, labels)
        self.made.frame[name], self.made.truth[name] = column, slot

    def one(self, mapped: Mapped) -> None:
        """A question in one column."""
        variable, column = self.variables[mapped.name], self.raw.columns[mapped.column.removesuffix("*")]
        question = variable.question or variable.label
        if variable.form:
            form = self.project.codebook.forms[variable.form]
            question = f"{self.in_words(ASKED_HOW_OFTEN)} {self.in_words(form.label)}"
        else:
            question = self.in_words(question)
        recoded = self.recoded(mapped)
        texts = self.raw.value_labels.get(mapped.column, {})
        labels = {recoded.get(code, code): self.in_words(text) for code, text in texts.items()}
        name = self.name(mapped, question, "", "")
        self.add(name, replaced(column, recoded), question, labels, (mapped.name, ""))
        if mapped.kind == "answer":
            self.made.values[name] = {recoded.get(code, code): value for code, value in mapped.values.items()}

    def recoded(self, mapped: Mapped) -> dict[str, str]:
        """Old code -> new code of a question with one answer."""
        if mapped.kind != "answer" or self.recipe.codes == "documented":
            return {}
        substantive = [c for c, v in mapped.values.items() if v in self.variables[mapped.name].values]
        if self.recipe.codes == "strange":
            return {code: str(STRANGE * (index + 1)) for index, code in enumerate(substantive)}
        if set(self.variables[mapped.name].values) == {"yes", "no"}:
            return {code: "1" if mapped.values[code] == "yes" else "0" for code in substantive}
        return dict(zip(substantive, substantive[::-1], strict=True))

    def several(self, mapped: Mapped) -> None:
        """A question with a column for each option."""
        variable = self.variables[mapped.name]
        texts = {**variable.options, **self.project.codebook.special}
        form = self.project.codebook.forms[variable.form].label if variable.form else ""
        columns = [c for c in mapped.options if c in self.raw.columns]
        if self.recipe.options == "mixed":
            options = [c for c in columns if mapped.options[c] in variable.options]
            order = sorted(variable.options, key=lambda o: random.Random(f"{o}{self.recipe.name}").random())
            options.sort(key=lambda c: order.index(mapped.options[c]))
            columns = options + [c for c in columns if mapped.options[c] not in variable.options]
        for number, old in enumerate(columns, start=1):
            option = mapped.options[old]
            question, text = self.in_words(variable.label), self.in_words(texts[option])
            about = f" ({self.in_words(form)})" if form else ""
            column = self.raw.columns[old]
            labels = {"1": self.in_words("Chosen"), "0": self.in_words("Not chosen")}
            if self.recipe.blank:
                column, labels = column.mask(column == 0), {"1": labels["1"]}
            code = {"dont_know": "98", "refused": "99"}.get(option, str(number))
            name = self.name(mapped, f"{question}{about}", code, option, text, old)
            self.add(name, column, f"{question}: {text}{about}", labels, (mapped.name, option))

    def name(
        self, mapped: Mapped, question: str, code: str, option: str, text: str = "", old: str = ""
    ) -> str:
        """The delivered name of a column."""
        variable, style = self.variables[mapped.name], self.recipe.names
        number, form = self.entries.index(variable.entry) + 1, variable.form or ""
        old = old or mapped.column.removesuffix("*")
        kobo = "/".join(
            filter(None, [MODULES.get(variable.module, "sec2"), f"q{number}{'_' if form else ''}{form}"])
        )
        words = variable.entry.replace("_{form}", f"_{form}" if form else "")
        position = {letter: str(place + 1) for place, letter in enumerate(self.project.codebook.forms)}
        irregular = IRREGULAR[number % len(IRREGULAR)].format(n=number, form=form, code=code)
        return {
            "documented": old,
            "prefixed": f"S{number % 4}_{old}",
            "own": "_".join(filter(None, [f"q{number}", position.get(form, ""), code])),
            "serial": f"VAR{len(self.made.columns) + 1:03d}",
            "kobo": "/".join(filter(None, [kobo, code])),
            "kobo_words": "/".join(filter(None, [kobo.partition("/")[0], words, option])),
            "questions": " - ".join(filter(None, [question, text])),
            "irregular": irregular.rstrip("._"),
        }[style]

    def extra(self) -> None:
        """Columns about something else: the interviewer, the household's rooms, a question of the country's own."""
        rows = len(next(iter(self.made.frame.values())))
        number = pd.Series([self.chance.randint(1, 4) for _ in range(rows)])
        for name, label in (("rooms", "Rooms"), ("X_own_1", "Own question"), ("interviewer", "Interviewer")):
            self.add(name, number, label, {}, ("", ""))


def replaced(column: pd.Series, codes: Mapping[str, str]) -> pd.Series:
    """A column with other codes."""
    if not codes:
        return column
    every = {int(old): int(new) for old, new in codes.items()}
    return column.map(lambda code: code if pd.isna(code) else every.get(int(code), int(code))).astype("Int64")


def look(
    project: Project, recipe: Recipe, frames: Mapping[Table, pd.DataFrame]
) -> Iterator[tuple[Result, list[str]]]:
    """Make a delivery, match it, and count; with the errors in words."""
    for table in TABLES:
        made = Maker(project, recipe, table, frames[table]).delivery()
        answers = {name: counted(column).answers() for name, column in made.frame.items()}
        rows = len(frames[table])
        matching = match(made.columns, project.codebook, project.questionnaires, table, answers, rows)
        yield judged(recipe, table, made, matching)


def judged(recipe: Recipe, table: Table, made: Delivery, matching: Any) -> tuple[Result, list[str]]:
    """What is right and wrong of a matching."""
    slots = {
        column: (match, slot) for match in matching.matches.values() for column, slot in match.columns.items()
    }
    wrong = [
        f"{column}: {slot}, and is {made.truth.get(column)} ({match.certainty}: {match.reason})"
        for column, (match, slot) in slots.items()
        if made.truth.get(column) != slot
    ]
    right = [column for column, (_, slot) in slots.items() if made.truth.get(column) == slot]
    asked = [column for column, slot in made.truth.items() if slot[0]]
    codes = codes_right = codes_wrong = 0
    for column in set(right) & set(made.values):
        seen = answers_seen(made.frame[column])
        proposed = slots[column][0].codes.values
        for code in seen:
            value = made.values[column].get(code)
            codes += value is not None
            codes_right += value is not None and proposed.get(code) == value
            if code in proposed and proposed[code] != value:
                codes_wrong += 1
                wrong.append(f"{column}: code {code} as {proposed[code]}, and is {value}")
    certain = sum(slots[column][0].certainty == "certain" for column in right)
    wrong_columns = len(slots) - len(right)
    result = Result(
        recipe.name, table, len(asked), len(right), certain, wrong_columns, codes, codes_right, codes_wrong
    )
    return result, wrong + [
        f"asked: {column} {made.truth[column]}" for column in asked if column not in slots
    ]


def answers_seen(column: pd.Series) -> set[str]:
    """Codes that occur."""
    return {re.sub(r"\.0$", "", str(code)) for code in column.dropna().unique()}


def report(results: list[Result]) -> str:
    """A table in Markdown."""
    lines = [
        (
            f"{len({result.recipe for result in results})} made deliveries (benchmarks/deliveries/recipes.yaml)."
            " Matched: share of columns matched rightly, and how many of them as certain; the others are asked. Codes"
            " given: share of the codes of matched columns with one answer that got their meaning."
        ),
        "",
        "| delivery | table | columns | matched | certain | wrong | codes given | codes wrong |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in results:
        codes = f"{one.codes_right / one.codes:.0%}" if one.codes else ""
        lines.append(
            f"| {one.recipe} | {one.table} | {one.columns} | {one.right / one.columns:.1%} | {one.certain} |"
            f" {one.wrong} | {codes} | {one.codes_wrong} |"
        )
    columns, right = sum(one.columns for one in results), sum(one.right for one in results)
    codes, codes_right = sum(one.codes for one in results), sum(one.codes_right for one in results)
    lines.append(
        f"| all | | {columns} | {right / columns:.1%} | {sum(one.certain for one in results)} |"
        f" {sum(one.wrong for one in results)} | {codes_right / max(codes, 1):.0%} |"
        f" {sum(one.codes_wrong for one in results)} |"
    )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make all deliveries, or those whose name contains a text, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="deliveries whose name contains this; nothing is written")
    parser.add_argument("--errors", type=int, default=0, help="print so many errors of each delivery")
    options = parser.parse_args()
    project = config.load(ROOT)
    draw = cache(deliver.drawing(project))
    results = []
    for recipe in recipes():
        if options.only not in recipe.name:
            continue
        frames = dict(zip(TABLES, draw(recipe.country), strict=True))
        for result, errors in look(project, recipe, frames):
            results.append(result)
            if options.only or options.errors:
                print("\n".join(["", result.recipe, *errors[: options.errors or 15]]))  # noqa: T201
    print(report(results))  # noqa: T201
    if not options.only:
        (OUTPUT / "matching.md").write_text(report(results), encoding="utf-8")


if __name__ == "__main__":
    main()
