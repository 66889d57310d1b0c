"""What a delivered file can get wrong, in words that an analyst can act on and that hold no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disrupting_harm.config.files.problems import printable

_MOST_TOLD = 12


@dataclass(frozen=True)
class Layout:
    """Rows of names (where there are two, they make a name together), and rows below them that are left out."""

    names_in_row: tuple[int, ...] | None = None
    skip_rows: tuple[int, ...] | None = None

    @property
    def settings(self) -> dict[str, int | list[int]]:
        """The settings in the configuration."""
        names, skipped = self.names_in_row or (), self.skip_rows or ()
        rows = {"names_in_row": names[0] if len(names) == 1 else [*names], "skip_rows": [*skipped]}
        return {key: value for key, value in rows.items() if value}

    @property
    def line(self) -> str:
        """The settings as one writes them."""
        return ", ".join(f"{key}: {value}" for key, value in self.settings.items())


class MicrodataError(Exception):
    """A delivered file cannot be used. `.findings` holds one line for each thing that is wrong; no answers.

    `.layout`: the settings with which it can be read, where it is only these that are missing.
    """

    def __init__(self, file: str, findings: str | Sequence[str], hint: str = "") -> None:
        self.file = file
        self.hint = hint
        self.layout: Layout | None = None
        self.findings = (findings,) if isinstance(findings, str) else tuple(findings)
        more = len(self.findings) - _MOST_TOLD
        shown = [*self.findings[:_MOST_TOLD], *([f"... and {more} more"] if more > 0 else [])]
        lines = [file, *(f"  {line}" for line in shown), *([f"      {hint}"] if hint else [])]
        super().__init__(printable("\n".join(lines)))


class UnreadableError(Exception):
    """Why a format cannot read a file: a text without answers, and a hint."""

    def __init__(self, what: str, hint: str = "") -> None:
        self.what, self.hint = what, hint
        super().__init__(what)
