"""What an earlier run has worked out: believed where nothing has changed, and forgotten where it was not asked for."""

import pytest

import disrupting_harm
from disrupting_harm.files.cache import Cache


@pytest.fixture
def code(tmp_path):
    """A module that values come from, older than this process."""
    path = tmp_path / "module.py"
    path.write_text("def answer():\n    return 42\n")
    return path


@pytest.fixture
def cache(tmp_path, code, monkeypatch):
    """A function that gives the cache of another run."""
    monkeypatch.setattr(disrupting_harm, "IMPORTED", code.stat().st_ctime + 1)
    return lambda *about: Cache(tmp_path / "data/cache/values.json", [code], *about)


def filled(cache, **values):
    run = cache("about")
    for name, value in values.items():
        run.set(name, value)
    run.write()


def test_values_of_the_run_before_are_known(cache):
    filled(cache, a=["Côte d'Ivoire", 1], b=True)
    run = cache("about")
    assert run.get("a") == ["Côte d'Ivoire", 1]
    assert run.get("b") is True
    assert run.get("c") is None


def test_names_that_a_run_does_not_ask_for_are_forgotten_after_it(cache):
    filled(cache, a=1, b=2)
    run = cache("about")
    assert run.get("a") == 1
    run.write()
    assert cache("about").get("b") is None
    assert cache("about").get("a") == 1


def test_what_else_the_values_depend_on_counts(cache):
    filled(cache, a=1)
    assert cache("something else").get("a") is None
    assert cache("about").get("a") == 1


def test_another_version_of_python_counts(cache, monkeypatch):
    filled(cache, a=1)
    monkeypatch.setattr("sys.version", "4.0")
    assert cache("about").get("a") is None


def test_nothing_is_kept_that_may_come_from_code_that_is_not_in_the_files_any_more(cache, code, monkeypatch):
    """Somebody has saved a module while the run was at work: what runs is the code from before."""
    monkeypatch.setattr(disrupting_harm, "IMPORTED", code.stat().st_ctime - 1)
    filled(cache, a=1)
    assert cache("about").get("a") is None


def test_a_full_disk_is_no_reason_to_stop(cache, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("disrupting_harm.files.cache.write_text", full)
    filled(cache, a=1)
    assert cache("about").get("a") is None
