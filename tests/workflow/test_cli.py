"""How a command ends: what the library refuses is told in words, a mistake of ours keeps its traceback."""

import pytest

from disrupting_harm import cli
from disrupting_harm.commands import products
from disrupting_harm.notebooks import NotebookError


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


def test_any_other_error_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(cli, "app", raising(ZeroDivisionError("ours")))
    with pytest.raises(ZeroDivisionError):
        cli.main()


@pytest.mark.parametrize(("terminal", "shown"), [(True, ""), (False, "ken: harmonised\n")])
def test_progress_goes_to_the_log_and_leaves_a_terminal_to_its_bars(monkeypatch, capsys, terminal, shown):
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    products.say("ken: harmonised")
    told = capsys.readouterr()
    assert told.err == "ken: harmonised\n"
    assert told.out == shown


def test_versions_and_digests_are_those_of_the_files(tmp_path):
    import hashlib

    from disrupting_harm import provenance

    file = tmp_path / "table.csv"
    file.write_bytes(b"a,b\n")
    assert provenance.sha256(file) == hashlib.sha256(b"a,b\n").hexdigest()
    assert set(provenance.versions(["pandas", "no-such-package"])) == {"pandas"}
    assert provenance.commit(tmp_path) == "not known"
