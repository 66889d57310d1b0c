"""The command that keeps results up to date while someone edits."""

from __future__ import annotations

from typing import Annotated

import typer

Country = Annotated[str, typer.Argument(help="As after `country=`: all, ken, Kenya, phase_two, ken,uga ...")]
_Port = Annotated[
    int, typer.Option(min=0, max=65535, help="Of the pages, at 127.0.0.1; 0 takes one that is free.")
]


def watch(country: Country = "all", port: _Port = 8000) -> None:
    """Run the workflow again whenever a source is saved, and reload the open page in the browser.

    disrupting-harm watch ken
    """
    from disrupting_harm import config
    from disrupting_harm.running import plan
    from disrupting_harm.running.watch import follow

    root = config.find_root()
    plan.use_checkout(root)
    follow(root, country, port, typer.echo)
