"""Text files with a line of column names (.csv, .tsv, .txt): encoding, separator and decimal sign are found out."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.delivered.formats.cells import Kinds, as_numbers, trimmed
from disrupting_harm.delivered.formats.compact import FEW, categorical
from disrupting_harm.delivered.formats.description import BadCells, Column, Exact, ReadOptions
from disrupting_harm.delivered.formats.encoding import find_encoding, is_file_in
from disrupting_harm.delivered.formats.errors import UnreadableError
from disrupting_harm.delivered.formats.header import MOST, read_header
from disrupting_harm.delivered.formats.separator import SAMPLE, declared_separator, find_separator, records

BLOCK = 1 << 22
"""Bytes that are parsed at a time."""


@dataclass
class Text:
    """A text file, opened. `requested`: what the configuration says about it."""

    path: Path
    requested: ReadOptions
    bad_cells: list[BadCells] = field(default_factory=list)

    def __post_init__(self) -> None:
        encoding = self.requested.encoding or find_encoding(self.path)
        with self.lines(encoding) as stream:
            sample = stream.read(SAMPLE)
        if not sample.strip():
            raise UnreadableError("is empty", "Copy it again, or ask for it again.")
        declared = declared_separator(sample)
        rows = sample.split("\n", 1)[1] if declared else sample
        separator = self.requested.separator or declared or find_separator(rows)
        separator = "\t" if separator == "tab" else separator
        self.options = replace(self.requested, encoding=encoding, separator=separator)
        rows_above, lines = self.first_rows()
        header = read_header(rows_above, self.requested, 2 if declared else 1)
        self.header, self.first_row = header.names, header.first_row
        self.skipped = lines[min(self.first_row - 1, len(lines)) - 1]
        self.check_header(records(rows, separator))

    def lines(self, encoding: str) -> Any:
        """The file as text."""
        name = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
        return self.path.open(encoding=name, newline="")

    def first_rows(self) -> tuple[list[list[str]], list[int]]:
        """The first rows, and how many lines the file has up to each: cells may hold line breaks in quotes."""
        rows: list[list[str]] = []
        lines: list[int] = []
        with self.lines(str(self.options.encoding)) as stream, suppress(csv.Error):
            reader = csv.reader(stream, delimiter=str(self.options.separator))
            for row in islice(reader, MOST):
                rows.append([cell.strip() for cell in row])
                lines.append(reader.line_num)
        return rows, lines

    def check_header(self, sample: list[list[str]]) -> None:
        """The first line names all columns, and not a title above them."""
        widest = max((len(row) for row in sample[1:]), default=0)
        if len(self.header) == 1 and widest > 1:
            what = (
                f"has 1 cell in its first line and {widest} in others: the first line must name the columns"
            )
            raise UnreadableError(what, "Say with `names_in_row` beside `file:` which line holds the names.")

    # Reading

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:
        """Some columns; an empty cell is missing, nothing else."""
        self.check_quotes()
        if not names:  # pyarrow would read all columns
            return pd.DataFrame(), {}
        parsed = self.parsed(names)
        columns = {}
        for name in names:
            cells = together(parsed.pop(name))  # no column stays in memory twice
            values = trimmed(cells.dictionary, self.options.missing_texts)
            values = values if name in text else as_numbers(values, self.options.decimal)
            columns[name] = _column_of(values, cells.indices)
        return pd.DataFrame(columns, copy=False), {}

    def exact(self, name: str) -> Exact | None:  # noqa: ARG002
        """How exactly a column stores numbers: as text, each digit is kept."""
        return None

    def parse_name(self, name: str) -> str:
        """What a column is called while it is parsed: its position, because names may appear twice."""
        return str(self.header.index(name))

    def parsed(self, names: list[str]) -> dict[str, list[Any]]:
        """Some columns, each a list of blocks: the distinct texts of a block and the cells' places among them.

        With given types, pyarrow forgets the other columns of a block at once; to infer types, it would keep
        the whole file.
        """
        import pyarrow as pa

        texts = pa.dictionary(pa.int32(), pa.string())
        convert = self.convert_options({self.parse_name(name): texts for name in names})
        convert.include_columns = [self.parse_name(name) for name in names]
        blocks: dict[str, list[Any]] = {name: [] for name in names}
        for batch in self.batches(convert):
            for name, cells in zip(names, batch.columns, strict=True):
                blocks[name].append(narrow(cells))
        return blocks

    def check_quotes(self) -> None:
        """A quote that is not closed would swallow the rest of the file. Looked for where quotes are odd in number."""
        with self.path.open("rb") as stream:
            quotes = sum(block.count(b'"') for block in iter(lambda: stream.read(BLOCK), b""))
        if quotes % 2 == 0:
            return
        rows = count(1)
        with self.lines(str(self.options.encoding)) as stream:
            try:
                reader = csv.reader(stream, delimiter=str(self.options.separator), strict=True)
                for _ in zip(reader, rows, strict=False):
                    pass
            except csv.Error as error:
                if "unexpected end" in str(error) or "field larger" in str(error):
                    what = f"has a quote in row {next(rows)} that is not closed: the rest would be one cell"
                    raise UnreadableError(what, "Export it again, or close the quote.") from None

    def read_options(self) -> Any:
        """Where the rows begin, and how letters are written."""
        from pyarrow import csv as arrow_csv

        encoding = codecs.lookup(str(self.options.encoding)).name
        return arrow_csv.ReadOptions(
            encoding="utf8" if encoding in {"utf-8", "utf-8-sig"} else encoding,
            column_names=[str(index) for index in range(len(self.header))],
            skip_rows=self.skipped,
            block_size=BLOCK,
        )

    def parse_options(self) -> Any:
        """How a row is parted into cells."""
        from pyarrow import csv as arrow_csv

        return arrow_csv.ParseOptions(delimiter=self.options.separator, newlines_in_values=True)

    def convert_options(self, types: dict[str, Any]) -> Any:
        """Cells stay texts; an empty one is missing, nothing else."""
        from pyarrow import csv as arrow_csv

        return arrow_csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)

    def what_is_wrong(self) -> UnreadableError:
        """Which rows have another number of cells than the header; found by reading once more, row by row."""
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        wrong: list[tuple[int, int]] = []

        def note(row: Any) -> str:
            wrong.append((int(row.number or 0), row.actual_columns))
            return "skip"

        options, parse = self.read_options(), self.parse_options()
        options.use_threads = False
        parse.invalid_row_handler = note
        with suppress(pa.ArrowInvalid):
            for _ in arrow_csv.open_csv(self.path, read_options=options, parse_options=parse):
                pass
        if not wrong:
            return UnreadableError(
                "cannot be read as text with columns: damaged, or a quote is not closed",
                "Compare its size with the delivered file, or export it again.",
            )
        line, cells = wrong[0]
        row = line - self.skipped + self.first_row - 1
        more = f" (and {len(wrong) - 1} more rows)" if len(wrong) > 1 else ""
        return UnreadableError(
            f"has {cells} cells in row {row}{more}, but {len(self.header)} names of columns",
            "The file may be cut off there, or a cell may hold a separator or a line break without quotes.",
        )

    # Describing

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows, and the kinds of all columns with a name; looks at the whole file, block by block."""
        import pyarrow as pa

        rows, kinds = 0, [Kinds() for _ in self.header]
        types = dict.fromkeys(self.read_options().column_names, pa.string())
        for batch in self.batches(self.convert_options(types)):
            rows += batch.num_rows
            for kind, cells in zip(kinds, batch.columns, strict=True):
                kind.look(cells, self.options.decimal, self.options.missing_texts)
        comma = any(kind.comma and kind.number for kind in kinds)
        self.options = replace(self.options, decimal=self.options.decimal or ("," if comma else "."))
        named = zip(self.header, kinds, strict=True)
        return rows, {name: Column(name, kind=kind.kind) for name, kind in named if name}

    def batches(self, convert: Any) -> Iterator[Any]:
        """The file's rows, some thousand at a time."""
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        try:
            yield from arrow_csv.open_csv(
                self.path,
                read_options=self.read_options(),
                parse_options=self.parse_options(),
                convert_options=convert,
            )
        except pa.ArrowInvalid:
            if not is_file_in(self.path, str(self.options.encoding)):
                raise UnicodeError from None
            raise self.what_is_wrong() from None


def narrow(cells: Any) -> Any:
    """A block's column with places of one byte, where few texts occur in it."""
    import pyarrow as pa

    if len(cells.dictionary) > FEW:
        return cells
    return pa.DictionaryArray.from_arrays(cells.indices.cast(pa.int8()), cells.dictionary)


def together(blocks: list[Any]) -> Any:
    """A column from its blocks: its distinct texts, and the cells' places among them."""
    import pyarrow as pa

    texts = pa.chunked_array([block.dictionary for block in blocks], pa.string()).unique()
    places = pa.int8() if len(texts) <= FEW else pa.int32()
    kind = pa.dictionary(places, pa.string())
    chunks = [
        pa.DictionaryArray.from_arrays(block.indices.cast(places), block.dictionary) for block in blocks
    ]
    return pa.chunked_array(chunks, kind).unify_dictionaries().combine_chunks()


def _column_of(values: Any, places: Any) -> pd.Series:
    """A column from its distinct values and the index of each cell's value; empty cells are missing."""
    codes, distinct = pd.factorize(values.to_pandas(), use_na_sentinel=True)
    if len(distinct) > FEW:
        return values.take(places).to_pandas()
    return categorical(np.append(codes, -1)[places.fill_null(len(codes)).to_numpy()], distinct)
