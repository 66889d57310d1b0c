"""How a command ends: what the library refuses is printed; the message of any other error may contain an answer."""

import errno
import os
import re
import shlex
import stat
import subprocess
import sys
import warnings

import pytest

from disrupting_harm import cli
from disrupting_harm.commands import products
from disrupting_harm.running.notebooks import NotebookError


def raising(error):
    def app():
        raise error

    return app


def test_what_the_library_refuses_is_told_without_a_traceback(monkeypatch, capsys):
    monkeypatch.setattr(cli, "app", raising(NotebookError("ken, disclosure: cell 'told' failed.")))
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 1
    assert capsys.readouterr().err == "ken, disclosure: cell 'told' failed.\n"


def test_any_other_error_says_where_and_keeps_its_words_for_the_owner_of_the_data(copy, monkeypatch, capsys):
    monkeypatch.chdir(copy.root)
    monkeypatch.setattr("sys.argv", ["disrupting-harm", "harmonise", "ken"])
    monkeypatch.setattr(cli, "app", raising(ValueError("cannot read 'what a child said'")))
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert (
        lines[-1]
        == "ValueError. The message may contain an answer and is only in data/failed/harmonise-ken.txt."
    )
    assert lines[-2].startswith("  workflow/test_cli.py, line ")
    kept = copy.root / "data/failed/harmonise-ken.txt"
    assert "what a child said" in kept.read_text()
    assert [oct(stat.S_IMODE(path.stat().st_mode)) for path in (kept.parent, kept)] == ["0o700", "0o600"]


def test_outside_a_project_the_words_of_an_error_are_kept_nowhere(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "app", raising(ValueError("cannot read 'what a child said'")))
    with pytest.raises(SystemExit):
        cli.main()
    assert "what a child said" not in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_on_a_full_disk_the_system_is_quoted_and_nobody_else(copy, monkeypatch, capsys):
    """Where the words cannot be kept, Python would tell them itself."""

    def app():
        raise OSError(errno.ENOSPC, "she answered: yes", "she.csv") from ValueError("she answered: no")

    (copy.root / "data").write_text("no folder: nothing can be kept here")
    monkeypatch.chdir(copy.root)
    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(SystemExit):
        cli.main()
    message = capsys.readouterr().err
    assert message.endswith(
        "OSError (No space left on device). The message may contain an answer and could not be kept.\n"
    )
    assert "she" not in message


def test_warnings_say_kind_and_place(tmp_path, monkeypatch, capsys):
    def app():
        warnings.warn("odd: 'what a child said'", UserWarning, stacklevel=1)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "app", app)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
        monkeypatch.setattr(
            warnings, "showwarning", lambda *warning: sys.stderr.write(warnings.formatwarning(*warning[:4]))
        )
        cli.main()
    assert re.fullmatch(r"workflow/test_cli\.py, line \d+: UserWarning\n", capsys.readouterr().err)


@pytest.mark.parametrize(("terminal", "shown"), [(True, ""), (False, "ken: harmonised\n")])
def test_progress_goes_to_the_log_and_leaves_a_terminal_to_its_bars(monkeypatch, capsys, terminal, shown):
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    products.say("ken: harmonised")
    output = capsys.readouterr()
    assert output.err == "ken: harmonised\n"
    assert output.out == shown


def test_versions_and_digests_are_those_of_the_files(tmp_path):
    import hashlib

    from disrupting_harm.files import fingerprints
    from disrupting_harm.publishing import provenance

    file = tmp_path / "table.csv"
    file.write_bytes(b"a,b\n")
    assert fingerprints.sha256(file) == hashlib.sha256(b"a,b\n").hexdigest()
    assert set(provenance.versions(["pandas", "no-such-package"])) == {"pandas"}
    assert provenance.commit(tmp_path) == "not known"


def test_a_long_description_of_a_file_goes_to_the_pager(root, tmp_path):
    """In a terminal, where it has more lines than that."""
    file, shown = tmp_path / "small.csv", tmp_path / "shown.txt"
    file.write_text("sex,age\n" + "1,12\n2,13\n" * 20, encoding="utf-8")
    ours, theirs = os.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "disrupting_harm", "inspect", str(file), "--all"],
            cwd=root,
            env=os.environ | {"PAGER": f"cat > {shlex.quote(str(shown))}", "LINES": "2", "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            check=True,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert "small.csv" in shown.read_text(encoding="utf-8")
