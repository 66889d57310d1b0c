"""A country's file written from delivered microdata: it loads, says only what differs, and tells nobody's answers."""

from __future__ import annotations

import json
import re
import shutil

import jsonschema
import pandas as pd
import pyreadstat
import pytest
import yaml
from typer.testing import CliRunner

from disrupting_harm.cli import app
from disrupting_harm.config import printable
from disrupting_harm.delivered.formats import MicrodataError
from disrupting_harm.delivered.harmonise import harmonise
from disrupting_harm.new_country import NewCountryError, Wishes, iso, new_country
from disrupting_harm.new_country.settings import Setting
from disrupting_harm.new_country.text import block, flow, setting
from disrupting_harm.synthetic import deliver

REGION = Wishes(region="South America", phase="phase_two")


MENTIONED = """  told_{form}:
    columns: W_m{mention}_{form}
    mentions: 13
    options: {1: mother, 2: father, 3: sibling, 4: friend, 5: other_adult, 6: teacher, 7: social_worker, 8: police,
      9: helpline, 10: other, 11: no_one}
"""
INFORMED = """  caregiver_age: EDAD
  information_source:
    columns: INF{mention}
    mentions: 10
    options: {1: child, 2: family_or_friends, 3: school, 4: government, 5: media, 6: websites_or_social_media,
      7: service_provider, 8: none}
"""


@pytest.fixture
def workspace(copy, monkeypatch):
    """A copy of the project, in which commands are called, with a folder for the microdata of a new country."""
    (copy.root / "data/raw/guy").mkdir(parents=True)
    monkeypatch.chdir(copy.root)
    return copy


@pytest.fixture
def delivered(workspace, other_survey):
    """Delivered files of a new country with a questionnaire of its own, at their place."""
    for table in ("children", "caregivers"):
        shutil.copy(getattr(other_survey, table), workspace.root / f"data/raw/guy/{table}.sav")
    return workspace.root / "data/raw/guy/children.sav", workspace.root / "data/raw/guy/caregivers.sav"


@pytest.fixture
def as_colombia(workspace, synthetic_files):
    """Synthetic files in the layout of a country that the configuration has, in a copy that has not."""
    return copied(synthetic_files("col"), workspace, "SYNTHETIC_a.sav", "SYNTHETIC_b.sav")


def copied(files, workspace, *names):
    """Files at the place of the new country's, under other names."""
    return tuple(
        shutil.copy(file, workspace.root / "data/raw/guy" / name)
        for file, name in zip(files, names, strict=True)
    )


def written_file(workspace, iso3="guy"):
    return (workspace.root / f"config/countries/{iso3}.yaml").read_text(encoding="utf-8")


def countries(workspace):
    return {path.name: path.read_bytes() for path in (workspace.root / "config/countries").iterdir()}


def test_control_signs_reach_neither_the_terminal_nor_the_file(workspace):
    """A column with them keeps its name: it is written as YAML escapes it, and read again."""
    sign, red = "sex\x1b[31m", "\x1b[31m"
    frame = pd.DataFrame({sign: [1.0, 2.0] * 60, "age": [13.0, 14.0] * 60, "weight": 1.0})
    file = workspace.root / "data/raw/guy/children.parquet"
    frame.to_parquet(file)
    run = CliRunner().invoke(app, ["new-country", "guy", "--microdata", str(file), "--region", f"South{red}"])
    assert run.exit_code == 0
    assert "\x1b" not in run.output
    text = written_file(workspace)
    assert "\x1b" not in text
    assert yaml.safe_load(text)["region"] == f"South{red}"


@pytest.mark.parametrize(
    "value", ["a\x1b[31m", "\x9b1", "a\nb", "tab\there", "zero\u200bwidth", "Ві'к", "{x}", "yes", "1"]
)
def test_a_text_is_read_as_it_was_written(value):
    for text in (flow(value), flow({value: value}), flow([value])):
        assert printable(text) == text
        assert "\n" not in text
    assert yaml.safe_load(flow(value)) == value
    assert yaml.safe_load(flow([value])) == [value]


# What is written


