"""Alpha-3 codes of countries and their names, from the Unicode locale data that Babel brings."""

from __future__ import annotations

from functools import cache

from disrupting_harm.config import nearest

_LENGTH = 3
_IN_USE = {"xkx": "XK"}
"""Codes that ISO 3166 leaves to its users and that the United Nations' agencies use, with Unicode's territory."""


@cache
def names() -> dict[str, str]:
    """Names of countries in English by their alpha-3 code in lower case."""
    from babel import Locale
    from babel.core import get_global

    english = Locale("en").territories
    aliases = get_global("territory_aliases")
    official = {
        code.lower(): english[territories[0]]
        for code, territories in aliases.items()
        if len(code) == _LENGTH and code.isalpha() and len(territories) == 1 and territories[0] in english
    }
    return official | {code: english[territory] for code, territory in _IN_USE.items()}


def guess(word: str) -> str:
    """The code that was probably meant: by a country's name, or by a code that resembles; "" if there is none."""
    by_name = {name: code for code, name in names().items()}
    name = nearest(word, by_name, cutoff=0.75)
    return by_name[name] if name else nearest(word, names())
