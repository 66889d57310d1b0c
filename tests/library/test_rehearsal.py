"""What is done before the warm process forks leaves what every job looks for, and nothing in the way."""

from disrupting_harm import config
from disrupting_harm.rehearsal import rehearse


def test_settings_are_known_afterwards(root, monkeypatch):
    monkeypatch.chdir(root)
    rehearse()
    known = config.load()
    rehearse()
    assert config.load() is known


def test_it_is_no_hindrance_where_there_are_no_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rehearse()
    assert list(tmp_path.iterdir()) == []
