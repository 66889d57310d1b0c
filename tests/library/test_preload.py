"""What is done before the warm process forks leaves what every job looks for, and nothing in the way."""

from importlib import import_module

from disrupting_harm import config
from disrupting_harm.commands.preload import preload
from disrupting_harm.presentation.figures import style

kept = import_module("disrupting_harm.config.load")._load
measured = style._word_width


def test_settings_and_words_are_known_afterwards(root, monkeypatch):
    monkeypatch.chdir(root)
    kept.cache_clear()
    measured.cache_clear()
    preload()
    before = kept.cache_info().misses, measured.cache_info().misses
    project = config.load()
    style.text_width(project.registry.indicators["tfcsea_any"].title, bold=True)
    style.text_width("12.3% 7.0")
    assert (kept.cache_info().misses, measured.cache_info().misses) == before


def test_it_is_no_hindrance_where_there_are_no_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    preload()
    assert list(tmp_path.iterdir()) == []
