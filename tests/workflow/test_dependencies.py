"""Modules behind a product: import lines of every kind are followed, and the real products are covered."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from disrupting_harm import MODULES
from disrupting_harm.files.fingerprints import behind, fingerprint
from disrupting_harm.running import plan

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src/disrupting_harm"

FILES = {
    "__init__.py": "from disrupting_harm.everything import Everything",
    "everything.py": "",
    "start.py": """
import pandas as pd
from disrupting_harm import plain as other, room  # a comment: disrupting_harm.unused
from disrupting_harm.many import (
    one,  # not disrupting_harm.unused
    two,
)
def later():
    from disrupting_harm.lazy import thing
    import disrupting_harm.dotted.deep
""",
    "plain.py": "from disrupting_harm.start import later",
    "unused.py": "",
    "lazy.py": "",
    "many/__init__.py": "",
    "many/one.py": "from . import two",
    "many/two.py": "from .three import x",
    "many/three.py": "",
    "many/unused.py": "",
    "room/__init__.py": "",
    "room/page.html.j2": "",
    "room/style/look.css": "",
    "dotted/__init__.py": "",
    "dotted/deep.py": "",
}


def test_imports_are_followed_to_the_end(tmp_path):
    package = tmp_path / "disrupting_harm"
    for name, text in FILES.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    files = {str(path.relative_to(package)) for path in behind(package, ["start"])}
    assert files == set(FILES) - {"everything.py", "unused.py", "many/unused.py"}


WORKS = """
def shares(counts, kinds=("a", "b")):
    if set(kinds) <= {"a", "b", "c"}:
        return [count / 2 for count in counts]
"""
SAME = [
    f"# why\n\n{WORKS}\n",
    WORKS.replace("    if", "    # why\n\n    if"),
    WORKS.replace("counts]", "counts]  # half"),
]
OTHER = [
    WORKS.replace(*change) for change in [("/ 2", "/ 3"), ('"c"', '"d"'), ("kinds=", "kinds_="), ("<=", "<")]
]


def test_a_fingerprint_is_of_what_a_module_does(tmp_path):
    """Every text in a folder of its own: Python keeps compiled code by the file's time and size."""

    def digest_of(text):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / "module.py").write_text(text)
        return fingerprint([folder / "module.py"])

    first = digest_of(WORKS)
    assert {digest_of(text) for text in SAME} == {first}
    others = {digest_of(text) for text in [*OTHER, "def broken("]}
    assert len(others) == len(OTHER) + 1
    assert first not in others


def test_a_fingerprint_is_the_same_in_every_process(root):
    code = (
        "from disrupting_harm.files.fingerprints import LIBRARY, behind, fingerprint\n"
        "from disrupting_harm.running.plan import ENTRIES\n"
        "print(fingerprint(behind(LIBRARY, ENTRIES['insight'])))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_an_entry_that_does_not_exist_is_an_error():
    with pytest.raises(LookupError, match="no module 'nothing'"):
        behind(PACKAGE, ["nothing"])


@pytest.mark.parametrize("product", plan.ENTRIES)
def test_every_module_that_python_imports_is_behind_the_product(product):
    """What Python itself has loaded after importing the entries, against what was read from the files."""
    names = ", ".join(f"disrupting_harm.{entry}" for entry in plan.ENTRIES[product])
    loaded_files = "[m.__file__ for n, m in sys.modules.items() if n.startswith('disrupting_harm.')]"
    code = f"import sys, {names}; print(*{loaded_files}, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
    )
    loaded = {Path(line) for line in run.stdout.split()}
    assert loaded <= set(behind(PACKAGE, plan.ENTRIES[product]))


@pytest.mark.parametrize(
    ("folder", "product"), [("notebooks", "insight"), ("notebooks/comparison", "comparison")]
)
def test_what_notebooks_import_is_behind_them(folder, product):
    modules = behind(PACKAGE, plan.ENTRIES[product])
    paths = sorted((ROOT / folder).glob("*.ipynb"))
    assert paths
    for path in paths:
        code = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module == "disrupting_harm":
                for name in node.names:
                    assert PACKAGE / f"insights/{MODULES[name.name]}.py" in modules, (path.name, name.name)


def test_the_site_is_not_behind_the_notebooks():
    notebooks = {*behind(PACKAGE, plan.ENTRIES["insight"]), *behind(PACKAGE, plan.ENTRIES["comparison"])}
    assert set(behind(PACKAGE, plan.ENTRIES["site"])) - notebooks
    assert not any("site" in path.relative_to(PACKAGE).parts[:-1] for path in notebooks)


def test_no_page_is_behind_the_workbook():
    """Another look of the pages does not write it anew."""
    paths = behind(PACKAGE, plan.ENTRIES["workbook"])
    rooms = {folder for path in paths for folder in path.relative_to(PACKAGE).parts[:-1]}
    assert "workbook" in rooms
    assert not rooms & {"pages", "site", "border"}
