"""All commands: `disrupting-harm COMMAND`, or `python -m disrupting_harm COMMAND`.

A command is a function of `commands`; here it gets its place in the help. Each imports what it needs in its body, so
that all start fast.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import typer

from disrupting_harm.commands import check, diff, inspect, new_country, products, reference, watch
from disrupting_harm.running import core_dumps

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Insights from the Disrupting Harm surveys.",
)

for command in (
    products.synthesise,
    products.harmonise,
    products.quality,
    products.suppress,
    products.insight,
    products.audit,
    products.comparison,
    products.workbook,
    products.site,
):
    app.command(rich_help_panel="Called by the workflow's rules")(command)

app.command(rich_help_panel="For analysts and country teams")(inspect.inspect)
app.command(rich_help_panel="For analysts and country teams")(new_country.new_country)
app.command(rich_help_panel="For analysts and country teams")(check.check)
app.command(rich_help_panel="For analysts and country teams")(diff.diff)
app.command(rich_help_panel="For analysts and country teams")(reference.reference)
app.command(rich_help_panel="For analysts and country teams")(watch.watch)


def main() -> None:
    """Run a command. Errors of the library are printed; of any other error, only where it happened.

    The messages of errors and warnings that are not ours may contain an answer: they do not go to logs and terminals.
    """
    from disrupting_harm.config import printable

    core_dumps.switch_off()
    # jsonschema, which papermill and nbconvert bring along, would compile a grammar of internet addresses: 1.4 s at
    # each start, for a check that no notebook needs. It does without where the grammar cannot be imported, and None
    # in sys.modules is Python's documented way to say so.
    sys.modules.setdefault("rfc3987_syntax", None)  # pyrefly: ignore[no-matching-overload]  # None blocks an import
    warnings.formatwarning = warned
    try:
        app()
    except Exception as error:  # noqa: BLE001
        is_ours = type(error).__module__.partition(".")[0] == __package__
        print(printable(str(error) if is_ours else _unforeseen(error)), file=sys.stderr)  # noqa: T201
        sys.exit(1)


def _unforeseen(error: Exception) -> str:
    """What may be said about an error that is not ours."""
    from disrupting_harm.config import ConfigurationError, find_root
    from disrupting_harm.files.private import keep_words

    try:
        root = find_root()
    except ConfigurationError:
        root = None
    words = [word for word in sys.argv[1:3] if word.replace("_", "").replace("-", "").isalnum()]
    return keep_words(error, root, "-".join(words) or "command")


def warned(message: object, category: type, filename: str, lineno: int, line: str | None = None) -> str:  # noqa: ARG001
    """A warning as far as it may be said: kind and place."""
    return f"{'/'.join(Path(filename).parts[-2:])}, line {lineno}: {category.__name__}\n"
