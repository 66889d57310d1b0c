"""Files with titles, question texts or options around the names of their columns, as survey tools export them."""

from __future__ import annotations

import csv
import random

import pytest
import xlsxwriter

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import MicrodataError, ReadOptions

NAMES = ["id", "age", "Q1", "Q2"]
TEXTS = [
    "Number of the interview",
    "How old is the child, in completed years?",
    "Has this ever happened to you?",
    'And how often\ndid it, in "the past year"?',
]
ANSWERS = [[f"i{n}", str(12 + n % 6), str(1 + n % 2), "" if n % 2 else "3"] for n in range(8)]
IMPORT = ['{"ImportId":"QID' + name + '"}' for name in NAMES]

TITLED = [["Children, final data"], [], NAMES]
SURVEY_MONKEY = [
    ["Respondent ID", "How old are you?", "Who did it?", "", "", "Anything else?"],
    ["", "Response", "My mother", "A friend", "Other (please specify)", "Open-Ended Response"],
]
TICKED = [[f"{1000 + n}", "13", "My mother" if n % 2 else "", "A friend", "", "no"] for n in range(6)]


@pytest.fixture(params=[".csv", ".xlsx", "sep"])
def write(request, tmp_path):
    """`write(rows)`: a file with these rows, and how many rows are above them."""

    def write_text(rows):
        path = tmp_path / "data.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            if request.param == "sep":
                stream.write("sep=,\r\n")
            csv.writer(stream).writerows(rows)
        return path, int(request.param == "sep")

    def write_excel(rows):
        path = tmp_path / "data.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        return path, 0

    return write_excel if request.param == ".xlsx" else write_text


def refused(path):
    with pytest.raises(MicrodataError) as caught:
        formats.read(path, ["age"])
    for cell in (*TEXTS, *ANSWERS[0], "My mother"):
        if len(cell) > 2:
            assert cell not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("above", "layout"),
    [
        pytest.param(TITLED, {"names_in_row": 3}, id="titles"),
        pytest.param([NAMES, TEXTS], {"skip_rows": [2]}, id="question texts below"),
        pytest.param([TEXTS, NAMES], {"names_in_row": 2}, id="question texts above"),
        pytest.param([NAMES, TEXTS, IMPORT], {"skip_rows": [2, 3]}, id="Qualtrics"),
        pytest.param([*TITLED, TEXTS], {"names_in_row": 3, "skip_rows": [4]}, id="titles and question texts"),
    ],
)
def test_what_is_above_the_answers_is_recognised_and_read_as_the_line_says(write, above, layout):
    path, further = write([*above, *ANSWERS])
    expected = {
        "names_in_row": layout["names_in_row"] + further if "names_in_row" in layout else None,
        "skip_rows": [row + further for row in layout.get("skip_rows", [])] or None,
    }
    error = refused(path)
    assert error.layout.settings == {key: value for key, value in expected.items() if value}
    assert error.layout.line in str(error)
    options, finding = formats.recognise(path)
    assert finding.endswith(error.layout.line)
    raw = formats.read(path, NAMES, text=["id"], options=options)
    assert list(raw.frame["id"]) == [row[0] for row in ANSWERS]
    assert formats.numbers(raw.frame["age"])[0].tolist() == [float(row[1]) for row in ANSWERS]
    assert raw.rows([0, 1]) == f"rows {len(above) + further + 1}, {len(above) + further + 2}"
    description = formats.describe(path, options=options)
    assert list(description.columns) == NAMES
    assert description.rows == len(ANSWERS)


def test_options_below_their_question_are_part_of_the_name(write):
    path, further = write([*SURVEY_MONKEY, *TICKED])
    options, finding = formats.recognise(path)
    assert "SurveyMonkey" in finding
    assert options.names_in_row == (1 + further, 2 + further)
    names = [
        "Respondent ID",
        "How old are you? - Response",
        "Who did it? - My mother",
        "Who did it? - A friend",
        "Who did it? - Other (please specify)",
        "Anything else? - Open-Ended Response",
    ]
    raw = formats.read(path, names, options=options)
    assert list(formats.codes(raw.frame[names[1]])) == ["13"] * 6
    assert raw.rows([0]) == f"row {3 + further}"


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([NAMES, *ANSWERS], id="codes"),
        pytest.param([TEXTS, *ANSWERS], id="questions as names"),
        pytest.param(
            [NAMES, *[["x", "13", "Never in my whole life", "Very often, indeed"]] * 4], id="labels"
        ),
        pytest.param(
            [["", "age", "Q1"], *[[str(n), "13", "1"] for n in range(5)]], id="numbers of rows unnamed"
        ),
        pytest.param([["age"], ["13"], ["14"]], id="one column"),
        pytest.param([["id", "x", "y"], ["a", "b", "c"]], id="one respondent"),
    ],
)
def test_a_usual_file_is_read_as_it_is(write, rows):
    path, _ = write(rows)
    assert formats.recognise(path) == (ReadOptions(), "")
    assert formats.describe(path).rows == len(rows) - 1


def test_labels_of_random_answers_are_not_taken_for_questions(write):
    """Columns of words of all lengths, drawn for as many respondents as one likes, are a usual file."""
    draw = random.Random(1)
    labels = [
        "Never",
        "At least once a month",
        "Do not want to say this",
        "I do not know",
        "Almost every day",
    ]
    for count in (3, 4, 6, 30):
        rows = [["id", *(f"Q{n}" for n in range(12))]]
        rows += [[f"i{n}", *(draw.choice(labels) for _ in range(12))] for n in range(count)]
        path, _ = write(rows)
        assert formats.recognise(path)[1] == ""


def test_the_configuration_has_the_last_word(write):
    path, further = write([NAMES, TEXTS, *ANSWERS])
    raw = formats.read(path, ["age"], options=ReadOptions(names_in_row=(1 + further,)))
    assert len(raw.frame) == len(ANSWERS) + 1
    assert raw.rows([0]) == f"row {2 + further}"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ReadOptions(names_in_row=(40,)), "has no row 40, which should hold the names"),
        (ReadOptions(skip_rows=(7,)), "skip_rows names others than the rows that follow it"),
        (
            ReadOptions(names_in_row=(2,), skip_rows=(2,)),
            "skip_rows names others than the rows that follow it",
        ),
    ],
)
def test_rows_that_there_are_not(write, options, words):
    path, _ = write([NAMES, *ANSWERS])
    with pytest.raises(MicrodataError, match=words):
        formats.read(path, ["age"], options=options)


def test_the_row_with_too_many_cells_is_the_one_that_a_person_sees(tmp_path):
    path = tmp_path / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([NAMES, TEXTS, *ANSWERS[:3], [*ANSWERS[3], "one more"], *ANSWERS[4:]])
    with pytest.raises(MicrodataError, match="has 5 cells in row 6, but 4 names"):
        formats.read(path, ["age"], options=ReadOptions(skip_rows=(2,)))
