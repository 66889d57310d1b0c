"""Parts of a questionnaire in files of their own, joined one to one: the same as one file, or a word about the keys."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import ColumnsError, MicrodataError, Module, ReadOptions

MAIN = pd.DataFrame({"ID": ["a", "b", "c", "d"], "EA": ["1", "1", "2", "2"], "Q1": [1, 2, 1, 2], "spare": 0})
OTHER = pd.DataFrame(
    {"id": ["c", "a", "d", "b"], "Q2": [3, 1, 4, 2], "word": ["x", "y", "x", "NA"], "spare": 1}
)
SECRET = "my-own-name"


def written(folder, table, name):
    """A table in a file, by the ending of its name."""
    path = folder / name
    if path.suffix == ".sav":
        pyreadstat.write_sav(table, path, column_labels={"Q2": "A question"} if "Q2" in table else None)
    elif path.suffix == ".xlsx":
        table.to_excel(path, index=False, engine="xlsxwriter")
    else:
        table.to_csv(path, index=False, sep=";" if "semicolon" in name else ",")
    return path


@pytest.fixture
def join(tmp_path):
    """`join(main, other)`: reads columns of both."""

    def read(main, other, wanted, name="module.csv", by=("ID",), accept=False, text=(), options=None):
        path = written(tmp_path, main, "main.csv")
        module = Module(written(tmp_path, other, name), name, by, accept, options or ReadOptions())
        return formats.read(path, wanted, text=text, modules=[module], options=options or ReadOptions())

    return read


@pytest.mark.parametrize("name", ["module.csv", "semicolon.csv", "module.sav", "module.xlsx"])
def test_columns_of_both_are_read_as_from_one_file(join, name):
    raw = join(MAIN, OTHER, ["Q2", "Q1", "ID", "word"], name, text=["ID"])
    one = MAIN.merge(OTHER.rename(columns={"id": "ID"}), on="ID", validate="1:1")
    for column in ("Q1", "Q2", "word"):
        assert list(formats.codes(raw.frame[column])) == list(one[column].astype(str))
    assert list(raw.frame["ID"]) == list("abcd")
    assert list(raw.frame) == ["Q2", "Q1", "ID", "word"]
    assert raw.rows([1]) == "row 3"


def test_settings_of_texts_hold_for_both(join):
    raw = join(MAIN, OTHER, ["Q1", "word"], options=ReadOptions(missing_texts=("NA",)))
    assert list(formats.codes(raw.frame["word"])) == ["y", None, "x", "x"]


def test_keys_of_several_columns(join):
    main = MAIN.assign(ID=["1", "2", "1", "2"])
    other = pd.DataFrame({"EA": [2, 1, 2, 1], "ID": [2, 1, 1, 2], "Q2": [4, 1, 3, 2]})
    raw = join(main, other, ["Q1", "Q2"], by=("EA", "ID"))
    assert list(formats.codes(raw.frame["Q2"])) == ["1", "2", "3", "4"]


def test_a_name_in_both_is_an_error_only_where_it_is_wanted(join):
    assert list(join(MAIN, OTHER, ["Q1", "Q2"]).frame) == ["Q1", "Q2"]
    with pytest.raises(
        ColumnsError, match=r"column spare is in main\.csv and in module\.csv: rename or remove one"
    ):
        join(MAIN, OTHER, ["Q1", "spare"])


def refusal(join, main, other, **options):
    with pytest.raises(MicrodataError) as caught:
        join(main, other, ["Q1", "Q2"], **options)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_a_key_that_recurs(join):
    message = refusal(join, MAIN, pd.concat([OTHER, OTHER.iloc[[1]]]))
    assert message.startswith("module.csv\n  has the same key (id) more than once, rows 3, 6\n")
    message = refusal(join, MAIN.assign(ID=[SECRET, "b", SECRET, "d"]), OTHER)
    assert message.startswith("main.csv\n  has the same key (ID) more than once, rows 2, 4\n")


def test_rows_without_a_partner_are_counted_and_named(join):
    main, other = MAIN.assign(ID=["a", SECRET, "c", ""]), OTHER
    message = refusal(join, main, other)
    assert "2 rows of main.csv without a row of module.csv by ID: rows 3, 5" in message
    assert "2 rows of module.csv without a row of main.csv by ID: rows 4, 5" in message
    assert "accept_unjoined: true" in message


def test_rows_without_a_partner_may_be_accepted(join):
    raw = join(
        MAIN.assign(ID=["a", "z", "c", ""]), OTHER.assign(id=["c", "a", "", None]), ["Q1", "Q2"], accept=True
    )
    assert list(formats.codes(raw.frame["Q1"])) == ["1", "2", "1", "2"]
    assert list(formats.codes(raw.frame["Q2"])) == ["1", None, "3", None]


def test_a_key_that_is_not_there(join):
    assert "module.csv\n  column EA is not in the file" in refusal(
        join, MAIN.assign(EA=list("abcd")), OTHER, by=("EA",)
    )


def test_long_keys_that_are_numbers(join):
    keys = [2.0**53 + 2 * n for n in range(4)]
    message = refusal(join, MAIN, OTHER.assign(id=keys), name="module.sav")
    assert message.startswith("module.sav\n  column id holds whole numbers above 9,007,199,254,740,991")


def test_a_module_that_cannot_be_read_is_named_itself(join, tmp_path):
    (tmp_path / "main.csv").write_text("ID,Q1\na,1\n")
    (tmp_path / "module.csv").write_text(f"ID,Q2\na,1,{SECRET}\n")
    module = Module(tmp_path / "module.csv", "module.csv", ("ID",), False, ReadOptions())
    with pytest.raises(MicrodataError) as caught:
        formats.read(tmp_path / "main.csv", ["Q1", "Q2"], modules=[module])
    assert str(caught.value).startswith("module.csv\n  has 3 cells in row 2")
