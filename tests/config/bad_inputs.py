"""Everything that was tried to make the project stumble, and what it must say: one list, for tests and docs.

To add a kind: append a `Bad` to a list that BAD_INPUTS adds up. `act` spoils a copy of the project (tests/conftest.py:
`Copy`; here are `edit`, `append`, `write`, `link`), `ask` does what a user would do with it (default: load the
configuration), and `words` must be in the message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from disrupting_harm import config
from disrupting_harm.running import plan

KEN = "countries/ken.yaml"
BRA = "countries/bra.yaml"
ONE = "questionnaires/phase_one.yaml"


def load(root: Path) -> Any:
    """Load the configuration, as every command does first."""
    return config.load(root)


def run(root: Path) -> Any:
    """Plan a run of all countries, as the workflow does first."""
    return plan.make(root, {})


@dataclass(frozen=True)
class Bad:
    """One kind of bad input: what is done to a copy of the project, in words and in deed, and what must be said.

    problems: how many problems the report counts (of configuration files).
    """

    name: str
    done: str
    act: Callable[[Any], Any]
    words: tuple[str, ...]
    ask: Callable[[Path], Any] = load
    problems: int = 1


def edit(file: str, old: str, new: str) -> Callable[[Any], Any]:
    """Replace a text in config/`file`."""
    return lambda copy: copy.edit(file, old, new)


def append(file: str, text: str) -> Callable[[Any], Any]:
    """Append a text to config/`file`, which may be new."""
    return lambda copy: copy.add(file, text)


def write(file: str, content: str | bytes) -> Callable[[Any], Any]:
    """Write config/`file` anew."""
    data = content.encode() if isinstance(content, str) else content
    return lambda copy: (copy.root / "config" / file).write_bytes(data)


def rewrite(file: str, change: Callable[[str], str | bytes]) -> Callable[[Any], Any]:
    """Write config/`file` anew from its text."""

    def act(copy: Any) -> None:
        changed = change((copy.root / "config" / file).read_text(encoding="utf-8"))
        write(file, changed)(copy)

    return act


def link(path: str, target: str, then: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make `path` in the project a link to `target`, and then do something."""

    def act(copy: Any) -> None:
        damaged = copy.root / path
        damaged.parent.mkdir(parents=True, exist_ok=True)
        damaged.symlink_to(target)
        then(copy)

    return act


def again(copy: Any) -> None:
    """Copy a country's file under another name."""
    folder = copy.root / "config/countries"
    (folder / "xyz.yaml").write_bytes((folder / "ken.yaml").read_bytes())


def microdata(file: str) -> Callable[[Any], Any]:
    """Name a delivered file in a country's file."""
    return edit(BRA, "survey:", f"microdata:\n  children: {file}\nsurvey:")


