"""What is told about a delivered file: enough to read it, and nothing about anyone."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from typer.testing import CliRunner

from disrupting_harm.cli import app
from disrupting_harm.config import printable
from disrupting_harm.delivered import formats
from disrupting_harm.new_country.inspection import inspect, report
from disrupting_harm.new_country.inspection.look import counted, hidden_codes

K = 5
NO_DATA = formats.ReadOptions()


@pytest.fixture(scope="module")
def look(project, other_survey):
    return inspect(project, other_survey.children, NO_DATA, "children.sav")


def described(project, tmp_path, frame, labels=None, value_labels=None, only=()):
    """What is told about a small SPSS file."""
    file = tmp_path / "small.sav"
    pyreadstat.write_sav(
        pd.DataFrame(frame), file, column_labels=labels or {}, variable_value_labels=value_labels or {}
    )
    inspection = inspect(project, file, NO_DATA, "small.sav")
    return inspection, report(inspection, project, only, everything=not only)


# What is told


def test_it_says_what_is_in_the_file(project, look):
    text = report(look, project)
    assert "SPSS file of 1,0" in text
    assert "Looks like a file of children" in text
    assert "told_{form} = P16_{code}_{form}" in text
    assert "sex = s1  (certain, by " in text
    assert "In the names, but not in the codebook: 12." in text
    assert "anxiety" in text.split("In the codebook, but not recognised in the file")[1]
    assert (
        text.index("Matched with the codebook")
        < text.index("Design and identifiers")
        < text.index("Other columns")
    )
    assert text.index("Other columns") < text.index("What to do next")


def test_it_fits_a_terminal_of_100_columns(project, look):
    for everything in (False, True):
        assert max(map(len, report(look, project, everything=everything).splitlines())) <= 100


def test_some_columns_in_full(project, look):
    text = report(look, project, ["s1", "P16_12_a"])
    assert "= sex  (certain" in text
    assert "Gender of the child" in text
    assert "Religious leader" in text
    assert "No variable of the codebook was recognised in it." in text
    assert "told_{form} =" not in text


def test_caregivers_are_told_from_children(project, other_survey):
    inspection = inspect(project, other_survey.caregivers, NO_DATA)
    assert inspection.matching.table == "caregivers"
    assert inspection.also_like == ()


def test_synthetic_files_say_so(project, synthetic_files, tmp_path):
    files = synthetic_files("bra")
    renamed = shutil.copy(files[0], tmp_path / "children.sav")
    for file in (renamed, files[1]):
        inspection = inspect(project, file, NO_DATA)
        assert inspection.is_synthetic
        assert report(inspection, project).startswith("SYNTHETIC DATA: made up")


# What is not told


def test_what_children_said_and_who_they_are_appears_nowhere(project, look, other_questionnaire):
    texts = [report(look, project), report(look, project, everything=True)]
    texts += [report(look, project, [name]) for name in ("folio", "p99_text", "peso_final", "upm")]
    for text in texts:
        assert other_questionnaire.SECRET not in text
    for answers in look.answers.values():
        assert other_questionnaire.SECRET not in str(answers)


def test_a_code_that_one_child_gave_has_no_share_and_cannot_be_worked_out(project, look, other_questionnaire):
    shares = look.shown["c3"].shares
    assert shares[other_questionnaire.RARE_CODE] == "few"
    assert sum(share in ("few", "not shown") for share in shares.values()) >= 2


def test_questions_about_abuse_have_no_shares(look, other_survey, project):
    about_abuse = [
        column
        for column, (name, _) in other_survey.truth["children"].items()
        if project.codebook.variables()[name].form
    ]
    assert len(about_abuse) > 500
    for column in about_abuse:
        assert look.shown[column].shares == {}
        assert look.shown[column].distinct is None


def test_a_code_of_the_abuse_module_is_told_from_ten_children_on(look, other_survey):
    frame, _ = pyreadstat.read_sav(other_survey.children, user_missing=True)
    for column in ("P12_a", "P12_i", "P16_1_a", "P16_11_h"):
        often = {str(int(code)) for code, number in frame[column].value_counts().items() if number >= 10}
        assert set(look.shown[column].occurring) == often


def test_a_question_asked_of_a_part_is_treated_like_abuse(look):
    """P16_12_x, an option that the codebook lacks, is a follow-up that few children were asked."""
    for letter in "abcdefghi":
        assert look.shown[f"P16_12_{letter}"].shares == {}


def test_identifiers_and_texts_have_no_shares(look):
    for column in ("folio", "num_hogar", "upm", "estrato", "peso_final", "p99_text", "s2"):
        assert look.shown[column].shares == {}


@pytest.mark.parametrize("seed", range(40))
def test_hidden_codes_cannot_be_worked_out(seed):
    """Whoever knows all shown counts and their total learns no number below k, nor one of all but fewer than k."""
    rng = np.random.default_rng(seed)
    counts = {
        str(code): int(n)
        for code, n in enumerate(rng.integers(1, rng.choice([4, 8, 40, 500]), rng.integers(2, 9)))
    }
    rare, more = hidden_codes(counts, K)
    hidden, total = rare | more, sum(counts.values())
    for code, number in counts.items():
        if code not in hidden:
            assert number >= K
            assert total - number >= K
    assert rare == {code for code, number in counts.items() if number < K or total - number < K}
    if hidden and hidden != set(counts):
        assert len(hidden) >= 2
        assert sum(counts[code] for code in hidden) >= K


def test_shares_are_whole_per_cent_of_the_filled_cells(project, tmp_path):
    answers = [1.0] * 331 + [2.0] * 169 + [np.nan] * 100
    inspection, text = described(
        project, tmp_path, {"sex": answers}, {"sex": "Sex of the child"}, {"sex": {1: "Girl", 2: "Boy"}}
    )
    assert inspection.shown["sex"].shares == {"1": "66 %", "2": "34 %"}
    assert inspection.shown["sex"].empty == "17 %"
    assert "1 Girl: 66 %, 2 Boy: 34 %" in text


def test_a_column_whose_meaning_is_not_certain_may_be_about_abuse_and_has_no_shares(project, tmp_path):
    """Asked of all, and in words that nothing recognises: only codes that ten children gave are said to occur."""
    answers = [1.0] * 400 + [2.0] * 90 + [3.0] * 9
    labels = {1: "Kamwe hata", 2: "Mara moja", 3: "Zaidi"}
    frame = {"x7": answers, "ai": answers}
    texts = {"ai": "In the past year, has someone used AI to make a sexual image or video of you?"}
    values = {"x7": labels, "ai": {1: "No", 2: "Yes", 3: "Don't know"}}
    inspection, text = described(project, tmp_path, frame, texts, values)
    assert inspection.matching.of_column["ai"][1] == "ai_sexual_images"
    for name in frame:
        assert inspection.shown[name].shares == {}
        assert inspection.shown[name].occurring == ("1", "2")
    assert not re.search(r"\d %", text)


def test_few_answers_have_no_shares(project, tmp_path):
    inspection, _ = described(project, tmp_path, {"q": [1.0, 2.0] * 12})
    assert inspection.shown["q"].shares == {}


def test_few_empty_or_filled_cells_are_not_counted(project, tmp_path):
    nearly_all = [1.0] * 3 + [np.nan] * 397
    hardly_any = [1.0, 2.0] * 199 + [np.nan] * 2
    inspection, text = described(project, tmp_path, {"a": nearly_all, "b": hardly_any})
    assert (inspection.shown["a"].empty, inspection.shown["b"].empty) == ("nearly all", "hardly any")
    assert "99 %" not in text


def test_codes_that_may_be_places_or_people_are_not_listed(project, tmp_path):
    """An interviewer's number or a village is a code, too: without a label, a long one is not shown."""
    frame = {"village": [10234.0, 10235.0] * 100, "born": ["2009-01-02", "2010-03-04"] * 100}
    inspection, text = described(project, tmp_path, frame)
    assert inspection.shown["village"].shares == inspection.shown["born"].shares == {}
    assert "10234" not in text
    assert "2009" not in text


