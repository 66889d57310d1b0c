"""An inspection in words, for a terminal of 100 columns."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from disrupting_harm.config import Project, printable
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.new_country.inspection.look import MOST_CODES, Inspection, Shown
from disrupting_harm.new_country.matching import Match
from disrupting_harm.new_country.matching.codes import in_order
from disrupting_harm.new_country.matching.families import codes_in

_WIDTH = 98
_LONGEST_LABEL = 40
_MOST_LISTED = 15
_COMMAND = "    "
_TOGETHER = "\N{NO-BREAK SPACE}"
"""Between words that belong on one line."""
SYNTHETIC = f"{SYNTHETIC_DATA}: made up, not a survey of anybody."
_NOTE = (
    '"few" means that fewer than {min_count} respondents gave (or did not give) an answer, "not shown" that the share'
    " would reveal such a number. For questions about abuse, and columns whose meaning is not certain, the report"
    " only says which codes occur, if at least {min_count_subgroup} respondents gave them. Shares are of the"
    " filled cells, unweighted."
)


def report(
    inspection: Inspection, project: Project, only: Sequence[str] = (), everything: bool = False
) -> str:
    """The inspection as text. `only`: these columns alone, in full; `everything`: each column by itself."""
    report = _InspectionReport(inspection, project, everything)
    lines = report.columns(only) if only else report.all()
    return printable("\n".join(lines)) + "\n"


class _InspectionReport:
    """Puts one inspection into words."""

    def __init__(self, inspection: Inspection, project: Project, everything: bool) -> None:
        self.inspection, self.project, self.everything = inspection, project, everything
        self.description, self.matching = inspection.description, inspection.matching
        self.variables = project.codebook.variables(self.matching.table)
        self.matches = [*self.matching.matches.values(), *self.matching.unsure.values()]
        self.best = self.matching.knowns[0] if self.matching.knowns else None

    def all(self) -> Iterator[str]:
        """The whole report."""
        yield from self.head()
        design = [match for match in self.matches if self.is_design(match)]
        asked = [match for match in self.matches if match not in design]
        count, columns = len(asked), sum(len(match.columns) for match in asked)
        questions = f"{count} question{'' if count == 1 else 's'} in {columns} columns"
        yield from heading(f"Matched with the codebook: {questions}")
        for match in asked:
            yield from self.match(match)
        yield from heading("Design and identifiers")
        for match in design:
            yield from self.match(match)
        if not design:
            yield "  None was recognised."
        yield from self.others()
        matched = {match.entry for match in self.matches}
        missing = dict.fromkeys(v.entry for v in self.variables.values() if v.entry not in matched)
        if missing:
            yield from heading("In the codebook, but not recognised in the file")
            yield from wrapped([", ".join(missing)], "  ")
        yield from self.note()
        yield from heading("What to do next")
        yield from wrapped(self.next_steps(), "  ")

    def columns(self, names: Sequence[str]) -> Iterator[str]:
        """Some columns in full."""
        yield from self.head()
        of_column = self.matching.of_column
        for name in names:
            yield from heading(name)
            yield from self.column(name, only=True)
            if name in of_column:
                match, variable, option = of_column[name]
                what = "mention" if match.codes.listed else "option"
                meant = f"{variable}, {what} {option}" if option else variable
                yield from wrapped([f"= {meant}  ({self.verdict(match)})", self.question(variable)], "  ")
                yield from wrapped([f"Check: {note}" for note in match.notes], "  ")
            else:
                yield "  No variable of the codebook was recognised in it."
        yield from self.note()

    # Parts

    def head(self) -> Iterator[str]:
        """What file it is and how it was read."""
        if self.inspection.is_synthetic:
            yield SYNTHETIC
            yield ""
        description = self.description
        yield description.file
        yield f"  {description.format} file of {description.rows:,} rows and {len(description.columns):,} columns"
        options = self.description.options
        settings = {
            "encoding": options.encoding,
            "separator": "tab" if options.separator == "\t" else options.separator,
            "decimal sign": options.decimal,
            "sheet": options.sheet,
        }
        read = [f"{what} {value}" for what, value in settings.items() if value]
        yield from wrapped([f"Read with {', '.join(read)}" if read else ""], "  ")
        if self.matching.matches:
            yield f"  Looks like a file of {self.matching.table}"
        else:
            yield "  Questions of children or caregivers were not recognised in it"
        for table in self.inspection.also_like:
            yield f"  ... and of {table}, too: inspect it again with --table {table}"
        if self.best and self.best.fit > 0:
            yield f"  Nearest questionnaire by names: {self.best.name} ({self.best.fit:.0%} of its columns are here)"
        else:
            yield "  The names of its columns are those of no questionnaire"
        yield from wrapped([f"Check: {line}" for line in self.inspection.bad], "  ")

    def match(self, match: Match) -> Iterator[str]:
        """One question and the columns that hold it."""
        first = match.columns[match.first_column][0]
        yield ""
        yield from wrapped([f"{match.entry} = {match.pattern}  ({self.verdict(match)})"], "  ")
        question = self.question(first, with_form=len(match.columns) == 1)
        if question not in [self.description.columns[name].label for name in match.columns]:
            yield from wrapped([question], "      ")
        if self.everything or len(match.columns) == 1:
            for column in match.columns:
                yield from self.column(column, indent="      ")
        else:
            yield from wrapped(self.family(match), "      ")
        rivals = [f"Nearly as likely: {', '.join(match.rivals)}"] if match.rivals else []
        yield from wrapped([*rivals, *(f"Check: {note}" for note in match.notes)], "      ")

    def verdict(self, match: Match) -> str:
        """How sure a match is, and why."""
        return f"{match.certainty}, {match.reason}" if match.reason else match.certainty

    def question(self, name: str, with_form: bool = True) -> str:
        """The codebook's question."""
        variable = self.variables[name]
        text = variable.question or variable.label
        if variable.form and not with_form:
            text = text.replace(self.project.codebook.forms[variable.form].question, "...")
        return text

    def family(self, match: Match) -> Iterator[str]:
        """A question in several columns, in short."""
        names = list(match.columns)
        yield f"{len(names)} columns, {names[0]} to {names[-1]}; empty cells: {self.empty_range(names)}."
        of_first = match.by_variable[match.columns[names[0]][0]]
        coded = match.codes.listed or {
            c: match.columns[n][1] for n, c in codes_in(of_first).items() if match.columns[n][1]
        }
        if coded:
            yield f"Options: {', '.join(f'{code}{_TOGETHER}{option}' for code, option in coded.items())}."
        if match.extra:
            yield f"In the names, but not in the codebook: {', '.join(match.extra_codes)}."
        labels = {c: t for name in names for c, t in self.description.columns[name].labels.items()}
        occurring = {code for name in names for code in self.inspection.shown[name].occurring}
        yield self.codes(labels, Shown("", occurring=in_order(occurring)), names[0])

    def empty_range(self, names: Sequence[str]) -> str:
        """The least and most empty of some columns."""
        shares = sorted({self.inspection.shown[name].empty for name in names}, key=_emptiness)
        return " to ".join(dict.fromkeys((shares[0], shares[-1])))

    def column(self, name: str, indent: str = "  ", only: bool = False) -> Iterator[str]:
        """One column: label, kind, codes, empty cells."""
        column, shown = self.description.columns[name], self.inspection.shown[name]
        label = f'"{column.label}"; ' if column.label else ""
        of = f"{name}: " if self.everything and not only else ""
        kind = "" if column.kind == "number" else f"{column.kind}; "
        yield from wrapped([f"{of}{label}{kind}empty cells: {shown.empty}."], indent)
        if shown.distinct is not None:
            yield f"{indent}{shown.distinct:,} different values."
        yield from wrapped([self.codes(column.labels, shown, name)], indent)
        if unlabelled := [code for code in column.missing if code not in column.labels]:
            yield from wrapped([f"Declared missing in the file: {', '.join(unlabelled)}."], indent)

    def codes(self, labels: Mapping[str, str], shown: Shown, name: str) -> str:
        """Codes with their labels and shares, or that they occur."""
        if len(labels) > MOST_CODES:
            return f"{len(labels)} labels of values."
        missing = self.description.columns[name].missing
        codes = []
        for code in dict.fromkeys([*labels, *shown.shares, *shown.occurring]):
            label = short(labels.get(code, "")) or self.meaning(name, code)
            if code in missing:
                label += " (missing)"
            if code in shown.shares:
                label += f": {shown.shares[code]}"
            elif code in shown.occurring:
                label += " (occurs)"
            item = f"{code}{' ' if label and label[0] not in ' :' else ''}{label}"
            codes.append(item.replace(" ", _TOGETHER))
        return f"Codes: {', '.join(codes)}." if codes else ""

    def meaning(self, column: str, code: str) -> str:
        """The codebook value that a code without a label would have, as the questionnaire with this name says."""
        of_column = self.matching.of_column
        value = of_column[column][0].codes.values.get(code) if column in of_column else None
        return f"({value}?)" if value else ""

    def is_design(self, match: Match) -> bool:
        """Whether a match is an identifier or the weight."""
        return all(
            self.variables[name].kind == "identifier" or name == "weight"
            for name, _ in match.columns.values()
        )

    def others(self) -> Iterator[str]:
        """Columns that were not recognised."""
        of_column = self.matching.of_column
        names = [name for name in self.description.columns if name not in of_column]
        yield from heading(f"Other columns: {len(names)}")
        listed = names if self.everything else names[:_MOST_LISTED]
        for name in listed:
            yield ""
            yield f"  {name}"
            yield from self.column(name, indent="      ", only=True)
        if len(names) > len(listed):
            left = names[len(listed) :]
            yield ""
            yield from wrapped([f"... and {', '.join(left[:60])}{' ...' if len(left) > 60 else ''}"], "  ")
            yield "  Show them all with --all, or one with --column NAME."

    def note(self) -> Iterator[str]:
        """What "few" means."""
        rules = self.project.analysis.suppression
        yield ""
        yield from wrapped(
            [_NOTE.format(min_count=rules.min_count, min_count_subgroup=rules.min_count_subgroup)], ""
        )

    def missing_labels(self) -> str:
        """Which labels the file lacks, and what is compared in their place; empty where it has both kinds."""
        columns = self.description.columns.values()
        of_columns = any(column.label for column in columns)
        of_values = any(column.labels for column in columns)
        return {
            (False, False): "no labels, neither of columns nor of values: only names are compared",
            (
                False,
                True,
            ): "labels of values, but none of columns: these are compared by their names and the labels"
            " of their values",
            (True, False): "labels of columns, but none of values: what a code means cannot be read from it",
            (True, True): "",
        }[of_columns, of_values]

    def next_steps(self) -> Iterator[str]:
        """What to do with this file."""
        file, table = self.description.file, self.matching.table
        if self.inspection.is_synthetic:
            yield "Nothing: this file was made by the project. With a delivered file, inspect it in the same way first."
            return
        if missing := self.missing_labels():
            yield (
                f"The file has {missing}. If an SPSS or Stata file with them was delivered too, use that; if not, have"
                " the list of questions and codes at hand."
            )
        path = Path(os.path.normpath(Path.cwd() / file))
        if not path.is_relative_to(self.project.root / "data"):
            yield "Put the file below data/raw/, which git ignores:"
            yield f"    mkdir -p data/raw/xyz && cp '{file}' data/raw/xyz/"
            file = f"data/raw/xyz/{path.name}"
        yield "A country that is not here yet: write its file (xyz stands for its ISO 3166 code) with"
        option = "--microdata" if table == "children" else "--microdata CHILDREN --caregivers"
        yield f"    disrupting-harm new-country xyz {option} '{file}'"
        yield (
            "and decide what it lists. A country that is here: name the file in config/countries/xyz.yaml under"
            " `microdata`. Then see whether everything fits:"
        )
        yield "    disrupting-harm check xyz"
        selector = self.best.questionnaire.selector if self.best else None
        if self.best and selector and selector in {*self.best.delivered, *self.description.columns}:
            yield (
                f"The column {selector} identifies the country in a file of several countries: name this file once, in"
                " config/config.yaml under `shared_files`, and all its countries read it."
            )


# Small words


def heading(text: str) -> list[str]:
    """A heading with a line below it."""
    return ["", "", text, "─" * min(len(text), _WIDTH)]


def wrapped(texts: Iterable[str], indent: str) -> Iterator[str]:
    """Texts as lines that fit, continued two blanks further in; empty ones are left out."""
    for text in filter(None, texts):
        if text.startswith(_COMMAND):  # to be copied as it is
            yield indent + text
            continue
        lines = textwrap.wrap(
            text,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from (line.replace(_TOGETHER, " ") for line in lines)


def short(text: str) -> str:
    """A label that is not too long for a list."""
    return textwrap.shorten(text, _LONGEST_LABEL, placeholder=" ...") if text else ""


def _emptiness(share: str) -> float:
    """Order of shares of empty cells."""
    words = {"none": -3.0, "hardly any": -2.0, "under 1 %": -1.0, "nearly all": 101.0, "all": 102.0}
    return words[share] if share in words else float(share.split()[0])
