"""Reproducible insights from the Disrupting Harm surveys.

`from disrupting_harm import Insight, Comparison` is what notebooks use; `from disrupting_harm import survey` is the
estimation core and `from disrupting_harm import microdata` what reads delivered files, both usable on any survey.
What is offered here loads on first use, so that commands start at once.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False  # `typing` is a third of what a command imports before it asks the warm process
if TYPE_CHECKING:
    from typing import Any

    from disrupting_harm.delivered import formats as microdata
    from disrupting_harm.insights.comparison import Comparison
    from disrupting_harm.insights.one_country import Insight
    from disrupting_harm.insights.published import Published
    from disrupting_harm.insights.radar import Radar

__all__ = ["Comparison", "Insight", "Published", "Radar", "microdata"]

MODULES = {"Comparison": "comparison", "Insight": "one_country", "Published": "published", "Radar": "radar"}
"""Where each class is, below `insights`."""

IMPORTED = time.time()
"""When this process imported the library: a file that was changed later holds other code than what runs."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from disrupting_harm.running.core_dumps import switch_off

    switch_off()  # here begins what reads rows of respondents, in a notebook that a person runs too
    if name == "microdata":
        return import_module(f"{__name__}.delivered.formats")
    return getattr(import_module(f"{__name__}.insights.{MODULES[name]}"), name)