def test_many_labels_of_values_are_counted_and_not_listed(project, tmp_path):
    """Texts that a program turned into codes keep the texts as labels."""
    labels = {"q": {number: f"what child {number} wrote" for number in range(1, 60)}}
    _, text = described(
        project, tmp_path, {"q": [float(n % 59 + 1) for n in range(600)]}, value_labels=labels
    )
    assert "wrote" not in text
    assert "59 labels of values" in text


def test_labels_of_rare_codes_are_metadata_but_their_number_is_not_told(project, tmp_path):
    answers = [1.0] * 300 + [2.0] * 280 + [3.0]
    inspection, text = described(
        project,
        tmp_path,
        {"area": answers},
        {"area": "Type of place the child lives in."},
        {"area": {1: "Urban", 2: "Rural", 3: "Peri-urban"}},
    )
    assert inspection.shown["area"].shares == {"1": "52 %", "2": "not shown", "3": "few"}
    assert not re.search(r"under 1 %|48 %", text)


def test_counting_ignores_how_a_code_is_spelled():
    column = counted(pd.Series(["1", "1.0", " 1", "2", "", None], dtype=object))
    assert column.counts["1"] == 2
    assert column.filled == 4


def test_repeated_names_are_named_and_left_out(project, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("id,q,q\n1,2,3\n", encoding="utf-8")
    inspection = inspect(project, file, NO_DATA)
    finding = "column q appears twice in the file, as its columns 2 and 3: rename or remove one"
    assert inspection.bad == (finding,)
    assert list(inspection.description.columns) == ["id"]


def test_titles_and_question_texts_are_recognised_and_the_line_to_write_is_given(project, tmp_path):
    file = tmp_path / "a.csv"
    texts = "Number of the interview,How old is the child?,Is it a girl or a boy?"
    file.write_text(f"Final data\nid,age,sex\n{texts}\n" + "1,13,2\n" * 40, encoding="utf-8")
    inspection = inspect(project, file, NO_DATA)
    assert inspection.description.rows == 40
    assert "names_in_row: 2, skip_rows: [3]" in " ".join(report(inspection, project).split())


@pytest.mark.parametrize(
    ("labels", "value_labels", "words"),
    [
        ({}, {}, "The file has no labels, neither of columns nor of values"),
        ({}, {"q": {1: "a"}}, "The file has labels of values, but none of columns"),
        ({"q": "Question"}, {}, "The file has labels of columns, but none of values"),
        ({"q": "Question"}, {"q": {1: "a"}}, ""),
    ],
)
def test_which_labels_a_file_lacks(project, tmp_path, labels, value_labels, words):
    file = tmp_path / "small.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"q": [1.0, 2.0]}), file, column_labels=labels, variable_value_labels=value_labels
    )
    text = " ".join(report(inspect(project, file, NO_DATA, "small.sav"), project).split())
    assert words in text
    assert ("The file has" in text) == bool(words)