def test_a_survey_with_a_questionnaire_of_its_own_harmonises_after_the_decisions(
    workspace, delivered, drawn, other_survey
):
    """The one code that means nothing is decided; then every answer is what was delivered."""
    written = new_country(workspace.load(), "guy", *delivered, REGION)
    assert written.problems == []
    project = workspace.load()
    with pytest.raises(MicrodataError, match="column c3: 7 is not mapped"):
        harmonise(project, "guy")
    text = written_file(workspace)
    decided = re.sub(r"(sex_education: .*89: refused)", r"\1, 7: not_asked", text, count=1)
    (workspace.root / "config/countries/guy.yaml").write_text(decided, encoding="utf-8")
    harmonised = dict(zip(("children", "caregivers"), harmonise(workspace.load(), "guy"), strict=True))
    for table, frame in zip(("children", "caregivers"), drawn("bra"), strict=True):
        asked = frame[frame["weight"] > 0].reset_index(drop=True)
        dropped = {"anxiety", "attitude_men_decide", "restricts_contacts"}
        slots = other_survey.truth[table].values()
        delivered_as = {f"{name}__{option}" if option else name for name, option in slots}
        compared = delivered_as - {"child_id", "stratum", "psu"}
        assert len(compared) > 30
        got = harmonised[table]
        assert set(compared) <= set(got)
        assert not dropped & set(got)
        for column in compared:
            differ = got[column].astype("str").fillna("") != asked[column].astype("str").fillna("")
            if pd.api.types.is_float_dtype(got[column]) or column == "age":
                differ = (got[column].astype(float) - asked[column].astype(float)).abs() > 1e-5
            assert differ.sum() <= (column == "sex_education"), column


def test_what_a_person_must_decide_stands_in_the_file_and_is_told(workspace, delivered):
    written = new_country(workspace.load(), "guy", *delivered, REGION)
    head = written_file(workspace).partition("iso3:")[0]
    plain = " ".join(head.replace("#", " ").split())
    for decision in written.decisions:
        assert " ".join(decision.split()) in plain
    decisions = "\n".join(written.decisions)
    assert "sex_education: what does 7 mean?" in decisions
    assert "no option of the codebook: 12" in decisions
    assert (
        "no column was recognised for attitude_men_decide, anxiety; until then they count as not asked"
        in decisions
    )
    assert "no column was recognised for restricts_contacts" in decisions
    assert "TODO decide: what does 7 mean?" in written_file(workspace)
    assert re.search(r"# certain, by the [^\n]*\n  sex:", written_file(workspace))


