"""Reads every product of a run for digits beyond the rounding; knows nothing of how they were made.

The rules are typed here: 0.1 point, bases in fives, two digits of errors and p-values, three of numbers of children.
"""

import json
import re
from fractions import Fraction
from html import unescape

import pandas as pd
from python_calamine import CalamineWorkbook

POINT, BASE, COARSE_BASE = Fraction(1, 1000), 5, 10
NEVER = {"df", "deff", "n_base_weighted", "share_first", "share_second", "coarse"}
STEPS = {Fraction(1, 1000), Fraction(1, 100), Fraction(1, 10), Fraction(1)}
SHARES = ("proportion", "risk_difference")
OF_ESTIMATES = ("estimate", "ci_low", "ci_high")
PER_CENT = re.compile(r"\d\.\d{2,} ?(?:%|per cent|points)(?!;)")
BASE_IN_WORDS = re.compile(r"\bof (\d[\d,]*) (?:internet-using )?(?:children|caregivers|respondents)")
TABLE, ROW, CELL = (re.compile(rf"<{tag}\b[^>]*>(.*?)</{tag}>", re.S) for tag in ("table", "tr", "t[hd]"))
OUTSIDE = re.compile(r"<(style|script)\b.*?</\1>", re.S)


def digits(text):
    """How many significant digits a number has as it is written."""
    mantissa = re.sub(r"[eE].*", "", text.strip().lstrip("-+<−")).replace(",", "")
    plain = mantissa.replace(".", "").lstrip("0")
    return len(plain.rstrip("0")) if plain else 0


def wrong(results):
    """File and what is wrong, for every product below a results folder."""
    for path in sorted(results.rglob("*")):
        if path.is_file():
            for what in KINDS.get(path.suffix, lambda _: ())(path):
                yield f"{path.relative_to(results)}: {what}"


def of_csv(path):
    """A table."""
    yield from of_table(pd.read_csv(path, dtype=str, keep_default_na=False))


def of_table(rows):
    """Columns that are not published, and numbers that are no multiples."""
    if not {"indicator", "estimate", "status"} <= set(rows):
        return
    if NEVER & set(rows):
        yield f"columns {sorted(NEVER & set(rows))}"
        return
    for line, row in enumerate(rows.to_dict("records"), 2):
        for what in of_row(row):
            yield f"line {line}: {what}"


def of_row(row):
    """What is wrong with one estimate."""
    if row["status"] not in ("shown", "low_n"):
        if any(row.get(name, "") for name in (*OF_ESTIMATES, "se", "n", "rounded_to")):
            yield "a number of a hidden row"
        return
    step = Fraction(row["rounded_to"])
    if step not in STEPS or (row.get("measure") in SHARES and step > 10 * POINT):
        yield "another step"
    for name in OF_ESTIMATES:
        if row[name] not in ("", "inf") and Fraction(row[name]) % step:
            yield f"{name} {row[name]}"
    base = COARSE_BASE if row.get("measure") in SHARES and step == 10 * POINT else BASE
    if row["n"] and Fraction(row["n"]) % base:
        yield f"n {row['n']}"
    if row["se"] and digits(row["se"].removesuffix(".0")) > 2:
        yield f"se {row['se']}"
    if row.get("measure") == "count" and digits(row["estimate"].removesuffix(".0")) > 3:
        yield f"count {row['estimate']}"


def of_workbook(path):
    """Every sheet of a workbook."""
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        cells = book.get_sheet_by_name(name).to_python()
        heads = [position for position, row in enumerate(cells[:2]) if "estimate" in row]
        if heads:
            body = [[as_text(cell) for cell in row] for row in cells[heads[0] :]]
            rows = pd.DataFrame(body[1:], columns=body[0])
            hidden = ~rows["status"].isin(["shown", "low_n"])
            rows.loc[hidden, "estimate"] = ""
            for what in of_table(rows):
                yield f"sheet {name}, {what}"


def as_text(cell):
    """A cell as a CSV has it."""
    return repr(cell) if isinstance(cell, float) else str(cell)


def of_text(path):
    """Words of a page, a figure, a notebook, a record or the search."""
    text = path.read_text(encoding="utf-8")
    parts = [text]
    if path.suffix == ".ipynb":
        outputs = [out for cell in json.loads(text)["cells"] for out in cell.get("outputs", [])]
        parts = ["".join(text) for out in outputs for text in out.get("data", {}).values()]
        parts += [
            metadata.get("alt", "")
            for out in outputs
            for metadata in out.get("metadata", {}).values()
            if isinstance(metadata, dict)
        ]
    for part in parts:
        yield from of_words(unescape(OUTSIDE.sub("", part)))


def of_words(text):
    """Per cents of more than one decimal, and bases in words and in tables that are no multiples."""
    yield from (f"per cent {match[0]}" for match in PER_CENT.finditer(text))
    for match in BASE_IN_WORDS.finditer(text):
        if int(match[1].replace(",", "")) % BASE:
            yield f"base {match[0]}"
    for table in TABLE.findall(text):
        head, *body = [
            [re.sub(r"<[^>]+>", "", cell).strip() for cell in CELL.findall(row)] for row in ROW.findall(table)
        ] or [[]]
        for column, title in enumerate(head):
            for cell in (row[column] for row in body if len(row) == len(head)):
                yield from (
                    f"{title}: {cell}" for _ in [0] if cell and CELLS.get(title, lambda _: False)(cell)
                )


def is_true_base(cell):
    """A base that is no multiple."""
    number = cell.strip("()").replace(",", "")
    return number.isdecimal() and int(number) % BASE != 0


def has_too_many_digits(cell):
    """A number with more than two decimals."""
    return bool(re.search(r"\d\.\d{3,}", cell))


CELLS = {
    "Base (n)": is_true_base,
    "Largest base (n)": is_true_base,
    **dict.fromkeys(
        ["Estimate", "Interval", "Standard error", "Difference", "Ratio", "Computed", "Random-effects mean"],
        has_too_many_digits,
    ),
    "p, adjusted": lambda cell: digits(cell) > 2,
    "Design effect": bool,
}
KINDS = {
    ".csv": of_csv,
    ".xlsx": of_workbook,
    **dict.fromkeys([".html", ".svg", ".ipynb", ".json", ".js"], of_text),
}
