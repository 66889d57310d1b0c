"""Text files as people deliver them: encodings, separators, decimal commas, line breaks, and what can be wrong."""

from __future__ import annotations

import pandas as pd
import pytest

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import MicrodataError, ReadOptions

SECRET = "she told her teacher"
WORDS = {
    "windows-1250": "nikad; rijetko; često; ne želim odgovoriti; majka; učiteljica; škola; prijateljica; šalter; ćutim",
    "windows-1251": "никогда; редко; часто; очень часто; мать или опекун; учитель; друг; полиция; не знаю",
    "windows-1252": "não sei; às vezes; frequentemente; mãe; irmão; polícia; ninguém; responsável; três",
    "windows-1253": "ποτέ; σπάνια; μερικές φορές; συχνά; δεν ξέρω; μητέρα; δάσκαλος; αστυνομία",
    "windows-1254": "hiç; nadiren; sık sık; bilmiyorum; öğretmen; arkadaş; kardeş; çok",
    "windows-1256": "أبدا؛ نادرا؛ أحيانا؛ غالبا؛ لا أعرف؛ الأم؛ الأب؛ الشرطة؛ المعلم؛ صديق",
    "cp874": "ไม่เคย; นาน ๆ ครั้ง; บางครั้ง; บ่อย; ไม่ทราบ; แม่; พ่อ; ครู; ตำรวจ",
}


@pytest.fixture
def written(tmp_path):
    """`written(content, name)`: a file with this content."""

    def write(content, name="data.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def table(words):
    return pd.DataFrame({"x": range(len(words)), "слово ű": words})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_with_and_without_a_mark(written, encoding):
    words = ["često", "часто", "دائما", "不知道", "🙂"]
    file = written(table(words).to_csv(index=False), encoding=encoding)
    assert list(formats.read(file, ["слово ű"]).frame["слово ű"]) == words
    assert formats.describe(file).options.encoding == encoding.removesuffix("-sig")


@pytest.mark.parametrize("encoding", WORDS)
def test_old_encodings_are_found_out_or_said(written, encoding):
    words = [word.strip() for word in WORDS[encoding].replace("؛", ";").split(";")]
    file = written(
        "x;" + words[0] + "\n" + "".join(f"{n};{word}\n" for n, word in enumerate(words)), encoding=encoding
    )
    assert formats.describe(file).options == ReadOptions(encoding, ";", ".")
    for options in (ReadOptions(), ReadOptions(encoding=encoding)):
        assert list(formats.read(file, ["x", words[0]], options=options).frame[words[0]]) == words


def test_letters_after_a_long_plain_beginning_are_seen(written):
    """The encoding is judged by the whole file, not by its first bytes."""
    plain = "".join(f"{number},no\n" for number in range(50_000))
    file = written("id,x\n" + plain + "50000,não\n", encoding="windows-1252")
    assert formats.read(file, ["x"]).frame["x"].iloc[-1] == "não"


def test_an_encoding_that_is_said_and_wrong(written):
    file = written("id,x\n1,não\n", encoding="windows-1252")
    for encoding in ("utf-8", "ascii", "utf-16"):
        with pytest.raises(MicrodataError, match="is not in the encoding"):
            formats.read(file, ["x"], options=ReadOptions(encoding=encoding))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_separators_line_breaks_and_quotes(written, sign, end):
    rows = [["id", "a, b; c| d", "w"], ["1", f"two{end}lines, and; signs|", "0.5"], ["2", 'a "word"', "2"]]
    text = end.join(sign.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows) + end
    file = written(text, "data.tsv" if sign == "\t" else "data.txt")
    raw = formats.read(file, ["w", "a, b; c| d"])
    assert list(raw.frame["w"]) == [0.5, 2]
    assert list(raw.frame["a, b; c| d"]) == [rows[1][1], rows[2][1]]
    description = formats.describe(file)
    assert (description.options.separator, description.rows) == (sign, 2)
    assert [column.kind for column in description.columns.values()] == ["number", "text", "number"]
    separated = ReadOptions(separator="tab" if sign == "\t" else sign)
    assert list(formats.read(file, ["w"], options=separated).frame["w"]) == [0.5, 2]


def test_the_first_line_that_spreadsheets_add(written):
    file = written("sep=;\r\nid;w\r\n1;0,25\r\n2;\r\n")
    raw = formats.read(file, ["w", "id"])
    assert raw.frame["w"].astype(float).fillna(-1).tolist() == [0.25, -1]
    assert raw.rows([0]) == "row 3"


def test_names_over_two_lines_and_with_blanks_around_them(written):
    file = written('id;"How often\ndoes it happen"; w \n1;2;3\n')
    raw = formats.read(file, ["How often does it happen", "w"])
    assert raw.frame.iloc[0].tolist() == [2, 3]


def test_one_column(written):
    assert list(formats.read(written("x\n1\n2\n"), ["x"]).frame["x"]) == [1, 2]


def test_decimal_commas_are_told_from_lists(written):
    """A comma is a decimal sign in a column of numbers, unless the column is text or the sign is said to be another."""
    file = written("w;list;both\n0,5;1,3;1,5\n12;2;1.5\n-,25;1,10;\n")
    raw = formats.read(file, ["w", "list", "both"], text=["list"])
    assert list(raw.frame["w"]) == [0.5, 12, -0.25]
    assert list(raw.frame["list"]) == ["1,3", "2", "1,10"]
    assert list(formats.codes(raw.frame["both"])) == ["1,5", "1.5", None]
    assert formats.describe(file).options.decimal == ","
    assert list(formats.read(file, ["w"], options=ReadOptions(decimal=".")).frame["w"]) == [
        "0,5",
        "12",
        "-,25",
    ]
    column = formats.read(file, ["both"], options=ReadOptions(decimal=",")).frame["both"]
    assert list(formats.codes(column)) == ["1.5", "1.5", None]


def test_mixed_types_keep_every_cell(written):
    file = written("x,y\n1,2020-01-31\n01,12:30\nrefused,5\n1.0,\n,1e3\n")
    raw = formats.read(file, ["x", "y"])
    assert list(formats.codes(raw.frame["x"])) == ["1", "01", "refused", "1.0", None]
    assert list(formats.codes(raw.frame["y"])) == ["2020-01-31", "12:30", "5", None, "1e3"]


def test_the_kind_of_a_column_is_judged_by_the_whole_file(written):
    rows = "".join("1,2,2021-03-01,\n" for _ in range(300_000))
    description = formats.describe(written("x,y,z,e\n" + rows + "word,3,01.04.2021,\n"))
    assert {name: column.kind for name, column in description.columns.items()} == {
        "x": "text",
        "y": "number",
        "z": "date",
        "e": "number",
    }
    assert description.rows == 300_001


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("id,x\n", "names columns, but holds no respondents"),
        (
            "Export of 2021\nid;x;w\n1;2;3\n",
            "seems to have titles above the names of the columns, which are in row 2",
        ),
        ("Export of 2021\n1;2;3\n1;2;3\n", "has 1 cell in its first line and 3 in others"),
        (f"id,x\n1,{SECRET}\n2,3,4\n5\n", "has 3 cells in row 3 (and 1 more rows), but 2 names of columns"),
        (f"id,x\n1,2\n3,{SECRET}\n4", "has 1 cells in row 4, but 2 names of columns"),
        (f'id,x\n1,2\n3,"{SECRET}\n4,5\n', "has a quote in row 3 that is not closed"),
        (b"id,x\n1,\x00\x01\x02\n", "is no text file"),
        ("id,x,x\n1,2,3\n", "column x appears twice in the file"),
        ("id,xs\n1,2\n", "column x is not in the file"),
    ],
)
def test_what_is_wrong_with_a_text_file(written, content, expected):
    with pytest.raises(MicrodataError) as caught:
        formats.read(written(content), ["id", "x"])
    message = str(caught.value)
    assert message.startswith("data.csv\n  ")
    assert expected in message
    assert SECRET not in message
    assert len(message.splitlines()) > 2, "it says what to do"


