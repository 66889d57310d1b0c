"""HTML tables from pandas, Great Tables or Markdown: made accessible, and scrollable on a narrow screen."""

import re

_TABLE = re.compile(r"<table\b.*?</table>", re.S)
_FIGURE = r"(?:&[lg]t;|[<>])?[−+-]?\d[\d.,]*\s?%?"
_NUMBER = re.compile(rf"^\s*(?:[(\[]?{_FIGURE}(?:(?:–| to ){_FIGURE})?[)\]]?|NaN|&lt;NA&gt;|–|·|hidden)?\s*$")


def tidy_tables(html: str) -> str:
    """Give each table a scrolling frame that can be reached by keyboard, and align its numbers.

    Each heading says whether it is one of a column or of a row. Removes what pandas adds for notebooks (a scoped style,
    borders, an empty corner heading).
    """
    html = re.sub(r"<style scoped>.*?</style>\s*", "", html, flags=re.S)
    count = iter(range(1, 10_000))
    return _TABLE.sub(lambda match: _frame(match.group(0), next(count)), html)


def _frame(table: str, number: int) -> str:
    table = re.sub(r'\s(?:border="1"|style="text-align: right;")', "", table)
    # An empty heading says nothing to a screen reader; an empty cell is passed over.
    table = re.sub(r"<th([^>]*)>\s*(?:&nbsp;)?\s*</th>", r"<td\1></td>", table)
    table = _scoped(_align(table))
    caption = re.search(r"<caption[^>]*>(.*?)</caption>", table, flags=re.S)
    name = re.sub(r"<[^>]*>", "", caption.group(1)).strip() if caption else f"Table {number}"
    return f'<div class="table" role="group" aria-label="{name.replace(chr(34), "&quot;")}" tabindex="0">{table}</div>'


def _scoped(table: str) -> str:
    """Say of each heading what it is for, where it does not say so: without that, a screen reader has to guess."""
    end = table.find("</thead>")

    def mark(row: re.Match[str]) -> str:
        scope = ("row" if row.start() > end and "<td" in row[0] else "column")[:3]
        return re.sub(
            r"<th\b(?![^>]*\bscope=)([^>]*)>",
            lambda head: f'<th scope="{scope}{"group" if f"{scope}span=" in head[1] else ""}"{head[1]}>',
            row[0],
        )

    return re.sub(r"<tr\b[^>]*>.*?</tr>", mark, table, flags=re.S)


def _align(table: str) -> str:
    """Mark columns that hold numbers only; heads follow their columns. Tables with merged cells stay as they are."""
    rows = re.findall(r"<tr\b[^>]*>.*?</tr>", table, flags=re.S)
    cells = [re.findall(r"<t([hd])\b([^>]*)>(.*?)</t[hd]>", row, flags=re.S) for row in rows]
    if "span=" in table or len({len(row) for row in cells}) != 1:
        return table
    values = [[text for kind, _, text in column if kind == "d"] for column in zip(*cells, strict=True)]
    numeric = [any(v.strip() for v in column) and all(map(_NUMBER.match, column)) for column in values]

    def mark(row: re.Match[str]) -> str:
        is_numeric = iter(numeric)
        return re.sub(
            r"<t([hd]( scope=\"\w+\")?)>",
            lambda m: f'<t{m[1]} class="number">' if next(is_numeric) else m[0],
            row.group(0),
        )

    plain = not re.search(r"<t[hd] (?!scope=\"\w+\">)", table)
    return re.sub(r"<tr\b[^>]*>.*?</tr>", mark, table, flags=re.S) if plain else table
