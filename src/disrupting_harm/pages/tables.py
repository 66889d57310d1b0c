"""HTML tables from pandas, Great Tables or Markdown: made accessible, and scrollable on a narrow screen."""

import re

TABLE = re.compile(r"<table\b.*?</table>", re.S)
NUMBER = re.compile(r"^\s*(?:[(\[]?[<>]?[−+-]?[\d.,]+\s?%?[)\]]?|NaN|<NA>|–|·|&lt;[\d.]+%?)\s*$")


def tidy_tables(html: str) -> str:
    """Give each table a scrolling frame that can be reached by keyboard, and align its numbers.

    Removes what pandas adds for notebooks (a scoped style, borders, an empty corner heading).
    """
    html = re.sub(r"<style scoped>.*?</style>\s*", "", html, flags=re.S)
    count = iter(range(1, 10_000))
    return TABLE.sub(lambda match: _frame(match.group(0), next(count)), html)


def _frame(table: str, number: int) -> str:
    table = re.sub(r'\s(?:border="1"|style="text-align: right;")', "", table)
    # An empty heading says nothing to a screen reader; an empty cell is passed over.
    table = re.sub(r"<th([^>]*)>\s*(?:&nbsp;)?\s*</th>", r"<td\1></td>", table)
    table = re.sub(r"<td>(.*?)</td>", _align, table, flags=re.S)
    caption = re.search(r"<caption[^>]*>(.*?)</caption>", table, flags=re.S)
    name = re.sub(r"<[^>]*>", "", caption.group(1)).strip() if caption else f"Table {number}"
    return f'<div class="table" role="group" aria-label="{name.replace(chr(34), "&quot;")}" tabindex="0">{table}</div>'


def _align(match: re.Match) -> str:
    return f'<td class="number">{match.group(1)}</td>' if NUMBER.match(match.group(1)) else match.group(0)