def test_it_says_only_what_differs_as_a_person_did(workspace, as_colombia):
    """The file of Colombia was written by hand; the same is found from its microdata alone."""
    new_country(workspace.load(), "guy", *as_colombia, REGION)
    by_hand = yaml.safe_load(written_file(workspace, "col"))
    settings = yaml.safe_load(written_file(workspace))
    assert settings["questionnaire"] == by_hand["questionnaire"]
    assert settings["caregiver_questionnaire"] == by_hand["caregiver_questionnaire"]
    loaded = workspace.load().countries
    for table in ("children", "caregivers"):
        assert getattr(loaded["guy"], table).variables == getattr(loaded["col"], table).variables
        key = "variables" if table == "children" else "caregiver_variables"
        assert set(settings[key]) <= set(by_hand[key])
    assert "not_asked" not in settings
    schema = json.loads((workspace.root / "config/schemas/country.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(json.dumps(settings)), schema)  # as an editor does, told by the first line


def test_names_of_a_questionnaire_leave_nothing_to_say(workspace, synthetic_files):
    files = copied(synthetic_files("bra"), workspace, "SYNTHETIC_a.sav", "SYNTHETIC_b.sav")
    written = new_country(workspace.load(), "guy", *files, REGION)
    settings = yaml.safe_load(written_file(workspace))
    assert set(settings) == {
        "iso3", "name", "region", "phase", "questionnaire", "caregiver_questionnaire", "microdata",
    }  # fmt: skip
    assert written.decisions == ["microdata: they are SYNTHETIC"]
    assert written.is_synthetic


def test_synthetic_files_are_to_be_named_so(workspace, synthetic_files):
    files = copied(synthetic_files("bra"), workspace, "a.sav", "b.sav")
    (synthetic,) = new_country(workspace.load(), "guy", *files, REGION).decisions
    assert "let the names of the files begin with SYNTHETIC" in synthetic


def test_ages_outside_those_of_the_insights_are_told(workspace, synthetic_files):
    (file,) = copied(synthetic_files("zaf")[:1], workspace, "SYNTHETIC_a.csv")
    frame = pd.read_csv(file, dtype=str)
    frame["ECS_SELECTED_CH_AGE"] = (frame["ECS_SELECTED_CH_AGE"].astype(int) + 8).astype(str)
    frame.to_csv(file, index=False)
    written = new_country(workspace.load(), "guy", file, None, REGION)
    assert "ages: the file has 9 to 17; the insights are about 12 to 17" in "\n".join(written.decisions)
    settings = yaml.safe_load(written_file(workspace))
    assert settings["delivered_ages"] == [9, 17]
    assert settings["variables"] == {"age": {"values": {}}}  # years, and not codes as in phase one
    children, _ = harmonise(workspace.load(), "guy")
    assert set(children["age"]) == set(range(12, 18))


def test_rows_of_names_are_written_as_they_were_recognised(workspace, synthetic_files):
    (file,) = copied(synthetic_files("zaf")[:1], workspace, "SYNTHETIC_a.csv")
    frame = pd.read_csv(file, dtype=str)
    texts = pd.DataFrame([{name: f"Text of the question {name}, as asked" for name in frame}])
    pd.concat([texts, frame]).to_csv(file, index=False)
    written = new_country(workspace.load(), "guy", file, None, REGION)
    settings = yaml.safe_load(written_file(workspace))
    assert settings["microdata"] == {"children": {"file": "data/raw/guy/SYNTHETIC_a.csv", "skip_rows": [2]}}
    assert any("seems to have question texts in row 2" in decision for decision in written.decisions)
    values = ", ".join(f"{age - 8}: {age}" for age in range(9, 18))  # what this country's codes of ages mean
    decided = f"\ndelivered_ages: [9, 17]\nvariables: {{age: {{values: {{{values}}}}}}}\n"
    workspace.add("countries/guy.yaml", decided)
    children, _ = harmonise(workspace.load(), "guy")
    assert children.attrs["rows_delivered"] == len(frame)


def test_one_file_for_both_has_the_caregivers_in_the_childrens_rows(workspace, synthetic_files):
    """As the shared file of phase one; whether it is so, a person confirms."""
    (file,) = copied(synthetic_files("ken")[:1], workspace, "SYNTHETIC_a.csv")
    written = new_country(workspace.load(), "guy", file, file, REGION)
    settings = yaml.safe_load(written_file(workspace))
    assert settings["microdata"] == {"children": "data/raw/guy/SYNTHETIC_a.csv", "caregivers": "in_child_row"}
    (decision,) = [decision for decision in written.decisions if "in_child_row" in decision]
    assert "write each as `{file: ..., where: {COLUMN: code}}`" in decision
    assert not any("looks like a file of" in decision for decision in written.decisions)
    if not written.problems:
        children, caregivers = harmonise(workspace.load(), "guy")
        assert len(children) == len(caregivers)


def test_coded_ages_that_are_not_the_questionnaires_are_not_guessed(workspace, synthetic_files):
    """Codes 1 to 9 for the ages 9 to 17: as in phase one, 1 would be 12."""
    (file,) = copied(synthetic_files("zaf")[:1], workspace, "SYNTHETIC_a.csv")
    written = new_country(workspace.load(), "guy", file, None, REGION)
    assert "age: what do 1, 2, 3, 4, 5, 6, 7, 8, 9 mean?" in written.decisions
    with pytest.raises(MicrodataError, match="7, 8, 9 are not mapped"):
        harmonise(workspace.load(), "guy")


def rewritten(file, new_names):
    """Write an SPSS file again with other names of columns, those without a new name left out."""
    frame, meta = pyreadstat.read_sav(file, user_missing=True)
    kept = {name: new for name in meta.column_names if (new := new_names(name))}
    labels = {kept[n]: text for n, text in meta.column_names_to_labels.items() if n in kept and text}
    values = {kept[n]: texts for n, texts in meta.variable_value_labels.items() if n in kept}
    frame = frame[list(kept)].rename(columns=kept)
    pyreadstat.write_sav(frame, file, column_labels=labels, variable_value_labels=values)


def test_a_form_that_lacks_a_column_gets_an_entry_of_its_own(workspace, as_colombia):
    rewritten(as_colombia[0], lambda name: "" if name == "Q16_3_5" else name.replace("Q16", "told"))
    new_country(workspace.load(), "guy", *as_colombia, REGION)
    variables = yaml.safe_load(written_file(workspace))["variables"]
    assert variables["told_{form}"]["columns"] == "told_{item}_{code}"
    assert "other_adult" not in variables["told_c"]["options"].values()
    children, _ = harmonise(workspace.load(), "guy")
    assert "told_b__other_adult" in children
    assert "told_c__other_adult" not in children
    assert "told_c__teacher" in children


def test_lists_of_mentions_are_found_by_the_labels_of_their_values(workspace, drawn):
    """Whom the child told as first, second ... mention, and the caregivers' sources of information, too."""
    workspace.edit("countries/col.yaml", "  told_{form}: {chosen: 1, not_chosen: 2}\n", MENTIONED)
    workspace.edit("countries/col.yaml", "  caregiver_age: EDAD\n", INFORMED)
    files = workspace.root / "data/raw/guy/SYNTHETIC_a.sav", workspace.root / "data/raw/guy/SYNTHETIC_b.sav"
    deliver.write(workspace.load(), ["col"], *files, population=drawn)
    new_country(workspace.load(), "guy", *files, REGION)
    loaded = workspace.load()
    for table, name in (("children", "told_d"), ("caregivers", "information_source")):
        colombia, guyana = (getattr(loaded.countries[iso3], table).variables[name] for iso3 in ("col", "guy"))
        assert guyana.mentions == colombia.mentions
        assert guyana.listed == colombia.listed
    harmonised = dict(zip(("children", "caregivers"), harmonise(loaded, "guy"), strict=True))
    for table, frame in zip(("children", "caregivers"), drawn("col"), strict=True):
        asked = frame[frame["weight"] > 0].reset_index(drop=True)
        columns = [c for c in asked if c.startswith(("told_d__", "information_source__"))]
        assert columns
        for column in columns:
            got = harmonised[table][column].astype("boolean").fillna(False)
            assert list(got) == list(asked[column].astype("boolean").fillna(False)), column


def test_letters_of_forms_are_found_within_words(workspace, as_colombia):
    rewritten(as_colombia[0], lambda name: re.sub(r"^P12_(\w)", r"P12_form\1x", name))
    new_country(workspace.load(), "guy", *as_colombia, REGION)
    assert yaml.safe_load(written_file(workspace))["variables"]["form_{form}"]["column"] == "P12_form{form}x"


def test_names_of_forms_without_a_pattern_are_written_one_by_one(workspace, as_colombia):
    spelled = ["uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
    words = dict(zip("123456789abcdefghi", spelled * 2, strict=True))
    rewritten(
        as_colombia[0], lambda name: re.sub(r"^(Q15|P12)_(\w)", lambda m: f"{m[1]}_{words[m[2]]}", name)
    )
    new_country(workspace.load(), "guy", *as_colombia, REGION)
    variables = yaml.safe_load(written_file(workspace))["variables"]
    assert variables["perpetrator_c"]["columns"] == "Q15_tres_{code}"
    assert variables["form_c"]["column"] == "P12_tres"
    loaded = workspace.load()
    colombia, guyana = (loaded.countries[iso3].children.variables for iso3 in ("col", "guy"))
    for name in ("perpetrator_c", "form_c"):
        assert list(guyana[name].options.values()) == list(colombia[name].options.values())
        assert guyana[name].values == colombia[name].values
    harmonise(loaded, "guy")


def test_a_file_without_strata_and_clusters_says_so(workspace, as_colombia):
    rewritten(as_colombia[0], lambda name: "" if name in ("strata", "ea_id") else name)
    written = new_country(workspace.load(), "guy", as_colombia[0], None, REGION)
    assert yaml.safe_load(written_file(workspace))["design"] == {"weights_only": True}
    assert any(decision.startswith("design: neither strata nor clusters") for decision in written.decisions)
    children, _ = harmonise(workspace.load(), "guy")
    assert not {"stratum", "psu"} & set(children)


def test_the_region_is_asked_for_and_left_open(workspace, as_colombia):
    written = new_country(workspace.load(), "guy", *as_colombia)
    assert any(decision.startswith("region: one of those that are there") for decision in written.decisions)
    assert written.problems == ["region is missing"]
    assert "guy.yaml" in workspace.problems()


def test_written_anew_it_keeps_what_does_not_come_from_the_file(workspace, as_colombia):
    workspace.add(
        "countries/col.yaml", "notes: [Fieldwork took long.]\npopulation: {children_12_17: 4700000}\n"
    )
    new_country(workspace.load(), "col", *as_colombia, Wishes(force=True))
    settings = yaml.safe_load(written_file(workspace, "col"))
    assert settings["region"] == "Latin America and the Caribbean"
    assert settings["population"] == {"children_12_17": 4700000}
    assert settings["notes"] == ["Fieldwork took long."]
    assert settings["survey"]["source"].startswith("Safe Online announcement")
    assert workspace.load().countries["col"].data == "synthetic"


def test_written_anew_it_keeps_a_phase_that_was_decided_and_none_that_was_guessed(workspace, as_colombia):
    wishes = Wishes(region="South America")
    assert any(
        text.startswith("phase: taken")
        for text in new_country(workspace.load(), "guy", *as_colombia, wishes).decisions
    )
    again = Wishes(region="South America", force=True)
    assert any(
        text.startswith("phase: taken")
        for text in new_country(workspace.load(), "guy", *as_colombia, again).decisions
    )
    lines = [line for line in written_file(workspace).splitlines(keepends=True) if "phase: taken" not in line]
    (workspace.root / "config/countries/guy.yaml").write_text("".join(lines), encoding="utf-8")
    decisions = new_country(workspace.load(), "guy", *as_colombia, again).decisions
    assert not any(text.startswith("phase: taken") for text in decisions)


def test_codes_of_a_questionnaire_do_not_stand_in_for_codes_without_a_meaning(workspace):
    """A question known by its wording, its codes without labels: no questionnaire's codes may be taken for them."""
    frame = pd.DataFrame({"v1": range(300), "v2": [1.0, 2.0] * 150, "v3": [1.0, 2.0, 2.0] * 100})
    file = workspace.root / "data/raw/guy/children.sav"
    labels = {"v2": "Have you ever received sex education?", "v3": "Sex of the child"}
    pyreadstat.write_sav(
        frame, file, column_labels=labels, variable_value_labels={"v3": {1: "Boy", 2: "Girl"}}
    )
    written = new_country(workspace.load(), "guy", file, None, REGION)
    settings = yaml.safe_load(written_file(workspace))
    assert "sex_education" not in settings["variables"]
    assert "sex_education" in settings["not_asked"]
    assert "what do 1, 2 mean?" in "\n".join(written.decisions)
    assert settings["variables"]["sex"]["values"] == {1: "boy", 2: "girl"}


def test_files_in_each_others_place_are_noticed(workspace, delivered):
    written = new_country(workspace.load(), "guy", *delivered[::-1], REGION)
    swapped = [decision for decision in written.decisions if "looks like a file of" in decision]
    assert swapped == [
        "microdata: data/raw/guy/caregivers.sav looks like a file of caregivers, not of children",
        "microdata: data/raw/guy/children.sav looks like a file of children, not of caregivers",
    ]


def test_a_file_of_which_nothing_is_recognised_gives_a_file_to_fill_in(workspace):
    file = workspace.root / "data/raw/guy/a.csv"
    pd.DataFrame({"one": range(300), "two": [1, 2, 3] * 100}).to_csv(file, index=False)
    written = new_country(workspace.load(), "guy", file, None, REGION)
    assert written.problems == []
    for name in ("child_id", "weight", "age"):
        assert f"TODO decide: {name}: which column?" in written_file(workspace)
    with pytest.raises(MicrodataError, match="has none of the 7 columns"):
        harmonise(workspace.load(), "guy")


# Nobody's answers


def test_what_children_said_and_who_they_are_appears_nowhere(workspace, delivered, other_questionnaire):
    arguments = [
        "--microdata",
        str(delivered[0]),
        "--caregivers",
        str(delivered[1]),
        "--region",
        "South America",
    ]
    run = CliRunner().invoke(app, ["new-country", "guy", *arguments])
    assert run.exit_code == 0, run.output
    assert "A person must decide" in run.output
    assert "snakemake --config country=guy" in run.output
    for text in (run.output, written_file(workspace)):
        assert other_questionnaire.SECRET not in text


# What is refused, and leaves everything as it was


@pytest.mark.parametrize(
    ("iso3", "message"),
    [
        ("xyy", "xyy is no ISO 3166"),
        ("GUY", "GUY is no ISO 3166"),
        ("guyana", "did you mean guy (Guyana)?"),
        ("../guy", "is no ISO 3166"),
        ("col", "col.yaml already exists"),
    ],
)
def test_codes_that_are_refused(workspace, as_colombia, iso3, message):
    before = countries(workspace)
    with pytest.raises(NewCountryError, match=re.escape(message)):
        new_country(workspace.load(), iso3, *as_colombia)
    assert countries(workspace) == before


def test_a_country_that_the_standard_leaves_to_its_users_has_a_code():
    assert iso.names()["xkx"] == "Kosovo"


def test_microdata_can_be_looked_at_while_a_country_file_is_half_written(workspace, as_colombia, monkeypatch):
    """The file in question, and any other country's: named, and left out; other files still stop."""
    (workspace.root / "config/countries/guy.yaml").write_text(
        "iso3: guy\nname: Guyana\nvariables: {weight:", "utf-8"
    )
    (workspace.root / "config/countries/ken.yaml").write_text("iso3: ken\nphase: five\n", "utf-8")
    monkeypatch.chdir(workspace.root)
    looked = CliRunner().invoke(app, ["inspect", str(as_colombia[0])])
    assert looked.exit_code == 0, looked.output
    assert "config/countries/guy.yaml, config/countries/ken.yaml" in looked.output
    with (workspace.root / "config/codebook.yaml").open("a", encoding="utf-8") as codebook:
        codebook.write("nonsense: true\n")
    assert CliRunner().invoke(app, ["inspect", str(as_colombia[0])]).exit_code == 1


def test_files_that_are_refused(workspace, as_colombia, tmp_path_factory):
    before, project = countries(workspace), workspace.load()
    outside = tmp_path_factory.mktemp("elsewhere") / "child's file.sav"
    shutil.copy(as_colombia[0], outside)
    with pytest.raises(NewCountryError, match=r"is not below data/(.|\n)*mkdir -p data/raw/guy && cp '"):
        new_country(project, "guy", outside)
    with pytest.raises(NewCountryError, match="is not below data/"):
        new_country(project, "guy", workspace.root / "data/../config/config.yaml")
    with pytest.raises(MicrodataError, match="does not exist"):
        new_country(project, "guy", workspace.root / "data/raw/guy/none.sav")
    broken = workspace.root / "data/raw/guy/broken.sav"
    broken.write_bytes(as_colombia[0].read_bytes()[:5000])
    with pytest.raises(MicrodataError):
        new_country(project, "guy", broken)
    with pytest.raises(MicrodataError):
        new_country(project, "guy", as_colombia[0], broken)
    assert countries(workspace) == before


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes(questionnaire="phase_too"), "did you mean phase_two?"),
        (Wishes(questionnaire="caregivers_phase_two"), "no questionnaire of children has this name"),
        (Wishes(caregiver_questionnaire="phase_two"), "no questionnaire of caregivers has this name"),
        (Wishes(phase="phase_too"), "did you mean phase_two?"),
    ],
)
def test_wishes_that_are_refused(workspace, as_colombia, wishes, message):
    before = countries(workspace)
    with pytest.raises(NewCountryError, match=re.escape(message)):
        new_country(workspace.load(), "guy", *as_colombia, wishes)
    assert countries(workspace) == before


# Names and text


def test_the_names_of_our_countries_have_iso_codes(project):
    assert set(project.countries) <= set(iso.names())
    assert iso.names()["ken"] == "Kenya"
    assert iso.guess("Serbia") == "srb"


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "no",
        "1",
        "01",
        "null",
        "a: b",
        "# no",
        "{form}",
        "P_{form}",
        "é",
        "",
        "a, b",
        "[x]",
        1,
        0.5,
        True,
    ],
)
def test_a_value_is_read_as_it_was_written(value):
    assert yaml.safe_load(f"key: {flow(value)}") == {"key": value}
    text = "\n".join(block("key", {"deep": [value], "again": {"x": value}}))
    assert yaml.safe_load(text) == {"key": {"deep": [value], "again": {"x": value}}}


def test_an_entry_is_read_as_it_was_written():
    says = {
        "columns": "P13_{code}_{form}",
        "options": {str(n): f"option_{n}" for n in range(30)},
        "special": False,
    }
    text = "\n".join(setting(Setting("told_{form}", says, check="by name", to_decide=("what is # this?",))))
    assert yaml.safe_load(text) == {"told_{form}": {**says, "options": {n: f"option_{n}" for n in range(30)}}}
    assert max(map(len, text.splitlines())) <= 110
