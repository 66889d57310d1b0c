"""One delivered file of one country on its way to a table: the right file, the right rows, columns decoded, design."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config import Country, Delivery, Project
from disrupting_harm.config.entries.delivered import SYNTHETIC, DataFile, FileSettings
from disrupting_harm.delivered import formats, identical_rows, plausibility, strata
from disrupting_harm.delivered.decode import SPREADSHEET_ERROR, WEIGHTS, Decoder, is_absent
from disrupting_harm.delivered.formats import (
    Codes,
    ColumnsError,
    Microdata,
    MicrodataError,
    Module,
    ReadOptions,
)
from disrupting_harm.delivered.pinned_checksum import verify_checksum, verify_joined, written_in

_IDENTIFIERS = {"children": "child_id", "caregivers": "caregiver_id"}
HOUSEHOLD = "household_id"
"""Links a caregiver with a child."""

_NO_COLUMN = "has none of the {} columns that are mapped"
_NO_COLUMN_HINT = (
    "Is this the right file, and does its first line hold the column names? See `disrupting-harm inspect`;"
    " `questionnaire`, `separator` and `sheet` in the configuration may be wrong."
)
_ONE_ROW_PER_INTERVIEW = (
    "Ask the supplier for a clean export, with one row per interview: with copies, a share about three children passes"
    " as one about six. Only if the rows are different respondents, write in config/countries/{}.yaml:"
    "\n        accept_identical_rows: [{}]"
)
_ONE_CAREGIVER = (
    "A child is linked to one caregiver: keep that one in the file or by `where`, or list household_id under not_asked"
    " in config/countries/{}.yaml: children and caregivers are then not linked."
)
_SYNTHETIC_HINT = (
    f"Let its name begin with {SYNTHETIC}, so that every page made from it says so; or name no file, and the synthetic"
    " survey is used."
)


@dataclass
class Harmoniser:
    """One file of one country on its way to a table."""

    project: Project
    country: Country
    delivery: Delivery
    file: Path | None = None

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(self.file) if self.file else self.project.path(self.delivery.file)

    @cached_property
    def sha256(self) -> str:
        """The file's checksum. Raises MicrodataError where the configuration pins another one."""
        return verify_checksum(self.delivery, self.country.iso3, self.path)

    def check_file(self) -> None:
        """Raise MicrodataError where the file is not the pinned one."""
        if self.delivery.source.sha256:
            formats.check_place(self.path, self.delivery.file)
            _ = self.sha256
        verify_joined(self.delivery, self.country.iso3, [module.path for module in self.modules])

    @property
    def modules(self) -> list[Module]:
        """The files that are joined to this one."""
        return [
            Module(
                self.project.path(joined.file),
                joined.file,
                joined.by,
                joined.accept_unjoined,
                read_options(self.delivery.source, joined),
            )
            for joined in self.delivery.source.join
        ]

    def decoded(self) -> pd.DataFrame:
        """The table of everyone in the file, whatever their age, and with those without a weight."""
        self.check_file()
        self.raw, findings = self.read()
        self.stop_at_synthetic()
        self.places = np.flatnonzero(self.rows_of_country(findings))
        decoder = Decoder(self.raw, self.delivery, self.project.codebook, self.places)
        frame, of_part = self.asked_of_part(decoder.table())
        frame.attrs = {**self.attributes(), "asked_of_part": of_part}
        self.stop_at([*findings, *decoder.findings, *self.design_findings(frame)])
        if _is_one_row(self.country):
            frame.insert(1, HOUSEHOLD, pd.Series(self.places.astype(str), dtype="str"))
        self.first_row = self.raw.first_row
        del self.raw, decoder  # a large file is not to be in memory twice
        return frame

    def asked_of_part(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
        """The table without questions that nobody has an answer to and an early version left out; and the others."""
        known = self.project.codebook.variables(self.delivery.table)
        out: list[str] = []
        of_part: list[str] = []
        for mapped in self.delivery.variables.values():
            columns = [name for name in known[mapped.name].columns if name in frame]
            if mapped.asked_of_part and columns:
                nobody = frame[columns].isna().all(axis=None)
                out += columns if nobody else []
                of_part += [] if nobody else [mapped.name]
        return frame.drop(columns=out), of_part

    def read(self) -> tuple[Microdata, tuple[str, ...]]:
        """The raw columns that are mapped and can be read, and what is wrong with the others."""
        mapped = self.delivery.variables.values()
        wanted = [column for variable in mapped for column in variable.columns]
        wanted += [*filter(None, [self.delivery.selector]), *self.delivery.source.where]
        reading = partial(
            formats.read,
            self.path,
            name=self.delivery.file,
            text=[variable.column for variable in mapped if variable.is_text],
            may_be_absent=[
                formats.MARK,
                *(column for variable in mapped if variable.may_be_absent for column in variable.columns),
                *(
                    column
                    for variable in mapped
                    for columns in variable.needed
                    if len(columns) > 1
                    for column in columns
                ),
            ],
            find=self.delivery.find_columns,
            others=[*self.delivery.also_delivered, *self.delivery.not_read],
            options=read_options(self.delivery.source),
            modules=self.modules,
        )
        wanted = list(dict.fromkeys(wanted))
        try:
            raw = reading(wanted=[*wanted, formats.MARK])
            return raw, tuple(self.none_of_several(raw))
        except ColumnsError as error:
            if not error.columns:
                raise MicrodataError(
                    self.delivery.file, _NO_COLUMN.format(len(wanted)), _NO_COLUMN_HINT
                ) from None
            selecting = {self.delivery.selector, *self.delivery.source.where} - {None}
            if selecting - set(error.columns):
                self.stop_at(error.findings)
            raw = reading(wanted=error.columns)
            return raw, (*error.findings, *self.none_of_several(raw))

    def none_of_several(self, raw: Microdata) -> Iterator[str]:
        """What is wrong where the file has none of the columns of one special answer."""
        for mapped in self.delivery.variables.values():
            for columns in () if mapped.may_be_absent else mapped.needed:
                if len(columns) > 1 and not any(column in raw.frame for column in columns):
                    yield f"column {' or '.join(columns)} is not in the file"

    def stop_at_synthetic(self) -> None:
        """Raise if the file comes from the synthetic survey and its products would not be marked as such."""
        if formats.MARK in self.raw.frame and self.delivery.data == "delivered":
            what = f"comes from the synthetic survey (it has the column {formats.MARK}), but its name does not say so"
            raise MicrodataError(self.delivery.file, what, _SYNTHETIC_HINT)

    def attributes(self) -> dict[Hashable | None, Any]:
        """What is known about the table."""
        mapped = self.delivery.variables.values()
        return {
            "country": self.country.iso3,
            "data": self.delivery.data,
            "source": Path(self.delivery.file).name,
            "source_sha256": self.sha256,
            "rows_delivered": len(self.places),
            "excluded": {},
            "renamed_identifiers": 0,
            "identical_rows_accepted": False,
            "absent": [variable.name for variable in mapped if is_absent(variable, self.raw)],
            "not_usable": self.country.reasons_not_usable(
                self.project.codebook.variables(self.delivery.table)
            ),
        }

    def rows_of_country(self, findings: Sequence[str]) -> np.ndarray:
        """Where the file's rows are this country's and this table's."""
        rows = np.ones(len(self.raw.frame), dtype=bool)
        for column, wanted in self.conditions.items():
            codes = formats.coded(self.raw.frame[column])
            self.stop_at_errors(column, codes)
            meant = formats.meanings(codes.occurring(), dict.fromkeys(wanted, True))
            rows &= codes.holding({*meant})
        if not rows.any():
            self.stop_without_rows(findings)
        return rows

    def stop_at_errors(self, column: str, codes: Codes) -> None:
        """Raise where it is not known whose a row is, as a formula had no result."""
        errors = codes.holding(set(filter(formats.is_spreadsheet_error, codes.occurring())))
        if errors.any():
            rows = self.raw.rows(np.flatnonzero(errors))
            what = f"column {column} holds {SPREADSHEET_ERROR}, {rows}: whether it is meant is not known"
            raise MicrodataError(
                self.delivery.file, what, "Correct it in the spreadsheet, and export it again."
            )

    def stop_without_rows(self, findings: Sequence[str]) -> None:
        """Raise that no row of the file is meant, with everything else that was found."""
        conditions = " and ".join(
            f"{column} = {' or '.join(codes)}" for column, codes in self.conditions.items()
        )
        where, key = written_in(self.delivery, self.country.iso3)
        settings = {
            f"`code` in config/countries/{self.country.iso3}.yaml": self.delivery.selector,
            f"`where` in {where}, {key}": self.delivery.source.where,
        }
        hint = f"Correct {' or '.join(setting for setting, used in settings.items() if used)}."
        what = f"has no row with {conditions} ({self.country.name})"
        raise MicrodataError(self.delivery.file, [what, *findings], hint)

    @property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """Column -> codes of the rows that are meant."""
        selector, code = self.delivery.selector, self.delivery.code
        return ({selector: (code,)} if selector and code is not None else {}) | self.delivery.source.where

    def stop_at(self, findings: Sequence[str]) -> None:
        """Raise everything that was found, in one go."""
        if findings:
            hint = f"Correct config/questionnaires/{self.delivery.questionnaire}.yaml"
            hint += f" or, for this country alone, config/countries/{self.country.iso3}.yaml"
            hint += " (a question that was not asked: `not_asked` there)."
            raise MicrodataError(self.delivery.file, findings, hint)

    # The design

    def design_findings(self, frame: pd.DataFrame) -> Iterator[str]:
        """Rows with a weight whose stratum or cluster is empty; no weight at all; merged strata that do not occur."""
        if "weight" not in frame:
            return
        weighted = (frame["weight"] > 0).to_numpy()
        if not weighted.any():
            column = self.delivery.variables["weight"].column
            yield f"column {column} holds no weight for {self.country.name}"
        for name in () if self.country.design.weights_only else strata.DESIGN:
            empty = weighted & frame[name].isna().to_numpy() if name in frame else ~weighted & weighted
            if empty.any():
                column, rows = self.delivery.variables[name].column, self.places[empty]
                hint = f"complete it, or set design.weights_only: true in config/countries/{self.country.iso3}.yaml"
                yield f"column {column} ({name}) is empty in {self.raw.rows(rows)}: {hint}"
        for stratum, close in strata.unknown(frame, self.country.design):
            column = self.delivery.variables["stratum"].column
            guess = f"; did you mean {close}?" if close else ""
            yield f"column {column} (stratum) has no {stratum}, which design.merge_strata names{guess}"
        yield from self.singleton_strata(frame, weighted)
        yield from self.unlikely_weights(frame)
        yield from self.unlikely_design(frame, weighted)

    def unlikely_weights(self, frame: pd.DataFrame) -> Iterator[str]:
        """Weights that look like a code for "no weight", unless the country's file accepts them."""
        for name in WEIGHTS if not self.country.design.accept_round_weights else ():
            if name in frame:
                rows = self.places[plausibility.like_codes(frame[name].to_numpy())]
                if len(rows):
                    yield (
                        f"column {self.delivery.variables[name].column} ({name}) holds round numbers far above all"
                        f" other weights, {self.raw.rows(rows)}: list them under `missing` of {name} where they mean"
                        " that there is no weight, or set design.accept_round_weights: true in"
                        f" config/countries/{self.country.iso3}.yaml where they are weights"
                    )

    def unlikely_design(self, frame: pd.DataFrame, weighted: np.ndarray) -> Iterator[str]:
        """Sampling units that are no clusters, or written in two ways; a design that is delivered and not used."""
        file, columns = f"config/countries/{self.country.iso3}.yaml", self.delivery.variables
        delivered = [
            name for name in strata.DESIGN if name in frame and frame.loc[weighted, name].notna().all()
        ]
        is_identifier = "psu" in delivered and plausibility.is_one_per_unit(frame.loc[weighted, "psu"])
        if self.country.design.weights_only:
            if "psu" in delivered and not is_identifier:
                yield (
                    f"column {columns['psu'].column} (psu) is complete, but design.weights_only in {file} leaves it"
                    " out: take out weights_only, or list psu under not_asked there"
                )
            return
        for name, rows in plausibility.spelled_twice(frame.loc[weighted, delivered]):
            yield (
                f"column {columns[name].column} ({name}) writes one number in two ways, as in 1 and 01,"
                f" {self.raw.rows(self.places[weighted][rows])}: correct one of them in the file"
            )
        if is_identifier:
            yield (
                f"column {columns['psu'].column} (psu) is different for every respondent, as an identifier is: map the"
                f" column of sampling units, or set design.weights_only: true in {file} if the file has none"
            )

    def singleton_strata(self, frame: pd.DataFrame, weighted: np.ndarray) -> Iterator[str]:
        """Strata of which a single cluster counts, where the country's settings do not treat them."""
        design = self.country.design
        if design.weights_only or design.singleton_psu != "fail" or not {*strata.DESIGN} <= set(frame):
            return
        counted = weighted
        if self.delivery.table == "children" and "age" in frame:
            counted = weighted & frame["age"].floordiv(1).between(*self.country.eligibility.ages).to_numpy()
        rows = self.places[counted][strata.singletons(frame.loc[counted, [*strata.DESIGN]], design)]
        if len(rows):
            stratum, psu = (self.delivery.variables[name].column for name in strata.DESIGN)
            yield (
                f"column {stratum} (stratum): the stratum has a single sampling unit (column {psu}) in"
                f" {self.raw.rows(rows)}, so no variance can be estimated: merge the stratum with another under"
                f" design.merge_strata, or choose design.singleton_psu, in config/countries/{self.country.iso3}.yaml"
            )

    def finished(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Of the eligible rows, those with a weight, their identifiers and design columns made unique."""
        attrs = frame.attrs
        weightless = ~(frame["weight"] > 0)
        frame = frame[~weightless].reset_index(drop=True)
        frame.attrs = attrs
        count_excluded(frame, "no weight", weightless)
        identifier = _IDENTIFIERS[self.delivery.table]
        if identifier not in frame:
            frame.insert(
                0, identifier, pd.Series([f"row-{row + 1}" for row in range(len(frame))], dtype="str")
            )
        frame[identifier], frame.attrs["renamed_identifiers"] = _unique_identifiers(frame[identifier])
        if self.country.design.weights_only:
            return frame.drop(columns=[name for name in strata.DESIGN if name in frame])
        return strata.nest(strata.merge(frame, self.country.design), self.country.iso3)

    def stop_at_two_in_a_household(self, frame: pd.DataFrame) -> None:
        """Raise where two of the caregivers that are analysed name the same household: which is the child's?

        frame: rows as `decoded` gives them, or some of these with their index.
        """
        counted = frame.loc[frame["weight"] > 0, HOUSEHOLD].dropna()
        twice = counted[counted.duplicated(keep=False)]
        if len(twice):
            column = self.delivery.variables[HOUSEHOLD].column
            rows = formats.row_numbers(self.places[twice.index], self.first_row)
            what = f"column {column} ({HOUSEHOLD}) names the same household for two caregivers, {rows}"
            raise MicrodataError(self.delivery.file, what, _ONE_CAREGIVER.format(self.country.iso3))

    # Interviews that occur twice

    def stop_at_copies(self, frame: pd.DataFrame) -> None:
        """Raise where more rows are identical than chance explains, unless the country's file accepts it.

        frame: the rows that are analysed; its attrs["identical_rows_accepted"] is where it was accepted.
        """
        sizes = identical_rows.set_sizes(frame[column] for column in self.answer_columns(frame))
        if not identical_rows.beyond_chance(sizes):
            return
        if self.delivery.table in self.country.accept_identical_rows:
            frame.attrs["identical_rows_accepted"] = True
            return
        share = identical_rows.number_of_repeats(sizes) / len(frame)
        what = (
            f"about {round(20 * share) * 5}% of the rows of {self.delivery.table} for {self.country.name} repeat"
            " another row in every answer: interviews occur more than once"
        )
        raise MicrodataError(
            self.delivery.file, what, _ONE_ROW_PER_INTERVIEW.format(self.country.iso3, self.delivery.table)
        )

    def answer_columns(self, frame: pd.DataFrame) -> list[str]:
        """The columns of a table that hold answers: all but identifiers, strata, sampling units and weights."""
        variables = self.project.codebook.variables(self.delivery.table).values()
        answers = [
            variable
            for variable in variables
            if variable.kind != "identifier" and variable.name not in WEIGHTS
        ]
        return [column for variable in answers for column in variable.columns if column in frame]


def _is_one_row(country: Country) -> bool:
    """Whether child and caregiver share one row of one file, without a key that links them."""
    children, caregivers = country.children, country.caregivers
    if children.in_child_row:
        return True
    return (
        caregivers is not None
        and (children.file, children.source.where) == (caregivers.file, caregivers.source.where)
        and not any(HOUSEHOLD in table.variables for table in (children, caregivers))
    )


def read_options(source: DataFile, joined: FileSettings | None = None) -> ReadOptions:
    """The configuration's options for reading a file, or one that is joined to it; some hold for both."""
    options = {option.name: getattr(source, option.name) for option in fields(ReadOptions)}
    of_joined = {name: getattr(joined, name) for name in options if hasattr(joined, name)} if joined else {}
    return ReadOptions(**options | of_joined)


def _unique_identifiers(identifiers: pd.Series) -> tuple[pd.Series, int]:
    """Identifiers, with new names for duplicates (and empty ones), and how many were renamed."""
    taken = set(identifiers.dropna())
    seen: set[str] = set()
    result = []
    for index, value in enumerate(identifiers):
        name = value
        if pd.isna(value) or value in seen:
            number = 2
            stem = f"row-{index + 1}" if pd.isna(value) else value
            while (name := f"{stem}-{number}") in taken:
                number += 1
            taken.add(name)
        seen.add(name)
        result.append(name)
    renamed = sum(new != old for new, old in zip(result, identifiers, strict=True))
    return pd.Series(result, dtype="str"), renamed


def count_excluded(frame: pd.DataFrame, reason: str, excluded: pd.Series | np.ndarray) -> None:
    """Note how many rows were left out for a reason, if any."""
    count = int(np.sum(excluded))
    if count:
        frame.attrs["excluded"] = {**frame.attrs["excluded"], reason: count}
