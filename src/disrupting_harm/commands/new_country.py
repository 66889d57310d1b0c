"""The command that writes the file of a new country."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from disrupting_harm.commands.inspect import Decimal, Encoding, Separator, Sheet, read_options, say_left_out

if TYPE_CHECKING:
    from disrupting_harm.new_country import Written

_Iso3 = Annotated[
    str, typer.Argument(help="ISO 3166 alpha-3 code in lower case, for instance srb.", show_default=False)
]
Children = Annotated[
    Path,
    typer.Option("--microdata", help="The delivered file of children, below data/.", show_default=False),
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
    microdata: Children,
    caregivers: _Caregivers = None,
    name: Name = None,
    region: Region = None,
    phase: Phase = None,
    questionnaire: Questionnaire = None,
    caregiver_questionnaire: _CaregiverQuestionnaire = None,
    force: _Force = False,
    encoding: Encoding = None,
    separator: Separator = None,
    decimal: Decimal = None,
    sheet: Sheet = None,
) -> None:
    """Write the file of a new country: config/countries/ISO3.yaml, with what differs from its questionnaire.

    Columns and codes are matched with the codebook by names, labels and labels of values. What is not clear is not
    guessed: it is listed at the head of the file and in the output, for a person to decide. No answer of anyone is
    written.

    disrupting-harm new-country srb --microdata data/raw/srb/children.sav --region "Eastern Europe"

    disrupting-harm new-country srb --microdata data/raw/srb/children.sav --caregivers data/raw/srb/caregivers.sav

    disrupting-harm new-country srb --microdata data/raw/srb/children.csv --encoding windows-1250 --separator ";"
    """
    from disrupting_harm.config import load_readable_countries, printable
    from disrupting_harm.new_country import Wishes
    from disrupting_harm.new_country import new_country as write

    wishes = Wishes(name, region, phase, questionnaire, caregiver_questionnaire, force)
    options = read_options(encoding, separator, decimal, sheet)
    project, left_out = load_readable_countries()
    say_left_out([file for file in left_out if Path(file).stem != iso3])
    written = write(project, iso3, microdata, caregivers, wishes, options)
    typer.echo(printable("\n".join(report(iso3, written))))


def report(iso3: str, written: Written) -> list[str]:
    """What was written, what to decide, and the next steps."""
    from disrupting_harm.new_country.inspection.report import SYNTHETIC, wrapped

    lines = [SYNTHETIC, ""] if written.is_synthetic else []
    lines += [f"Written: {written.file}"]
    if written.decisions:
        lines += ["", f"A person must decide ({len(written.decisions)}, also at the head of the file):"]
        lines += wrapped([f"{number}. {text}" for number, text in enumerate(written.decisions, 1)], "  ")
    if written.problems:
        lines += ["", "Until this is decided, the configuration does not load, and nothing runs:"]
        lines += wrapped(written.problems, "  ")
    lines += [
        "",
        "Next:",
        f"  1. Decide what is listed, in {written.file}",
        f"  2. disrupting-harm check {iso3}",
        f"  3. snakemake --config country={iso3}",
    ]
    return lines
