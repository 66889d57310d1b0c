"""Reproducible insights from the Disrupting Harm surveys.

`from disrupting_harm import Insight, Comparison` is what notebooks use; `from disrupting_harm import survey` is the
estimation core, usable on any survey. Both load on first use, so that commands start at once.
"""

from __future__ import annotations

import builtins
import time

TYPE_CHECKING = False  # `typing` is a third of what a command imports before it asks the warm process
if TYPE_CHECKING:
    from typing import Any

    from disrupting_harm.comparison import Comparison
    from disrupting_harm.insight import Insight
    from disrupting_harm.published import Published

__all__ = ["Comparison", "Insight", "Published"]

IMPORTED = time.time()
"""When this process imported the library: a file that was changed later holds other code than what runs."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from disrupting_harm.core_dumps import switch_off

    switch_off()  # here begins what reads rows of respondents, in a notebook that a person runs too
    if hasattr(builtins, "__IPYTHON__"):
        import pandas as pd

        # A notebook makes hundreds of small tables, which cost a fifth less with Python's strings than with Arrow's.
        pd.set_option("mode.string_storage", "python")
    return getattr(import_module(f"{__name__}.{name.lower()}"), name)
