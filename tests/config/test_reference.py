"""Schemas, template and reference page say what the models say, and the configuration fits its schemas."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace

import pytest
import yaml
from pydantic import Field, TypeAdapter
from typer.testing import CliRunner

from disrupting_harm import config
from disrupting_harm.cli import app
from disrupting_harm.config.entries.conditions import OPERATIONS, grammar, read
from disrupting_harm.config.entries.country import CountryEntry
from disrupting_harm.config.entries.grammar import Operation
from disrupting_harm.config.files.strict import Strict
from disrupting_harm.config.reference import generate
from disrupting_harm.config.reference.settings import settings
from disrupting_harm.publishing.site import protection

HEAD = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


@pytest.fixture(scope="module")
def jsonschema():
    """The validator, without the grammar of internet addresses that takes it 1.4 s to compile (see cli.main)."""
    sys.modules.setdefault("rfc3987_syntax", None)
    import jsonschema

    return jsonschema


@pytest.fixture(scope="module")
def validators(root, jsonschema):
    """One validator a schema, by the schema's name."""
    validators_by_name = {}
    for path in (root / "config/schemas").glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        validators_by_name[path.name] = jsonschema.Draft7Validator(schema)
    return validators_by_name


def as_editors_see(value):
    """Plain YAML with keys as text: names in JSON are text."""
    if isinstance(value, dict):
        return {str(key): as_editors_see(item) for key, item in value.items()}
    return [as_editors_see(item) for item in value] if isinstance(value, list) else value


def yaml_files(root):
    return sorted((root / "config").rglob("*.yaml"))


def models(model, seen=None):
    """A model and every model below it."""
    seen = {} if seen is None else seen
    if model not in seen:
        seen[model] = None
        for setting in settings(model):
            if setting.model:
                models(setting.model, seen)
    return list(seen)


ALL_MODELS = list(dict.fromkeys(model for described in generate.FILES for model in models(described.model)))


# Nothing has drifted


def test_generated_files_are_what_the_models_say(root):
    assert not generate.difference(root), f"run: {generate.COMMAND}"


def test_the_page_on_protection_is_its_template_with_the_limits_of_the_project(root, project):
    assert (root / protection.DOCUMENT).read_text(encoding="utf-8") == protection.document(project)
    assert "{{" not in protection.document(project)


def changed(model):
    """The kinds of file with another model of a country."""
    return [
        replace(described, model=model) if described.name == "country" else described
        for described in generate.FILES
    ]


def test_a_new_setting_shows_in_schema_template_and_page(root):
    class WithColour(CountryEntry):
        """One country as its file describes it."""

        colour: str = Field(default="blue", description="Colour in figures.", examples=["green"])

    difference = generate.difference(root, generate.expected(root, changed(WithColour)))
    assert re.findall(r"^--- (.*)", difference, re.MULTILINE) == [
        "config/schemas/country.json",
        generate.TEMPLATE,
        generate.PAGE,
    ]
    assert "+# colour: green" in difference
    assert "+| `colour` | text | `blue` | Colour in figures. | `colour: green` |" in difference
    assert '+    "colour": {' in difference


def test_another_description_alone_shows_too(root):
    class Reworded(CountryEntry):
        """One country as its file describes it."""

        region: str = Field(pattern=r"\S", description="Part of the world.", examples=["Southeast Asia"])

    added = re.findall(
        r"^\+(?!\+)(.*)", generate.difference(root, generate.expected(root, changed(Reworded))), re.MULTILINE
    )
    assert len([line for line in added if "Part of the world." in line]) == 3


def test_the_command_writes_and_checks(copy, monkeypatch):
    monkeypatch.chdir(copy.root / "config")
    schema = copy.root / "config/schemas/country.json"
    schema.write_text(schema.read_text().replace("Name on pages", "Name in pages"))
    run = CliRunner().invoke
    before = run(app, ["reference", "--check"])
    assert before.exit_code == 1
    assert "Name in pages" in before.output
    assert "Run: disrupting-harm reference" in before.output
    assert "Name in pages" in schema.read_text(), "--check writes nothing"
    written = run(app, ["reference"])
    assert written.exit_code == 0
    assert written.output.splitlines() == [
        "written: config/schemas/country.json",
        f"written: {generate.PAGE}",
        f"written: {protection.DOCUMENT}",
    ]
    assert run(app, ["reference", "--check"]).exit_code == 0


