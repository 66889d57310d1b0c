"""A folder of figures is a product: whatever is published of it counts, and what other programs leave does not."""

from __future__ import annotations

import pytest

from disrupting_harm.files.records import OF_FIGURES, Job

PAGE, FOLDER = "results/comparison/ranking.html", "results/comparison/figures/ranking"


@pytest.fixture
def job(tmp_path):
    """A job whose products have just been recorded."""
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / PAGE).write_text("page")
    for kind in OF_FIGURES:
        (tmp_path / FOLDER / f"first.{kind}").write_text(kind)
    made = Job(tmp_path, (PAGE, FOLDER), "0" * 16, ("files.atomic",))
    made.write()
    assert made.problem() == ""
    return made


@pytest.mark.parametrize("kind", OF_FIGURES)
def test_a_change_in_any_published_file_of_the_folder_is_seen(job, kind):
    (job.root / FOLDER / f"first.{kind}").write_text("another")
    assert job.problem() == f"{FOLDER} has been changed since it was made"


@pytest.mark.parametrize("kind", OF_FIGURES)
def test_a_deleted_file_of_the_folder_is_seen(job, kind):
    (job.root / FOLDER / f"first.{kind}").unlink()
    assert job.problem() == f"{FOLDER} has been changed since it was made"


def test_what_a_file_browser_leaves_changes_nothing(job):
    (job.root / FOLDER / ".DS_Store").write_text("icons")
    assert job.problem() == ""
