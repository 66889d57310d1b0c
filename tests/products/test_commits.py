"""What git refuses: microdata, notebook outputs and results, however they are called."""

import json
import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.slow

HOOK = ".githooks/pre-commit"
NOTEBOOK = {"cells": [{"cell_type": "code", "outputs": [], "execution_count": None}], "nbformat": 4}
OUTPUT = {
    "cells": [{"cell_type": "code", "outputs": [{"output_type": "stream", "text": "x"}]}],
    "nbformat": 4,
}
COUNTED = {"cells": [{"cell_type": "code", "outputs": [], "execution_count": 3}], "nbformat": 4}


def git(folder, *words):
    """A call of git that reads no settings of this machine."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    return subprocess.run(
        ["git", *author, *words], cwd=folder, env=settings, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def original(root, tmp_path_factory):
    """A repository with the project's hook, as `make hooks` installs it."""
    folder = tmp_path_factory.mktemp("repository")
    assert git(folder, "init").returncode == 0
    for file in (HOOK, "Makefile", ".gitignore", "data/README.md", "results/README.md"):
        (folder / file).parent.mkdir(exist_ok=True)
        shutil.copy2(root / file, folder / file)
    made = subprocess.run(["make", "hooks"], cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (folder / "README.md").write_text("# A project\n")
    assert git(folder, "add", "--all").returncode == 0
    committed = git(folder, "commit", "--message", "first")
    assert committed.returncode == 0, committed.stderr
    return folder


@pytest.fixture
def repository(original, tmp_path):
    """A copy of the repository."""
    return shutil.copytree(original, tmp_path / "repository")


def commit(repository, file, content):
    """Stage a file by force, and try to commit."""
    path = repository / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert git(repository, "add", "--force", file).returncode == 0
    return git(repository, "commit", "--message", "more")


REFUSED = {
    **{
        f"survey/children{kind}": (b"x", f"is a {kind} file")
        for kind in (".sav", ".zsav", ".dta", ".parquet", ".xlsx")
    },
    "survey/CHILDREN.SAV": (b"x", "is a .SAV file"),
    "data/raw/ken/children.csv": ("a,b\n1,2\n", "lies in data/"),
    "data/notes.md": ("x", "lies in data/"),
    "results/index.html": ("<html>", "lies in results/"),
    "logs/site.log": ("x", "lies in logs/"),
    "children.csv": ("Respondent_ID,COUNTRY\n0001,2\n", "has columns of a table of respondents"),
    "semicolons.txt": ('\ufeff"CASE_ID";"QS1"\n1;2\n', "has columns of a table of respondents"),
    "tabs.tsv": ("age\tweight_final\n13\t1\n", "has columns of a table of respondents"),
    "records.json": ('[{"child_id": "1"}]', "has columns of a table of respondents"),
    "renamed.md": (b"$FL2@(#) SPSS", "is a file of SPSS under another name"),
    "renamed.bin": (b"PAR1....", "is a file of Parquet under another name"),
    "renamed.doc": (b"PK\x03\x04....xl/worksheets", "is a file of Excel under another name"),
    "outputs.ipynb": (json.dumps(OUTPUT), "holds outputs"),
    "counted.ipynb": (json.dumps(COUNTED), "holds outputs"),
    "broken.ipynb": ("{", "holds outputs"),
    "name with spaces ü.sav": (b"x", "is a .sav file"),
}


@pytest.mark.parametrize("file", REFUSED)
def test_what_may_be_about_respondents_is_not_committed(repository, file):
    content, why = REFUSED[file]
    hook = commit(repository, file, content)
    assert hook.returncode != 0
    assert f"  {file} {why}" in hook.stderr
    assert git(repository, "log", "--format=%s").stdout == "first\n"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("notebooks/question.ipynb", json.dumps(NOTEBOOK)),
        ("resources/published.csv", "country,estimate\nKEN,0.2\n"),
        ("data/README.md", "# Data\n\nMore.\n"),
        ("src/library.py", "child_id = 1\n"),
    ],
)
def test_what_is_about_nobody_is_committed(repository, file, content):
    hook = commit(repository, file, content)
    assert hook.returncode == 0, hook.stderr


def test_a_file_that_was_taken_out_again_is_not_looked_at(repository):
    assert commit(repository, "survey.sav", b"x").returncode != 0
    assert git(repository, "rm", "--cached", "survey.sav").returncode == 0
    assert commit(repository, "notes.md", "x").returncode == 0


def test_git_ignores_data_results_and_logs(repository):
    for file in ("data/raw/ken/children.csv", "data/failed/ken/x.ipynb", "results/ken/x.html", "logs/x.log"):
        (repository / file).parent.mkdir(parents=True, exist_ok=True)
        (repository / file).write_text("x")
    assert git(repository, "status", "--porcelain").stdout == ""


def test_no_file_of_this_repository_is_refused(root):
    if not (root / ".git").exists():
        pytest.skip("this is no checkout")
    hook = subprocess.run([root / HOOK, "--all"], cwd=root, capture_output=True, text=True, check=False)
    assert hook.returncode == 0, hook.stderr