# Schemas


def test_every_configuration_file_names_its_schema_and_fits_it(root, validators):
    for path in yaml_files(root):
        text = path.read_text(encoding="utf-8")
        head = HEAD.match(text)
        assert head, f"{path}: no schema on the first line"
        schema = (path.parent / head[1]).resolve()
        assert schema.parent == root / "config/schemas"
        errors = list(validators[schema.name].iter_errors(as_editors_see(yaml.safe_load(text))))
        assert not errors, f"{path}: {errors[0].message}"


def test_each_file_names_the_schema_of_its_kind(root):
    kinds = {described.files: f"{described.name}.json" for described in generate.FILES}
    for files, schema in kinds.items():
        for path in root.glob(files):
            assert HEAD.match(path.read_text(encoding="utf-8"))[1].endswith(f"/{schema}"), path


def test_the_line_that_names_the_schema_changes_no_fingerprint(copy, project):
    for path in yaml_files(copy.root):
        path.write_text(HEAD.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    without = copy.load()
    for iso3 in project.countries:
        assert without.country_digest(iso3) == project.country_digest(iso3)
        assert without.harmonise_digest(iso3) == project.harmonise_digest(iso3)


COUNTRY = {"iso3": "xyz", "name": "X", "region": "Y", "phase": "phase_two", "questionnaire": "phase_two"}
CONDITION = {
    "published_bases": {},
    "groups": {},
    "breakdowns": {},
    "sources": {},
    "bases": {},
    "indicators": {},
}
FITS = {
    "short form of a column": ("country", {**COUNTRY, "variables": {"weight": "w"}}),
    "long form of a column": ("country", {**COUNTRY, "variables": {"weight": {"column": "w"}}}),
    "code as a number": ("country", {**COUNTRY, "shared_file": "phase_one", "code": 2}),
    "code as text": ("country", {**COUNTRY, "shared_file": "phase_one", "code": "02"}),
    "short form of a file": ("country", {**COUNTRY, "microdata": {"children": "data/raw/x.sav"}}),
    "condition inside": ("indicators", {**CONDITION, "conditions": {"a": {"not": {"any": ["b", {"not": "c"}]}}}}),
}  # fmt: skip
DOES_NOT_FIT = {
    "unknown key": ("country", {**COUNTRY, "colour": "blue"}),
    "unknown key of a variable": ("country", {**COUNTRY, "variables": {"weight": {"colum": "w"}}}),
    "missing key": ("country", {"iso3": "xyz"}),
    "wrong type": ("country", {**COUNTRY, "population": {"children_12_17": "many"}}),
    "out of range": ("country", {**COUNTRY, "population": {"internet_users_percent": 670}}),
    "three ages": ("country", {**COUNTRY, "delivered_ages": [9, 12, 17]}),
    "truth as a code": ("country", {**COUNTRY, "shared_file": "phase_one", "code": True}),
    "no such phase": ("country", {**COUNTRY, "phase": "phase_three"}),
    "no such operation": ("indicators", {**CONDITION, "conditions": {"a": {"nor": ["b"]}}}),
    "no such operation inside": ("indicators", {**CONDITION, "conditions": {"a": {"not": {"nor": ["b"]}}}}),
}


@pytest.mark.parametrize("name", FITS)
def test_schemas_accept(name, validators):
    schema, data = FITS[name]
    assert not list(validators[f"{schema}.json"].iter_errors(data))


@pytest.mark.parametrize("name", DOES_NOT_FIT)
def test_schemas_refuse(name, validators):
    schema, data = DOES_NOT_FIT[name]
    assert list(validators[f"{schema}.json"].iter_errors(data))


# Words


@pytest.mark.parametrize("model", ALL_MODELS, ids=lambda model: model.__name__)
def test_every_setting_says_what_it_means_and_gives_an_example_that_holds(model: type[Strict]):
    for (name, field), setting in zip(model.model_fields.items(), settings(model), strict=True):
        assert len(setting.about) >= 10, f"{name} says nothing"
        assert setting.about.endswith("."), f"{name}: {setting.about}"
        if setting.example is None:
            assert setting.model, f"{name} has no example"
        else:
            TypeAdapter(field.rebuild_annotation()).validate_python(setting.example)


def test_the_grammar_that_people_are_told_is_the_grammar_that_is_checked():
    documented = {field.alias or name for name, field in Operation.model_fields.items()}
    assert documented == {
        key for name, operation in OPERATIONS.items() for key in (name, *operation.arguments)
    }


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_is_documented_where_conditions_are_written(root, operation):
    """Its key, what it may have besides and what it means: at the head of the registry and on the reference page."""
    head = (root / generate.REGISTRY).read_text(encoding="utf-8").partition("\n\n")[0]
    page = (root / generate.PAGE).read_text(encoding="utf-8")
    assert f"{operation.written} " in head
    assert {*yaml.safe_load(operation.written)} == {operation.key, *operation.arguments}
    assert operation.__doc__ in head
    assert operation.__doc__ in page
    assert isinstance(read({operation.key: operation.example}), operation)


def test_the_head_of_the_registry_is_written_anew_when_an_operation_changes(root, tmp_path):
    text = (root / generate.REGISTRY).read_text(encoding="utf-8")
    (tmp_path / "config").mkdir()
    registry = tmp_path / generate.REGISTRY
    registry.write_text(text.replace(OPERATIONS["not"].__doc__, "Something else."), encoding="utf-8")
    assert "Something else." in generate.difference(tmp_path)
    assert generate.REGISTRY in generate.write(tmp_path)
    assert registry.read_text(encoding="utf-8") == text
    assert "\n".join(grammar()) in text


def test_the_page_names_every_setting_of_every_model(root):
    page = (root / generate.PAGE).read_text(encoding="utf-8")
    for model in ALL_MODELS:
        for setting in settings(model):
            assert f"| `{setting.name}` |" in page, f"{model.__name__}.{setting.name}"
    anchors = re.findall(r'<a id="([^"]+)">', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= set(anchors)


# Template


def uncommented(text):
    """The template with every example in force."""
    return re.sub(r"^# (?!#)", "", "".join(text.partition("\n\n")[2]), flags=re.MULTILINE)


def test_the_template_has_every_setting_and_is_valid_when_uncommented(root, copy):
    text = (root / generate.TEMPLATE).read_text(encoding="utf-8")
    for model in models(CountryEntry):
        for setting in settings(model):
            assert re.search(rf"^[# ]*{setting.name}(:| )", text, re.MULTILINE), (
                f"{model.__name__}.{setting.name}"
            )
    everything = yaml.safe_load(uncommented(text))
    assert list(everything) == list(CountryEntry.model_fields)
    for without in ({"shared_file", "code"}, {"microdata"}):
        kept = {key: value for key, value in everything.items() if key not in without}
        assert CountryEntry.model_validate(kept).iso3 == everything["iso3"]
    kept = {key: value for key, value in everything.items() if key not in {"shared_file", "code"}}
    copy.add("countries/xyz.yaml", yaml.safe_dump(kept))
    assert copy.load().countries["xyz"].data == "delivered"


def test_the_template_as_it_stands_is_a_country(root, copy):
    copy.add("countries/xyz.yaml", (root / generate.TEMPLATE).read_text(encoding="utf-8"))
    country = copy.load().countries["xyz"]
    assert country.data == "synthetic"
    assert config.select(copy.load(), "xyz") == ["xyz"]


def test_what_is_known_takes_the_place_of_examples():
    from disrupting_harm.config.reference.template import template

    known = {"iso3": "abc", "variables": {"sex": {"column": "S1", "values": {"1": "girl", "2": "boy"}}}}
    text = template(CountryEntry, known)
    live = yaml.safe_load(text)
    assert {key: live[key] for key in known} == known
    assert set(live) == {*known, "name", "region", "phase", "questionnaire"}
    assert "# also_called:" in text
