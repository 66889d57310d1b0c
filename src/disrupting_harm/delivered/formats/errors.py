"""What a delivered file can get wrong, in words that an analyst can act on and that hold no answer."""

from __future__ import annotations

from collections.abc import Sequence

from disrupting_harm.config.files.problems import printable

_MOST_TOLD = 12


class MicrodataError(Exception):
    """A delivered file cannot be used. `.findings` holds one line for each thing that is wrong; no answers."""

    def __init__(self, file: str, findings: str | Sequence[str], hint: str = "") -> None:
        self.file = file
        self.hint = hint
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
