"""Data of a file as a model; pydantic's errors become problems that an analyst can act on."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from disrupting_harm.config.files.kinds import choices, follow, in_words
from disrupting_harm.config.files.problems import Problem, nearest
from disrupting_harm.config.files.strict import Strict
from disrupting_harm.config.files.yaml_file import YamlFile

Model = TypeVar("Model", bound=Strict)

_READ_AS = {
    bool: "true or false (YAML reads an unquoted yes, no, on and off so)",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
    type(None): "empty",
}
RENAMED = {
    "k": "min_count",
    "k_sub": "min_count_subgroup",
    "group_disclosure_base": "all_or_none_base",
    "lone_psu": "singleton_psu",
}
"""Settings that had another name in earlier versions: old name -> today's."""


def validate(model: type[Model], source: YamlFile) -> Model | None:
    """`source` as a `model`; None when something is wrong, which is then added to `source.problems`."""
    if source.data is None or source.problems:
        return None
    return validate_part(model, source, (), source.data)


def validate_part(model: type[Model], source: YamlFile, path: tuple[str, ...], data: Any) -> Model | None:
    """`data`, found at `path` in `source`, as a `model`; None when something is wrong, as for `validate`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = [_problem_of(model, source, path, detail) for detail in error.errors(include_url=False)]
        source.problems += [problem for problem in dict.fromkeys(problems) if problem not in source.problems]
        return None


def _problem_of(
    model: type[Strict], source: YamlFile, start: tuple[str, ...], detail: ErrorDetails
) -> Problem:
    """One finding of pydantic as a problem."""
    below, annotation = follow(model, detail["loc"])
    path = (*start, *below)
    kind = detail["type"]
    if kind == "extra_forbidden":
        return unknown(source, path, names(follow(model, detail["loc"][:-1])[1]))
    if kind == "missing":
        return source.problem(path, "is missing", hint="Add it; see docs/configuration.md for its meaning.")
    if kind == "value_error":
        return source.problem(path, str(detail["ctx"]["error"]))
    if kind == "literal_error":
        known = [str(value) for value in get_args(choices(annotation)[0])]
        close = nearest(str(detail["input"]), known)
        return source.problem(path, f"does not fit: it is one of {', '.join(map(repr, known))}", close)
    if kind.endswith(("_type", "_parsing", "_from_float")) and annotation is not None:
        return _wrong_type(source, path, in_words(annotation), detail["input"])
    if kind == "string_pattern_mismatch":
        what = "does not look as it should" if detail["input"].strip() else "is blank"
        return source.problem(
            path, f"does not fit: it {what}", hint="docs/configuration.md gives an example."
        )
    message = detail["msg"]
    return source.problem(path, f"does not fit: {message[:1].lower()}{message[1:]}")


def unknown(source: YamlFile, path: tuple[Any, ...], known: list[str]) -> Problem:
    """A setting that does not exist, or no longer under this name."""
    today = RENAMED.get(str(path[-1]))
    if today in known:
        return source.problem(path, "is no longer a setting", hint=f"It is now called `{today}`.")
    close = nearest(str(path[-1]), known)
    meant = ".".join([*map(str, path[:-1]), close]) if close else ""
    return source.problem(
        path, "is not a setting", meant, f"Known here: {', '.join(known)}." if known else ""
    )


def names(annotation: Any) -> list[str]:
    """Names of the settings that a type has."""
    for choice in choices(annotation):
        if isinstance(choice, type) and issubclass(choice, Strict):
            return [field.alias or name for name, field in choice.model_fields.items()]
    return []


def _wrong_type(source: YamlFile, path: tuple[Any, ...], wanted: str, value: Any) -> Problem:
    """A value of another type than its setting has."""
    what = f"does not fit: it is {_READ_AS.get(type(value), 'something else')}, and should be: {wanted}"
    if "text" in wanted and isinstance(value, (bool, int, float)):
        return source.problem(path, what, hint="Write it in quotes.")
    if isinstance(value, dict) and "text" in wanted:
        return source.problem(path, what, hint="Put a text that begins with { in quotes.")
    if value is None:
        return source.problem(path, what, hint="Give it a value, or delete the line.")
    return source.problem(path, what)