def bomb() -> str:
    """Nine lists of nine references each: 400 million texts when written out."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    return "\n".join(lines) + "\n"


def merges() -> str:
    """Forty mappings that each take the one before in twice."""
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{i + 1}: &a{i + 1} {{<<: [*a{i}, *a{i}], k{i}: 1}}" for i in range(40)]
    return "\n".join(lines) + "\n"


OTHER_NUMBER = "which YAML takes for another number"
LOOK = "Check this line and the one before"

SETTINGS = [
    Bad(
        "unknown setting",
        "`phaze` for `phase`",
        edit(KEN, "phase: phase_one", "phaze: phase_one"),
        (KEN, "line 5: phaze is not a setting; did you mean phase?", "phase is missing"),
        problems=2,
    ),
    Bad(
        "unknown setting of a variable",
        "`colum` for `column`",
        append(KEN, "variables: {sex: {colum: A2}}\n"),
        ("variables.sex.colum is not a setting; did you mean variables.sex.column?", "Known here: column, "),
    ),
    Bad(
        "wrong type",
        "`internet_users_percent: most`",
        edit(KEN, "67.0", "most"),
        ("line 19: population.internet_users_percent", "it is a text, and should be: number"),
    ),
    Bad(
        "list for a text",
        "`name: [Kenya]`",
        edit(KEN, "name: Kenya", "name: [Kenya]"),
        ("line 3: name does not fit: it is a list, and should be: text",),
    ),
    Bad(
        "text for a list",
        "`notes: a note`",
        append(KEN, "notes: a note\n"),
        ("notes does not fit: it is a text, and should be: list of texts",),
    ),
    Bad(
        "number for a mapping",
        "`survey: 5`",
        edit(BRA, "survey:\n  children: 1029", "survey: 5\nnotes:"),
        ("survey does not fit: it is a number, and should be: settings",),
        problems=2,
    ),
    Bad(
        "several types possible, none of them",
        "a list as a codebook value",
        append(KEN, "variables: {sex: {values: {1: [boy]}}}\n"),
        ("variables.sex.values.1 does not fit: it is a list, and should be: text or whole number or number",),
    ),
    Bad(
        "empty setting",
        "`name:` and nothing behind it",
        edit(KEN, "name: Kenya", "name:"),
        ("name does not fit: it is empty", "Give it a value"),
    ),
    Bad(
        "blank name",
        '`name: "  "`',
        edit(KEN, "name: Kenya", 'name: "  "'),
        ("name does not fit: it is blank",),
    ),
    Bad(
        "name with braces, unquoted",
        "`not_asked: {form}`",
        append(KEN, "not_asked: {form}\n"),
        ("it is a mapping", "in quotes"),
    ),
    Bad(
        "a word that is none of the choices",
        "`phase: phase_oen`",
        edit(KEN, "phase: phase_one", "phase: phase_oen"),
        ("it is one of 'phase_one', 'phase_two'; did you mean phase_one?",),
    ),
    Bad(
        "the same country twice",
        "a copy of a country's file under another name",
        again,
        (
            "config/countries/xyz.yaml",
            "iso3 differs from the file's name",
            "Name the file ken.yaml.",
            "name is the same as in config/countries/ken.yaml",
            "code is the same as",
            "iso3 is the same as",
        ),
        problems=4,
    ),
    Bad(
        "variable that does not exist",
        "`sexx` for `sex`",
        append(KEN, "variables: {sexx: A2}\n"),
        ("variables.sexx is not a variable of the codebook; did you mean sex?",),
    ),
    Bad(
        "value that does not exist",
        "`gril` for `girl`",
        append(KEN, "variables: {sex: {values: {1: boy, 2: gril}}}\n"),
        ("variables.sex.values.2 is 'gril'", "did you mean girl?"),
    ),
    Bad(
        "column mapped twice",
        "`area` reads the column of `sex`",
        append(KEN, "variables: {area: ECS_SELECTED_CH_GENDER}\n"),
        ("variables.area reads the column ECS_SELECTED_CH_GENDER, which sex reads already",),
    ),
    Bad(
        "condition that is no name",
        "a list for the variable of a condition",
        edit("indicators.yaml", "yes_if: {answer: ai_sexual_images,", "yes_if: {answer: [ai],"),
        ("indicators.ai_sexual_images `answer` needs a name",),
    ),
    Bad(
        "answer that does not exist, in a condition for each form",
        "`sometime` for `sometimes`",
        edit("indicators.yaml", "in: [rarely, sometimes,", "in: [rarely, sometime,"),
        ("conditions.experienced_{form}", "has no answer sometime; did you mean sometimes?"),
    ),
    Bad(
        "limits that are no number",
        "`from: one`",
        edit(
            "indicators.yaml",
            '{count_forms: "online_experience_{form}", from: 1,',
            '{count_forms: "online_experience_{form}", from: one,',
        ),
        ("indicators.forms_one `from` needs a number",),
    ),
    Bad(
        "expansion without its options",
        "`expand:` a text",
        edit("indicators.yaml", "    expand: &channels\n", "    expand: told\n    x:\n"),
        ("indicators.disclosure_told_{name}.expand does not fit",),
        problems=2,
    ),
]

PATHS = [
    Bad(
        "path out of data/",
        "`../secret/bra.sav`",
        microdata("../secret/bra.sav"),
        ("microdata.children is not below data/",),
    ),
    Bad(
        "path out of data/ by a detour",
        "`data/../../x.sav`",
        microdata("data/../../x.sav"),
        ("is not below data/",),
    ),
    Bad(
        "absolute path",
        "`/server/survey/bra.sav`",
        microdata("/server/survey/bra.sav"),
        ("is not below data/", "name it from there: data/raw/..."),
    ),
    Bad("path of Windows", r"`C:\survey\bra.sav`", microdata(r"C:\survey\bra.sav"), ("is not below data/",)),
    Bad("path of the home folder", "`~/bra.sav`", microdata("~/bra.sav"), ("is not below data/",)),
    Bad("backslashes", r"`data\raw\bra.sav`", microdata(r"data\raw\bra.sav"), ("is not below data/",)),
    Bad(
        "link out of data/",
        "`data/raw/bra.sav` is a link to a file elsewhere",
        link("data/raw/bra.sav", "../../docs/bra.sav", microdata("data/raw/bra.sav")),
        ("microdata.children leads out of data/ by a link",),
    ),
    Bad(
        "folder that is a link out of data/",
        "`data/raw` is a link to a folder elsewhere",
        link("data/raw", "/tmp", microdata("data/raw/bra.sav")),
        ("leads out of data/ by a link", "let data/ itself be the link"),
    ),
    Bad(
        "link to itself",
        "`data/raw/bra.sav` is a link to itself",
        link("data/raw/bra.sav", "bra.sav", microdata("data/raw/bra.sav")),
        ("data/raw/bra.sav is missing",),
        ask=run,
    ),
    Bad(
        "file that is not there",
        "`data/raw/nowhere.sav`",
        microdata("data/raw/nowhere.sav"),
        ("data/raw/nowhere.sav is missing", "config/countries/bra.yaml"),
        ask=run,
    ),
    Bad(
        "file of a kind that cannot be read",
        "`data/raw/bra.docx`",
        microdata("data/raw/bra.docx"),
        ("cannot be read (.docx)", ".sav"),
    ),
    Bad(
        "country file with another ending",
        "`countries/xyz.yml`",
        append("countries/xyz.yml", "iso3: xyz\n"),
        ("config/countries/xyz.yml", "would not be read", "Name it xyz.yaml."),
    ),
    Bad(
        "folder in place of a file",
        "a folder called `countries/xyz.yaml`",
        lambda copy: (copy.root / "config/countries/xyz.yaml").mkdir(),
        ("config/countries/xyz.yaml", "is not a file"),
    ),
    Bad(
        "link to nowhere",
        "`countries/xyz.yaml` is a link to a file that is not there",
        lambda copy: (copy.root / "config/countries/xyz.yaml").symlink_to("nowhere"),
        ("config/countries/xyz.yaml", "is missing"),
    ),
]

YAML = [
    Bad(
        "YAML tag that runs a program",
        '`!!python/object/apply:os.system ["touch owned"]`',
        edit(KEN, "name: Kenya", 'name: !!python/object/apply:os.system ["touch owned"]'),
        ("line 3: has the tag !!python/object/apply:os.system; tags are not allowed here", "Remove the tag."),
    ),
    Bad(
        "YAML tag of one's own",
        "`!secret`",
        edit(KEN, "name: Kenya", "name: !secret Kenya"),
        ("line 3: has the tag !secret",),
    ),
    Bad(
        "YAML tag that names a type",
        "`!!int two`",
        edit(KEN, "code: 2", "code: !!int two"),
        ("line 10: has the tag !!int",),
    ),
    Bad(
        "anchors that multiply (billion laughs)",
        "nine lists of nine references each",
        append(KEN, bomb()),
        ("is too large or too deeply nested",),
    ),
    Bad(
        "merges that multiply",
        "forty mappings that take each other in twice",
        append(KEN, merges()),
        ("is too large or too deeply nested",),
    ),
    Bad(
        "anchor in itself",
        "`&a [*a]`",
        append(KEN, "notes: &a [*a]\n"),
        ("line 21: is too large or too deeply nested",),
    ),
    Bad(
        "very deep nesting",
        "100,000 brackets",
        append(KEN, "notes: " + "[" * 100_000 + "]" * 100_000 + "\n"),
        ("line 21: is too deeply nested",),
    ),
    Bad(
        "very deep indentation",
        "300 mappings in each other",
        append(KEN, "".join(f"{' ' * depth}a{depth}:\n" for depth in range(300))),
        ("is too deeply nested",),
    ),
    Bad(
        "very large file",
        "10 million letters",
        append(KEN, f"notes: [{'x' * 10_000_000}]\n"),
        ("is larger than 1,000,000 bytes",),
    ),
    Bad(
        "very many entries",
        "150,000 notes",
        append(KEN, "notes:\n" + "  - x\n" * 150_000),
        ("is too large for a configuration file",),
    ),
    Bad(
        "setting twice",
        "`code: 2` and `code: 3`",
        edit(KEN, "code: 2", "code: 2\ncode: 3"),
        ("line 11: code appears twice (first on line 10)", "Keep one of the two."),
    ),
    Bad(
        "code twice in two spellings",
        "`1` and `1.0`",
        append(KEN, "variables: {sex: {values: {1: boy, 1.0: girl}}}\n"),
        ("variables.sex.values.1 appears twice",),
    ),
    Bad(
        "tab for indentation",
        "a tab before a setting",
        edit(KEN, "  children: 1014", "\tchildren: 1014"),
        ("line 13: is not valid YAML", "Indent with blanks, not with tabs"),
    ),
    Bad(
        "wrong indentation",
        "one blank too many",
        edit(KEN, "  children: 1014", "   children: 1014"),
        ("is not valid YAML", LOOK),
    ),
    Bad(
        "no blank behind the colon",
        "`name:Kenya`",
        edit(KEN, "name: Kenya", "name:Kenya"),
        ("line 4: is not valid YAML", LOOK),
    ),
    Bad(
        "two colons",
        "`name: Kenya: East`",
        edit(KEN, "name: Kenya", "name: Kenya: East"),
        ("line 3: is not valid YAML", LOOK),
    ),
    Bad(
        "quote that is not closed",
        '`name: "Kenya`',
        edit(KEN, "name: Kenya", 'name: "Kenya'),
        ("is not valid YAML", LOOK),
    ),
    Bad(
        "bracket that is not closed",
        "`notes: [a, b`",
        append(KEN, "notes: [a, b\n"),
        ("is not valid YAML", LOOK),
    ),
    Bad(
        "text that begins with a sign of YAML",
        "`name: @Kenya`",
        edit(KEN, "name: Kenya", "name: @Kenya"),
        ("line 3", "put a text that begins with @"),
    ),
    Bad(
        "text that begins with a star",
        "`name: *Kenya`",
        edit(KEN, "name: Kenya", "name: *Kenya"),
        ("line 3", "put a text that begins with * in quotes"),
    ),
    Bad(
        "two documents in one file",
        "`---` in the middle",
        append(KEN, "---\niso3: xyz\n"),
        ("found another document", "Keep one part"),
    ),
    Bad(
        "list or mapping as a name",
        "`? [a, b]`",
        append(KEN, "? [a, b]\n: 1\n"),
        ("has a list or mapping for a name",),
    ),
    Bad(
        "merge of what is no mapping",
        "`<<: 5`",
        append(KEN, "<<: 5\n"),
        ("has a `<<` that names no mapping",),
    ),
    Bad(
        "Norway: a code that YAML takes for false",
        "`iso3: no`",
        edit(KEN, "iso3: ken", "iso3: no"),
        ("iso3 does not fit: it is true or false (YAML reads an unquoted yes, no", "Write it in quotes."),
    ),
    Bad(
        "Norway: a name that YAML takes for false",
        "`no:` as a setting",
        append(KEN, "no: 1\n"),
        ("line 21: no is not a usable name", "Write it in quotes."),
    ),
    Bad(
        "unquoted yes and no as values",
        "`{1: yes, 2: no}`",
        append(KEN, "variables: {sex_education: {values: {1: yes, 2: no}}}\n"),
        ('write "yes" and "no" in quotes',),
    ),
    Bad(
        "leading zero",
        "`code: 02`",
        edit(KEN, "code: 2", "code: 02"),
        (f"line 10: code is 02, {OTHER_NUMBER}", 'Write a code in quotes ("02")'),
    ),
    Bad(
        "leading zeros in values",
        "`{010: boy, 011: girl}`",
        append(KEN, "variables: {sex: {values: {010: boy, 011: girl}}}\n"),
        (f"is 010, {OTHER_NUMBER}", f"is 011, {OTHER_NUMBER}"),
        problems=2,
    ),
    Bad(
        "number in base 16",
        "`code: 0x1F`",
        edit(KEN, "code: 2", "code: 0x1F"),
        (f"code is 0x1F, {OTHER_NUMBER}",),
    ),
    Bad(
        "number in base 60",
        "`code: 12:30`",
        edit(KEN, "code: 2", "code: 12:30"),
        (f"code is 12:30, {OTHER_NUMBER}",),
    ),
    Bad(
        "no number",
        "`.nan`",
        edit(KEN, "67.0", ".nan"),
        (f"population.internet_users_percent is .nan, {OTHER_NUMBER}",),
    ),
    Bad(
        "endless number",
        "5,000 digits",
        edit(KEN, "7539254", "9" * 5000),
        (f"is {'9' * 20}..., {OTHER_NUMBER}",),
    ),
]

TEXT = [
    Bad(
        "empty file",
        "nothing in a country's file",
        write(KEN, ""),
        ("config/countries/ken.yaml\n  is empty",),
    ),
    Bad("only comments", "`# nothing`", write(KEN, "# nothing\n"), ("is empty",)),
    Bad(
        "list instead of settings",
        "`- ken`",
        write(KEN, "- ken\n- tza\n"),
        ("holds no settings", "Write lines such as `name: value`."),
    ),
    Bad("text instead of settings", "`hello`", write(KEN, "hello\n"), ("holds no settings",)),
    Bad(
        "Windows encoding",
        "a name with an accent in Latin-1",
        rewrite(KEN, lambda text: text.replace("Kenya", "Kényà").encode("latin-1")),
        ("line 3: is not encoded in UTF-8", "Save it as UTF-8"),
    ),
    Bad(
        "UTF-16",
        'Notepad\'s "Unicode"',
        rewrite(KEN, lambda text: text.encode("utf-16")),
        ("is not encoded in UTF-8",),
    ),
    Bad(
        "a picture",
        "the first bytes of a PNG",
        write(KEN, b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("is not encoded in UTF-8",),
    ),
    Bad(
        "null character",
        "a null in a name",
        edit(KEN, "Kenya", "Ken\x00ya"),
        ("line 3: has a character that cannot be seen (U+0000)",),
    ),
    Bad(
        "text turned round",
        "a right-to-left override in a name",
        edit(KEN, "Kenya", "Ken\u202eya"),
        ("line 3: has a character that cannot be seen (U+202E)", "type the line anew"),
    ),
    Bad("blank of no width", "in a name", edit(KEN, "Kenya", "Ken\u200bya"), ("(U+200B)",)),
    Bad(
        "no-break blanks for indentation",
        "copied from a web page",
        edit(KEN, "  children: 1014", "\u00a0\u00a0children: 1014"),
        ("line 14: is not valid YAML", LOOK),
    ),
]

BAD_INPUTS = [*SETTINGS, *PATHS, *YAML, *TEXT]
