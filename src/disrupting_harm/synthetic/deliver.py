"""Write the synthetic survey in the layout of a questionnaire: what harmonise does, the other way round.

File names, file labels, notes and a column are marked SYNTHETIC. The same settings give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config import NOT_ASKED, Codebook, Country, Delivery, Mapped, Project, Variable
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.config.entries.questionnaire import FILLED
from disrupting_harm.delivered.formats import MARK
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.files.private import owner_only
from disrupting_harm.synthetic import several
from disrupting_harm.synthetic.layout import Layout, with_void, without_early
from disrupting_harm.synthetic.unknown import with_unknown

LABEL = f"{SYNTHETIC_DATA}: made up, not a survey of anybody"

_SAV_CREATED = b"01 Jan 2600:00:00"
_SAV_CREATED_AT = 92
"""An SPSS file's header holds date and time of writing, 17 bytes from here; fixed: same data, same bytes."""

_Population = Callable[[str], tuple[pd.DataFrame, pd.DataFrame]]


@dataclass
class Raw:
    """A table in a delivered layout, with the metadata of columns in an SPSS file."""

    columns: dict[str, pd.Series] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    value_labels: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """The columns side by side."""
        return pd.DataFrame(self.columns)


def write(
    project: Project,
    countries: Sequence[str],
    children: Path,
    caregivers: Path | None,
    population: _Population | None = None,
) -> None:
    """Write the synthetic files of children and caregivers for one country, or for all countries of a shared file.

    `caregivers`: None where none were interviewed, or where they are in the children's rows: then `children` has both.

    `population`: what draws a country's codebook frames (default: the synthetic population with the project's seed).
    """
    draw = population or drawing(project)
    drawn = {
        iso3: with_other_ages(*draw(iso3), project.countries[iso3], project.codebook) for iso3 in countries
    }
    parts = [both_in_row(project, iso3, *frames) for iso3, frames in drawn.items()]
    write_file(together(parts), Path(children))
    if caregivers is not None and not any(in_child_row(project.countries[iso3]) for iso3 in countries):
        parts = [raw(project, iso3, "caregivers", frames[1]) for iso3, frames in drawn.items()]
        write_file(together(parts), Path(caregivers))


def in_child_row(country: Country) -> bool:
    """Whether the rows of the country's file are children with their caregivers."""
    return country.caregivers is not None and country.caregivers.in_child_row


def both_in_row(project: Project, iso3: str, children: pd.DataFrame, caregivers: pd.DataFrame) -> Raw:
    """The children's table of one country, with the caregivers' columns where they are in the same rows."""
    made = raw(project, iso3, "children", children)
    if in_child_row(project.countries[iso3]):
        beside = raw(project, iso3, "caregivers", caregivers)
        made.columns |= {name: column for name, column in beside.columns.items() if name not in made.columns}
    layout, delivery = Layout(project.root), project.countries[iso3].children
    if layout.is_of(delivery):
        made.columns = layout.columns(made.columns, children, iso3, project.analysis.seed)
    return made


def drawing(project: Project) -> _Population:
    """What draws a country's synthetic population with the project's parameters and seed."""
    from disrupting_harm.synthetic.parameters import load_parameters
    from disrupting_harm.synthetic.population import population

    parameters = load_parameters(project.root)
    return lambda iso3: population(iso3, parameters, project.analysis.seed)


def together(parts: Sequence[Raw]) -> Raw:
    """Several countries in one table; they have the same columns."""
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.columns)
    frame = pd.concat([part.frame() for part in parts], ignore_index=True)
    return Raw(
        {name: frame[name] for name in names}, parts[0].labels, parts[0].value_labels, parts[0].missing
    )


# Ages that are delivered but not eligible


