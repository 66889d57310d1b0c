"""A delivered survey with a questionnaire of its own: other names, other codes, other wordings, items more and fewer.

Written from the synthetic survey of one country, so that it is known what each column and code means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from disrupting_harm.synthetic import deliver

SECRET = "QUETZAL-7731"
"""Stands in the answers, and must stand nowhere else."""
RARE_CODE = "7"
"""Given by a single child to the question on sex education; without a label."""
SPECIAL = {"98": "88", "99": "89"}
DESIGN = {
    "CASE_ID": "folio",
    "HH_ID": "num_hogar",
    "weight_final": "peso_final",
    "strata": "estrato",
    "ea_id": "upm",
}
DROPPED = {"children": ["Q9_3", "Q8_2"], "caregivers": ["QC7_3"]}
ADDED = {"told_{form}": ("12", "Religious leader")}
SAID = {
    "In the past year, how often has this happened to you? ": "How often in the last 12 months: ",
    "Someone ": "Somebody ",
    "The last time this happened, ": "Last time, ",
    "How often does your parent or carer ": "How often does your parent ",
    "Do you know ": "I know ",
    "Whom the child told": "Whom did you tell",
    "Why the child told no one": "Why the child did not tell",
    "images": "pictures",
    "Do you limit": "I limit",
    "Sex of the child": "Gender of the child",
}
VALUES = {
    "Boys": "Male", "Girls": "Female", "Men": "Male", "Women": "Female", "Chosen": "Yes", "Not chosen": "No",
    "Don't know": "DK", "Prefer not to say": "Refused",
}  # fmt: skip
MATRIX = re.compile(r"Q1([3-7])_(\d)_(\d+)")


@dataclass(frozen=True)
class Delivered:
    """The files, and the truth about them: delivered column -> (variable, option), and its codes' meanings."""

    children: Path
    caregivers: Path
    truth: dict[str, dict[str, tuple[str, str]]]
    values: dict[str, dict[str, dict[str, str]]]


def write(project, drawn, folder: Path) -> Delivered:
    """Write both files below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {table: folder / f"{table}.sav" for table in ("children", "caregivers")}
    truth, values = {}, {}
    for table, frame in zip(files, drawn("bra"), strict=True):
        other = Other(project, table, deliver.raw(project, "bra", table, frame))
        deliver.write_sav(other.table(), files[table])
        truth[table], values[table] = other.truth, other.values
    return Delivered(**files, truth=truth, values=values)


class Other:
    """One table of `bra` in another layout."""

    def __init__(self, project, table, raw):
        self.delivery, self.name, self.raw = getattr(project.countries["bra"], table), table, raw
        self.truth, self.values = {}, {}

    def table(self):
        for mapped in self.delivery.variables.values():
            if mapped.kind == "answers":
                self.several_answers(mapped)
            elif mapped.column not in DROPPED[self.name]:
                self.one_answer(mapped)
        made = deliver.Raw(self.columns, self.labels, self.value_labels, self.missing)
        if self.name == "children":
            self.add_items(made)
        return made

    columns = property(lambda self: self.__dict__.setdefault("_columns", {}))
    labels = property(lambda self: self.__dict__.setdefault("_labels", {}))
    value_labels = property(lambda self: self.__dict__.setdefault("_value_labels", {}))
    missing = property(lambda self: self.__dict__.setdefault("_missing", {}))

    def one_answer(self, mapped):
        """Scales the other way round, yes and no as 1 and 0, ages as codes with labels, other special codes."""
        old, new = mapped.column, renamed(mapped.column)
        column, codes = self.raw.columns[old], {}
        if mapped.kind == "answer":
            substantive = [code for code in mapped.values if code not in {*SPECIAL, "97"}]
            turned = (
                ["1", "0"] if len(substantive) == 2 and "yes" in mapped.values.values() else substantive[::-1]
            )
            codes = dict(zip(substantive, turned, strict=True)) | {
                c: SPECIAL[c] for c in mapped.values if c in SPECIAL
            }
            codes |= {"97": "97"} if "97" in mapped.values else {}
            self.values[new] = {codes[code]: value for code, value in mapped.values.items()}
            texts = {codes[code]: text for code, text in self.raw.value_labels[old].items()}
            self.value_labels[new] = {code: VALUES.get(text, text) for code, text in texts.items()}
            self.missing[new] = [codes[code] for code in self.raw.missing.get(old, [])]
        elif mapped.name == "age":
            codes = {str(age): str(age - 11) for age in range(12, 18)}
            self.values[new] = {code: age for age, code in codes.items()}
            self.value_labels[new] = {code: f"{age} years old" for age, code in codes.items()}
        elif mapped.missing:
            self.value_labels[new] = dict.fromkeys(mapped.missing, "No answer")
        self.columns[new] = recoded(column, codes) if codes else column
        self.labels[new] = f"{new}. {reworded(self.raw.labels[old])}"
        self.truth[new] = (mapped.name, "")

    def several_answers(self, mapped):
        """Options in the opposite order of codes, 1 chosen and 2 not chosen."""
        substantive = [c for c in mapped.options if not c.endswith(tuple(f"_{code}" for code in SPECIAL))]
        turned = dict(zip(substantive, substantive[::-1], strict=True))
        for old, option in mapped.options.items():
            new = renamed(turned.get(old, old))
            self.columns[new] = recoded(self.raw.columns[old], {"1": "1", "0": "2"})
            self.labels[new] = reworded(self.raw.labels[old])
            self.value_labels[new] = {"1": "Yes", "2": "No"}
            self.truth[new] = (mapped.name, option)

    def add_items(self, made):
        """An option and questions that the codebook lacks, a code that a single child gave, and free text."""
        some = made.columns["P16_1_a"]
        for letter in "abcdefghi":
            column = f"P16_12_{letter}"
            made.columns[column] = made.columns[f"P16_1_{letter}"]
            made.labels[column] = f"Whom did you tell: Religious leader ({letter})"
            made.value_labels[column] = {"1": "Yes", "2": "No"}
        made.columns["c21"] = made.columns["c3"].mask(made.columns["c3"] == 88, 0)
        made.labels["c21"] = "c21. Has a religious leader ever talked with you about the internet?"
        made.value_labels["c21"] = {"1": "Yes", "0": "No"}
        made.columns["p99_text"] = pd.Series(np.where(some.notna(), SECRET, ""), dtype="str")
        made.labels["p99_text"] = "Anything you would like to tell us"
        made.columns["folio"] = made.columns["folio"].astype(str) + f"-{SECRET}"
        made.columns["c3"] = made.columns["c3"].where(made.columns["c3"].index != 5, int(RARE_CODE))


def renamed(column):
    """A delivered name as the other questionnaire has it."""
    if match := MATRIX.fullmatch(column):
        question, item, code = match.groups()
        return f"P1{question}_{SPECIAL.get(code, code)}_{'abcdefghi'[int(item) - 1]}"
    if column.startswith("Q12_"):
        return f"P12_{'abcdefghi'[int(column[4:]) - 1]}"
    if match := re.fullmatch(r"(QC9|QC10)_(\d+)", column):
        return f"{match[1].replace('QC', 'k')}_{SPECIAL.get(match[2], match[2])}"
    return DESIGN.get(column) or re.sub(r"^Q([SC]?)", lambda m: {"": "c", "S": "s", "C": "k"}[m[1]], column)


def reworded(label):
    """A label in other words."""
    for old, new in SAID.items():
        label = label.replace(old, new)
    return label


def recoded(column, codes):
    """A column with other codes."""
    return column.astype("Int64").map({int(old): int(new) for old, new in codes.items()}).astype("Int64")
