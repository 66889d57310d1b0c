"""The command that says what is in a delivered file."""

from __future__ import annotations

import pydoc
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from disrupting_harm.delivered.formats import ReadOptions

File = Annotated[
    Path,
    typer.Argument(
        help="The delivered file: text (.csv .tsv .txt), SPSS (.sav .zsav .por), Stata, SAS, Parquet or Excel.",
        show_default=False,
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="NAME", help="Only this column, in full. May be given several times."),
]
_Everything = Annotated[
    bool, typer.Option("--all", help="Each column by itself, including all that were not matched.")
]
Encoding = Annotated[
    str | None,
    typer.Option(
        help="Encoding of a text file, for instance windows-1250, or of an SPSS or Stata file that declares the"
        " wrong one. Detected if not given."
    ),
]
Separator = Annotated[
    str | None,
    typer.Option(help='Between the columns of a text file: "," ";" tab or "|". Detected if not given.'),
]
Decimal = Annotated[
    str | None, typer.Option(help='The sign in 0.5, in a text file: "." or ",". Detected if not given.')
]
Worksheet = Annotated[
    str | None,
    typer.Option("--worksheet", help="Sheet of an Excel file that holds the answers, where it has several."),
]
Table = Annotated[
    Literal["children", "caregivers"] | None,
    typer.Option(help="Whose answers it holds. The better match if not given."),
]


def inspect(
    file: File,
    column: Names = None,
    everything: _Everything = False,
    table: Table = None,
    encoding: Encoding = None,
    separator: Separator = None,
    decimal: Decimal = None,
    sheet: Worksheet = None,
) -> None:
    """Say what is in a delivered file: columns, labels, codes, and likely matches with the codebook.

    The first thing to do with a file that nobody has read here yet. Nothing is written. Of the answers only shares are
    shown that could be published: none of identifiers, texts and rare answers, none of questions about abuse.

    disrupting-harm inspect data/raw/srb/children.sav

    disrupting-harm inspect data/raw/srb/children.sav --column P12_a --column P13_1_a

    disrupting-harm inspect children.csv --encoding windows-1250 --separator ";" --decimal ","

    disrupting-harm inspect children.sav --all | less
    """
    from disrupting_harm.config import load_readable_countries
    from disrupting_harm.new_country.inspection import inspect as look
    from disrupting_harm.new_country.inspection import report

    project, left_out = load_readable_countries()
    say_left_out(left_out)
    looked = look(project, file, read_options(encoding, separator, decimal, sheet), str(file), table)
    _check_names(column or [], list(looked.description.columns))
    text = report(looked, project, column or [], everything)
    if sys.stdout.isatty() and text.count("\n") > shutil.get_terminal_size().lines:
        pydoc.pager(text)
    else:
        typer.echo(text, nl=False)


def say_left_out(files: list[str]) -> None:
    """Say which countries' files cannot be used as they are: the others are enough to look at microdata."""
    if files:
        typer.echo(
            f"Not used, as `disrupting-harm check` finds problems in them: {', '.join(files)}", err=True
        )


def read_options(
    encoding: str | None, separator: str | None, decimal: str | None, sheet: str | None
) -> ReadOptions:
    """How a file is to be read, from the options; each is checked as in a country's file."""
    from disrupting_harm.delivered.formats import ReadOptions

    allowed = {"--separator": (separator, (",", ";", "tab", "|")), "--decimal": (decimal, (".", ","))}
    for option, (value, known) in allowed.items():
        if value is not None and value.replace("\t", "tab") not in known:
            raise typer.BadParameter(f"{option} is one of: {'  '.join(known)}")
    _check_encoding(encoding)
    return ReadOptions(encoding, separator, decimal, sheet)


def _check_encoding(encoding: str | None) -> None:
    """Stop at an encoding that does not exist."""
    import codecs

    from disrupting_harm.config import nearest
    from disrupting_harm.config.entries.delivered import ENCODINGS

    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError:
        close = nearest(str(encoding), ENCODINGS)
        raise typer.BadParameter(
            f"--encoding {encoding} is no encoding; "
            + (f"did you mean {close}?" if close else "for instance windows-1252")
        ) from None


def _check_names(names: list[str], columns: list[str]) -> None:
    """Stop at a name that is no column, with the nearest one."""
    from disrupting_harm.config import did_you_mean, printable

    for name in names:
        if name not in columns:
            guess = did_you_mean(name, columns)
            raise typer.BadParameter(printable(f"--column {name}: the file has no such column{guess}"))