RED, TITLE, TURNED = "\x1b[31m", "\x9d0;title\x07", "\N{RIGHT-TO-LEFT OVERRIDE}"


@pytest.mark.parametrize("arguments", [(), ("--all",), ("--column", "q")])
def test_control_signs_in_labels_do_not_reach_the_terminal(root, tmp_path, monkeypatch, arguments):
    file = tmp_path / "small.sav"
    frame = pd.DataFrame({"q": [1.0, 2.0] * 40, "r": [1.0] * 80})
    pyreadstat.write_sav(
        frame,
        file,
        column_labels={"q": f"How {RED}often{TURNED}", "r": f"Вік {TITLE}"},
        variable_value_labels={"q": {1: f"Never{RED}", 2: f"{TITLE}Often"}},
    )
    monkeypatch.chdir(root)
    run = CliRunner().invoke(app, ["inspect", str(file), *arguments])
    assert run.exit_code == 0
    assert "How \\x1b[31moften\\u202e" in run.output
    assert "Never\\x1b[31m" in run.output
    assert not set("\x1b\x07\x9d\N{RIGHT-TO-LEFT OVERRIDE}") & set(run.output)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_control_signs_in_names_do_not_reach_the_terminal(root, tmp_path, monkeypatch, ending):
    name = f"household{RED}" if ending != ".xlsx" else f"household{TURNED}"  # a workbook cannot hold \x1b
    file, frame = tmp_path / f"small{ending}", pd.DataFrame({name: [1, 2] * 40, "q": 1})
    writers = {
        ".csv": lambda: frame.to_csv(file, index=False),
        ".parquet": lambda: frame.to_parquet(file),
        ".xlsx": lambda: frame.to_excel(file, index=False, engine="xlsxwriter"),
    }
    writers[ending]()
    monkeypatch.chdir(root)
    shown = "household" + ("\\u202e" if ending == ".xlsx" else "\\x1b[31m")
    for arguments in ((), ("--all",), ("--column", name), ("--column", f"{name}x")):
        run = CliRunner().invoke(app, ["inspect", str(file), *arguments], env={"COLUMNS": "200"})
        assert shown in run.output
        assert not set("\x1b\N{RIGHT-TO-LEFT OVERRIDE}") & set(run.output)
    with pytest.raises(formats.MicrodataError) as caught:
        formats.read(file, [f"{name}s"])
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("text", ["Ніколи", "می\u200cخواهم", "never\nonce", "ឯកសារ", "שלום\u200f", "😀"])
def test_letters_of_any_script_and_line_ends_stay(text):
    assert printable(text) == text


