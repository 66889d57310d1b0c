"""Files are written whole or not at all, also beside what a killed writer has left."""

import stat

import pytest

from disrupting_harm.files.atomic import atomic_write, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_failed_writer_leaves_what_was_there(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_text(page, "broken \ud800")
    assert page.read_text() == "before"
    assert names(tmp_path) == ["page.html"]


def test_folders_are_made_and_line_ends_stay(tmp_path):
    write_text(tmp_path / "ken/page.html", "a\nb\r\n")
    assert (tmp_path / "ken/page.html").read_bytes() == b"a\nb\r\n"
    (tmp_path / "ken/other").touch()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "ken").iterdir()}
    assert len(modes) == 1, "as readable as other files"


def test_what_a_killed_writer_left_goes_and_nothing_else(tmp_path):
    (tmp_path / ".page[1].html.4711.unfinished").write_text("ha")
    (tmp_path / ".page1.html.4711.unfinished").write_text("of another file")
    write_text(tmp_path / "page[1].html", "whole")
    assert names(tmp_path) == [".page1.html.4711.unfinished", "page[1].html"]


def test_of_two_writers_the_last_one_counts(tmp_path):
    """The first is what a killed run has left at work. In one process their names are the same, so it is renamed."""
    page = tmp_path / "page.html"
    with pytest.raises(FileNotFoundError), atomic_write(page) as first:  # noqa: PT012
        first.write_text("old")
        first.rename(tmp_path / ".page.html.1.unfinished")
        write_text(page, "new")
        assert page.read_text() == "new"
    assert names(tmp_path) == ["page.html"]
    assert page.read_text() == "new"
