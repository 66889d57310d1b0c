"""The command that writes the file of a new country."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from disrupting_harm.commands.inspect import (
    Decimal,
    Encoding,
    Separator,
    Worksheet,
    read_options,
    say_left_out,
)

if TYPE_CHECKING:
    from disrupting_harm.new_country import Written

_Iso3 = Annotated[
    str, typer.Argument(help="ISO 3166 alpha-3 code in lower case, for instance srb.", show_default=False)
]
Children = Annotated[
    Path | None,
    typer.Option("--microdata", help="The delivered file of children, below data/.", show_default=False),
]
_Sheet = Annotated[
    Path | None,
    typer.Option(
        "--sheet",
        help="Write a mapping sheet (.xlsx) to fill in, in place of the country's file. Without --microdata: the sheet "
        "of a country that has a file.",
        show_default=False,
    ),
]
_FromSheet = Annotated[
    Path | None,
    typer.Option(
        "--from-sheet", help="Write the country's file that a mapping sheet stands for.", show_default=False
    ),
]
_Caregivers = Annotated[Path | None, typer.Option(help="The delivered file of caregivers, if there is one.")]
Name = Annotated[str | None, typer.Option(help="Name on pages. Default: the English name of the code.")]
Region = Annotated[str | None, typer.Option(help="Region, in words. Left to decide if not given.")]
Phase = Annotated[
    str | None, typer.Option(help="phase_one or phase_two. Default: that of the questionnaire.")
]
Questionnaire = Annotated[
    str | None, typer.Option(help="Questionnaire to start from. Default: the most similar one.")
]
_CaregiverQuestionnaire = Annotated[str | None, typer.Option(help="The same for the caregivers' file.")]
_Force = Annotated[
    bool,
    typer.Option("--force", help="Overwrite an existing file. Its entries about variables are lost."),
]


def new_country(
    iso3: _Iso3,
    microdata: Children = None,
    caregivers: _Caregivers = None,
    sheet: _Sheet = None,
    from_sheet: _FromSheet = None,
    name: Name = None,
    region: Region = None,
    phase: Phase = None,
    questionnaire: Questionnaire = None,
    caregiver_questionnaire: _CaregiverQuestionnaire = None,
    force: _Force = False,
    encoding: Encoding = None,
    separator: Separator = None,
    decimal: Decimal = None,
    worksheet: Worksheet = None,
) -> None:
    """Write the file of a new country: config/countries/ISO3.yaml, with what differs from its questionnaire.

    Columns and codes are matched with the codebook by names, labels and labels of values. What is not clear is not
    guessed: it is listed at the head of the file and in the output, for a person to decide. No answer of anyone is
    written.

    disrupting-harm new-country srb --microdata data/raw/srb/children.sav --region "Eastern Europe"

    disrupting-harm new-country srb --microdata data/raw/srb/children.sav --caregivers data/raw/srb/caregivers.sav

    disrupting-harm new-country srb --microdata data/raw/srb/children.csv --encoding windows-1250 --separator ";"

    disrupting-harm new-country srb --microdata data/raw/srb/children.sav --sheet srb.xlsx

    disrupting-harm new-country srb --from-sheet srb.xlsx
    """
    from disrupting_harm.config import load_readable_countries, printable
    from disrupting_harm.new_country import Wishes, with_sheet
    from disrupting_harm.new_country import new_country as write

    wishes = Wishes(name, region, phase, questionnaire, caregiver_questionnaire, force)
    options = read_options(encoding, separator, decimal, worksheet)
    project, left_out = load_readable_countries()
    say_left_out([file for file in left_out if Path(file).stem != iso3])
    if from_sheet is not None:
        written = with_sheet.read(project, iso3, from_sheet, force)
    elif sheet is not None and microdata is None:
        written = with_sheet.of_country(project, iso3, sheet, force)
    elif microdata is None:
        raise typer.BadParameter("name the delivered file (--microdata), or a mapping sheet (--from-sheet)")
    elif sheet is not None:
        written = with_sheet.propose(project, iso3, sheet, microdata, caregivers, wishes, options)
    else:
        written = write(project, iso3, microdata, caregivers, wishes, options)
    typer.echo(printable("\n".join(report(iso3, written, sheet))))


def report(iso3: str, written: Written, sheet: Path | None = None) -> list[str]:
    """What was written, what to decide, and the next steps. sheet: a mapping sheet, where that was written."""
    from disrupting_harm.new_country.inspection.report import SYNTHETIC, wrapped

    lines = [SYNTHETIC, ""] if written.is_synthetic else []
    lines += [f"Written: {written.file}"]
    if written.decisions:
        where = "marked in the sheet" if sheet else "also at the head of the file"
        lines += ["", f"A person must decide ({len(written.decisions)}, {where}):"]
        lines += wrapped([f"{number}. {text}" for number, text in enumerate(written.decisions, 1)], "  ")
    if written.problems:
        lines += ["", "Until this is decided, the configuration does not load, and nothing runs:"]
        lines += wrapped(written.problems, "  ")
    if sheet:
        lines += [
            "",
            "Next:",
            f"  1. Fill in {sheet} in Excel or LibreOffice, and save it",
            f"  2. disrupting-harm new-country {iso3} --from-sheet {sheet}",
            f"  3. disrupting-harm check {iso3} --sheet {sheet}",
        ]
        return lines
    lines += [
        "",
        "Next:",
        f"  1. Decide what is listed, in {written.file}",
        f"  2. disrupting-harm check {iso3}",
        f"  3. snakemake --config country={iso3}",
    ]
    return lines