# The command


def test_the_command(other_survey, root, monkeypatch):
    monkeypatch.chdir(root)
    run = CliRunner().invoke(app, ["inspect", str(other_survey.caregivers), "--column", "k1"])
    assert run.exit_code == 0
    assert "= caregiver_sex" in run.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--column", "k11"], "did you mean k1"),
        (["--encoding", "utf-7x"], "is no encoding"),
        (["--decimal", "comma"], "--decimal is one of"),
        (["--separator", "/"], "--separator is one of"),
    ],
)
def test_the_command_says_what_is_wrong(other_survey, root, monkeypatch, arguments, message):
    monkeypatch.chdir(root)
    run = CliRunner().invoke(app, ["inspect", str(other_survey.caregivers), *arguments])
    assert run.exit_code == 2
    assert message in run.output


def test_help_teaches(root, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    for command in ("inspect", "new-country"):
        run = CliRunner().invoke(app, [command, "--help"])
        assert run.exit_code == 0
        assert f"disrupting-harm {command} " in run.output


def test_bad_dates_and_lost_digits_are_pointed_out_without_the_answer(project, tmp_path):
    after_9999 = 6.36e12
    frame = pd.DataFrame(
        {"CASE_ID": [2.0**53 + 2, 2.0, 3.0], "QS2": [13.0, 14, 15], "INTDATE": [13.9e9, after_9999, 1e10]}
    )
    pyreadstat.write_sav(frame, tmp_path / "a.sav", variable_format={"INTDATE": "DATE11"})
    inspection = inspect(project, tmp_path / "a.sav", NO_DATA, "a.sav")
    text = " ".join(report(inspection, project).split())
    assert (
        "Check: column INTDATE holds dates before the year 1 or after the year 9999, row 2. Correct" in text
    )
    assert "Check: column CASE_ID holds whole numbers above 9,007,199,254,740,991" in text
    assert "the last ones are lost, row 1. Ask for the file again with this column as text" in text
    assert str(2**53 + 2) not in text
