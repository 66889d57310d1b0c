"""The type checker: whoever silences it names the rule and says why."""

import re
import tomllib

import pytest

IGNORE = re.compile(r"#\s*(?:type|pyrefly|ty|mypy|pyright):\s*(?:ignore|disable|basic|strict)\S*.*")
ALLOWED = re.compile(r"# pyrefly: ignore\[[a-z-]+\]  # \w.{5,}")


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # type: ignore",
        "x = 1  # pyrefly: ignore",
        "x = 1  # pyrefly: ignore[bad-index]",
        "# mypy: ignore-errors",
    ],
)
def test_an_ignore_without_rule_or_reason_is_refused(line):
    assert not ALLOWED.fullmatch(IGNORE.search(line)[0])


def test_every_ignore_has_a_reason(root):
    ignores = [
        (path, ignore[0])
        for path in (root / "src").rglob("*.py")
        for ignore in IGNORE.finditer(path.read_text(encoding="utf-8"))
    ]
    assert ignores
    assert [ignore for ignore in ignores if not ALLOWED.fullmatch(ignore[1])] == []


def test_every_rule_and_library_left_out_has_a_reason(root):
    """A comment on the line, or on that of the first of several that are left out for the same reason."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["tool"]["pyrefly"]
    parts = [settings, *settings["sub-config"]]
    off = [name for part in parts for name, level in part["errors"].items() if level in ("ignore", False)]
    assert off
    for name in off:
        assert re.search(rf"\b{name} = \"ignore\".*# \S", text), name
    assert settings["preset"] == "strict"
    assert settings["enabled-ignores"] == ["pyrefly"]