def test_a_quote_within_words_is_no_open_quote(written):
    file = written('id,x\n1,a 5" screen\n2,b\n')
    assert list(formats.read(file, ["x"]).frame["x"]) == ['a 5" screen', "b"]


@pytest.mark.parametrize(
    ("cells", "decimal", "numbers"),
    [
        (["1.310", "987"], ",", [1310, 987]),
        (["1.310", "987"], ".", [1.31, 987]),
        (["1,310", "987"], ".", [1310, 987]),
        (["1,310", "987"], ",", [1.31, 987]),
        (["1.310,5", "987"], None, [1310.5, 987]),
        (["1,310.5", "12,045,987"], None, [1310.5, 12_045_987]),
        (["1 310", "987", "2\u00a0450,5"], None, [1310, 987, 2450.5]),
        (["1'310.25", "12\u202f045"], None, [1310.25, 12_045]),
        (["-1.310", "0,5"], None, [-1310, 0.5]),
        (["1.310", "0.987"], None, [1.31, 0.987]),
        (["1.310", "1.25"], None, [1.31, 1.25]),
        (["1,310", "1200"], None, [1.31, 1200]),
        (["1,310", "1.5"], None, [1310, 1.5]),
    ],
)
def test_thousands_are_told_from_decimals(written, cells, decimal, numbers):
    """By the configuration, or by what only one of the two can look like."""
    file = written("w\n" + "\n".join(f'"{cell}"' for cell in cells))
    raw = formats.read(file, ["w"], options=ReadOptions(decimal=decimal))
    values, wrong = formats.numbers(raw.frame["w"], decimal=decimal)
    assert not formats.is_undecided(raw.frame["w"], decimal)
    assert not wrong.any()
    assert values.tolist() == numbers


@pytest.mark.parametrize(
    "cells", [["1.310", "987"], ["1,310", "987"], ["1.310", "2.045"], ["1.310", "2,045"]]
)
def test_numbers_that_may_be_thousands_or_decimals_are_undecided(written, cells):
    raw = formats.read(written("w\n" + "\n".join(f'"{cell}"' for cell in cells)), ["w"])
    assert formats.is_undecided(raw.frame["w"], None)
    assert formats.is_undecided(pd.Series(cells), None)
    assert not formats.is_undecided(pd.Series([1.310, 987]), None)


def test_one_rule_has_to_fit_all_numbers_of_a_column(written):
    """With decimal commas, 1.310 is more than a thousand, and no rule fits 1.5 beside it."""
    raw = formats.read(written('w\n1.310\n1.5\n"0,5"\n'), ["w"], options=ReadOptions(decimal=","))
    assert formats.numbers(raw.frame["w"], decimal=",")[1].any()
