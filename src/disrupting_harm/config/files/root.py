"""Find the project's folder."""

from __future__ import annotations

from pathlib import Path

from disrupting_harm.config.files.problems import ConfigurationError, Problem

MARK = "config/config.yaml"


def find_root(start: Path | None = None) -> Path:
    """The nearest folder at or above `start` (default: the working directory) that holds config/config.yaml.

    Raises ConfigurationError if there is none.
    """
    start = Path(start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / MARK).is_file():
            return folder
    hint = "Run from inside the project's folder."
    raise ConfigurationError([Problem(MARK, what="was not found here or in any folder above", hint=hint)])