def with_other_ages(
    children: pd.DataFrame, caregivers: pd.DataFrame, country: Country, codebook: Codebook
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frames with rows of the ages that this country's file has besides the eligible ones.

    Each further age gets as many rows as an eligible age has on average. They are copies with other identifiers and
    without answers to the abuse module: they are there to be left out.
    """
    if country.delivered_ages is None:
        return children, caregivers
    first, last = country.eligibility.ages
    ages = [
        age
        for age in range(country.delivered_ages[0], country.delivered_ages[1] + 1)
        if not first <= age <= last
    ]
    count = len(ages) * len(children) // (last - first + 1)
    copied = np.arange(count) % len(children)
    young = children.iloc[copied].reset_index(drop=True)
    young["age"] = np.resize(ages, count)
    of_forms = [variable for variable in codebook.variables("children").values() if variable.form]
    module = [name for variable in of_forms for name in variable.columns if name in young]
    young[module] = young[module].mask(np.ones((count, len(module)), dtype=bool))
    adults = caregivers.iloc[np.arange(count) % len(caregivers)].reset_index(drop=True)
    numbers = pd.Series([f"-young-{number + 1:04d}" for number in range(count)])
    for frame, identifier in ((young, "child_id"), (adults, "caregiver_id")):
        frame[identifier] = frame[identifier].astype(str) + numbers
        frame["household_id"] = (
            young["household_id"].astype(str) + numbers if frame is young else young["household_id"]
        )
    return pd.concat([children, young], ignore_index=True), pd.concat([caregivers, adults], ignore_index=True)


# From codebook columns to raw columns


def raw(project: Project, iso3: str, table: str, frame: pd.DataFrame) -> Raw:
    """One country's codebook frame in the layout of its file."""
    country = project.countries[iso3]
    delivery: Delivery | None = getattr(country, table)
    if delivery is None:
        raise ValueError(f"{iso3} has no questionnaire for {table}")
    variables = project.codebook.variables(delivery.table)
    asked, seed = [variables[name] for name in delivery.in_file], project.analysis.seed
    known = with_void(with_unknown(frame, asked, iso3, seed), country, asked, seed)
    late = Layout(project.root).had_later_version(frame, iso3, seed)
    known = without_early(known, delivery.in_file.values(), late)
    made = Raw()
    if delivery.selector:
        made.columns[delivery.selector] = _constant(delivery.code or "", len(frame))
    for mapped in delivery.in_file.values():
        add(made, mapped, variables[mapped.name], project.codebook, known)
    for name in delivery.also_delivered:
        made.columns[name] = pd.Series(pd.NA, index=range(len(frame)), dtype="Int64")
    made.columns[MARK] = _constant("1", len(frame))
    made.labels[MARK] = LABEL
    return made


def _constant(code: str, rows: int) -> pd.Series:
    """A column with one code."""
    return _coded(pd.Series([code] * rows, dtype=object), [code])


def add(made: Raw, mapped: Mapped, variable: Variable, codebook: Codebook, frame: pd.DataFrame) -> None:
    """Add the raw columns of one variable."""
    if mapped.kind == "answers":
        _add_several_answers(made, mapped, variable, codebook, frame)
        return
    mapped = replace(mapped, column=mapped.column.removesuffix("*"))
    made.labels[mapped.column] = variable.question or variable.label
    if mapped.kind == "answer":
        made.columns[mapped.column] = one_answer(mapped, frame[mapped.name])
        labels = {**variable.values, **codebook.special, NOT_ASKED: "Not asked"}
        made.value_labels[mapped.column] = {code: labels[value] for code, value in mapped.values.items()}
        made.missing[mapped.column] = [
            code for code, value in mapped.values.items() if value not in variable.values
        ]
    elif mapped.interviewed:
        made.columns |= _dates(mapped, frame[mapped.name])
    elif mapped.kind == "number":
        made.columns[mapped.column] = number(mapped, frame[mapped.name])
        made.value_labels[mapped.column] = dict(mapped.values) | dict.fromkeys(mapped.missing, "No answer")
        made.missing[mapped.column] = list(mapped.missing)
    else:
        made.columns[mapped.column] = frame[mapped.name].astype("str")


def one_answer(mapped: Mapped, answers: pd.Series) -> pd.Series:
    """Codes of a one-answer variable."""
    codes = _inverse(mapped.values)
    skipped = codes.pop(NOT_ASKED, None)
    unknown = set(answers.dropna().unique()) - set(codes)
    if unknown:
        raise ValueError(
            f"{mapped.name}: the questionnaire has no code for {', '.join(sorted(map(str, unknown)))}"
        )
    places, values = pd.factorize(answers)
    possible = pd.Series([*(codes[value] for value in values), skipped], dtype=object)
    return pd.Series(_coded(possible, mapped.values).array.take(places))


def number(mapped: Mapped, values: pd.Series) -> pd.Series:
    """Numbers, or their codes; a missing number gets the first code for it, if there is one."""
    if mapped.values:
        codes = {float(value): code for value, code in _inverse(mapped.values).items()}
        return _coded(values.astype(float).map(codes).astype(object), mapped.values)
    numbers = values.astype(float)
    if mapped.missing:
        numbers = numbers.fillna(float(mapped.missing[0]))
    is_integer = numbers.dropna() % 1 == 0
    return numbers.astype("Int64") if is_integer.all() else numbers


def _dates(mapped: Mapped, ages: pd.Series) -> dict[str, pd.Series]:
    """A date of birth and one of the interview for each age."""
    code = mapped.missing[0] if mapped.missing else ""
    born = [code if pd.isna(age) else f"{2021 - int(age)}-03-01" for age in ages]
    interviewed = pd.Series(["2021-06-15"] * len(ages), dtype="str")
    return {mapped.column: pd.Series(born, dtype="str"), mapped.interviewed: interviewed}


def _add_several_answers(
    made: Raw, mapped: Mapped, variable: Variable, codebook: Codebook, frame: pd.DataFrame
) -> None:
    """Add the columns of a question with several answers, in the layout that the questionnaire says."""
    labels = {**variable.options, **codebook.special}
    form = f" ({codebook.forms[variable.form].label})" if variable.form else ""
    codes = {mapped.chosen: "Chosen", mapped.not_chosen: "Not chosen"} if mapped.options else mapped.listed
    codes = {code: labels.get(meaning, meaning) for code, meaning in {**codes, **mapped.values}.items()}
    for column, cells in several.columns(mapped, frame, labels).items():
        is_text = mapped.separator or mapped.chosen == FILLED
        made.columns[column] = cells.astype("str") if is_text else _coded(cells, codes)
        option = f": {labels[mapped.options[column]]}" if mapped.options else ""
        made.labels[column] = f"{variable.label}{option}{form}"
        if not is_text:
            made.value_labels[column] = codes


def _inverse(codes: Mapping[str, str]) -> dict[str, str]:
    """Codebook value -> its (first) code."""
    return {value: code for code, value in reversed(list(codes.items()))}


def _coded(codes: pd.Series, possible: Sequence[str] | Mapping[str, str]) -> pd.Series:
    """Codes as whole numbers where all possible ones are; otherwise as text. Empty cells stay empty."""
    if all(code.lstrip("-").isdigit() for code in possible):
        return pd.to_numeric(codes, errors="raise").astype("Int64").reset_index(drop=True)
    return codes.astype("str").reset_index(drop=True)


# Files


def write_file(table: Raw, path: Path) -> None:
    """Write a table as .csv or .sav for its owner alone, in one step: the file is complete or not there."""
    with owner_only(path), atomic_write(path) as unfinished:
        {".csv": _write_csv, ".sav": write_sav}[path.suffix](table, unfinished)


def _write_csv(table: Raw, path: Path) -> None:
    """Write a table as CSV: commas, UTF-8, empty cell for missing."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    frame = table.frame()
    with path.open("wb") as stream:
        header = ",".join(_quoted(name) for name in frame.columns)
        stream.write(f"{header}\n".encode())
        options = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
        arrow_csv.write_csv(pa.Table.from_pandas(frame, preserve_index=False), stream, options)


def _quoted(name: str) -> str:
    """A column's name as a CSV cell."""
    return f'"{name}"' if any(sign in name for sign in ',"\n') else name


def write_sav(table: Raw, path: Path) -> None:
    """Write a table as an SPSS file with labels of columns and codes, and user-missing codes."""
    import pyreadstat

    frame = table.frame()
    numeric = {str(name) for name in frame if pd.api.types.is_numeric_dtype(frame[name])}
    integers = {name for name in numeric if pd.api.types.is_integer_dtype(frame[name])}
    frame = frame.astype(dict.fromkeys(sorted(numeric), "float64"))
    value_labels: dict[str, Any] = {
        name: {_as_number(code, name in numeric): text for code, text in labels.items()}
        for name, labels in table.value_labels.items()
        if labels
    }
    missing: dict[str, Any] = {
        name: [_as_number(code, name in numeric) for code in codes]
        for name, codes in table.missing.items()
        if codes
    }
    pyreadstat.write_sav(
        frame,
        path,
        file_label=LABEL,
        note=LABEL,
        column_labels=dict(table.labels),
        variable_value_labels=value_labels,
        missing_ranges=missing,
        variable_format={name: "F8.0" if name in integers else "F12.6" for name in sorted(numeric)},
        variable_measure=dict.fromkeys(value_labels, "nominal"),
        row_compress=True,
    )
    _fix_creation(path)


def _as_number(code: str, numeric: bool) -> float | str:
    """A code as an SPSS value."""
    return float(code) if numeric else code


def _fix_creation(path: Path) -> None:
    """Put a fixed date and time in the header of an SPSS file."""
    with path.open("r+b") as stream:
        stream.seek(_SAV_CREATED_AT)
        stream.write(_SAV_CREATED)


__all__ = ["LABEL", "MARK", "raw", "write"]
