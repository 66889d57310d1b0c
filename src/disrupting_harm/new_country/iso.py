"""ISO 3166 codes of countries and their names, from the Unicode locale data that Babel brings."""

from __future__ import annotations

from functools import cache

from disrupting_harm.config import nearest

_LENGTH = 3


@cache
def names() -> dict[str, str]:
    """Names of countries in English by their alpha-3 code in lower case."""
    from babel import Locale
    from babel.core import get_global

    english = Locale("en").territories
    aliases = get_global("territory_aliases")
    return {
        code.lower(): english[territories[0]]
        for code, territories in aliases.items()
        if len(code) == _LENGTH and code.isalpha() and len(territories) == 1 and territories[0] in english
    }


def guess(word: str) -> str:
    """The code that was probably meant: by a country's name, or by a code that resembles; "" if there is none."""
    by_name = {name: code for code, name in names().items()}
    name = nearest(word, by_name, cutoff=0.75)
    return by_name[name] if name else nearest(word, names())
