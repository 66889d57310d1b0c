"""Products that were made from the same are written again, not made again; and only where nothing has changed."""

import json
import math
import os
import stat

import pytest

import disrupting_harm
from disrupting_harm.files import cache
from disrupting_harm.running import memo
from disrupting_harm.running.memo import Memo

ENTRIES = ("files.atomic",)


class Job:
    """A job with a file, a folder of files, and one for its owner alone; counts how often it is made."""

    def __init__(self, root):
        self.root, self.source, self.made = root, root / "source", 0
        self.products = [
            root / "results/ken/a.csv",
            root / "results/figures",
            root / "data/estimates/ken/a.csv",
        ]
        self.source.write_text("1")

    def make(self):
        self.made += 1
        table, figures, exact = self.products
        for path in (table, figures / "one.svg", figures / "two.png", exact):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.source.read_bytes() + b"\xff\n" + path.name.encode())
        return self.made

    def remove(self):
        """What Snakemake does before a job."""
        for path in self.files():
            path.unlink()

    def files(self):
        return [
            path for folder in ("results", "data/estimates") for path in (self.root / folder).rglob("*.*")
        ]

    def run(self):
        self.remove()
        (self.root / "results/figures").mkdir(parents=True, exist_ok=True)
        return Memo(self.root, ("kind", "ken", "a"), ENTRIES, self.source.read_text).once(
            self.make, *self.products
        )

    def contents(self):
        return {path: path.read_bytes() for path in self.files()}

    @property
    def kept(self):
        return self.root / "data/cache/kind/ken/a.json"


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.setattr(disrupting_harm, "IMPORTED", math.inf)
    monkeypatch.delenv(memo.SWITCH, raising=False)
    return Job(tmp_path)


def test_the_same_is_not_made_twice_and_has_the_same_bytes(job):
    assert job.run() == 1
    before = job.contents()
    assert len(before) == 4
    assert job.run() is None
    assert job.contents() == before
    assert job.made == 1


def test_what_is_made_from_something_else_is_made_again(job):
    job.run()
    job.source.write_text("2")
    assert job.run() == 2
    assert job.products[0].read_bytes().startswith(b"2")
    job.source.write_text("1")
    assert job.run() == 3


def test_full_precision_is_for_its_owner_alone(job):
    job.run()
    job.remove()
    job.run()
    for path in (job.products[2], job.kept):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    usual = os.umask(0)
    os.umask(usual)
    assert stat.S_IMODE(job.products[0].stat().st_mode) == 0o666 & ~usual


@pytest.mark.parametrize("spoil", ["truncate", "edit", "open", "damage"])
def test_what_is_kept_is_believed_only_where_nobody_else_could_have_written_it(job, spoil):
    job.run()
    text = job.kept.read_text()
    checksum, _, content = text.partition("\n")
    values = json.loads(content)
    if spoil == "truncate":
        job.kept.write_text(text[:-10])
    elif spoil == "edit":
        job.kept.write_text(text.replace('"results/ken/a.csv": "', '"results/ken/a.csv": "AA'))
    elif spoil == "open":
        job.kept.chmod(0o620)
    else:
        values["values"]["products"]["results/ken/a.csv"] = "bm90IGNvbXByZXNzZWQ="
        content = json.dumps(values, ensure_ascii=False, sort_keys=True)
        job.kept.write_text(f"{cache.digest(content)}\n{content}")
    assert job.run() == 2
    assert checksum


def test_other_products_than_are_kept_are_made(job):
    job.run()
    job.products[0] = job.products[0].with_name("b.csv")
    assert job.run() == 2


@pytest.mark.parametrize("what", ["sys.version", "packages"])
def test_another_python_or_package_counts(job, what, monkeypatch):
    job.run()
    if what == "packages":
        monkeypatch.setattr(memo, "packages", lambda: ["pandas-99.dist-info"])
    else:
        monkeypatch.setattr(what, "4.0")
    assert job.run() == 2


def test_the_packages_of_this_environment_are_known():
    assert any(name.startswith("pandas-") for name in memo.packages())


def test_what_changed_while_it_was_made_is_not_kept(job):
    """Somebody saves the notebook while it runs."""
    make = job.make

    def edited():
        job.source.write_text("2")
        return make()

    job.make = edited
    assert job.run() == 1
    assert not job.kept.exists()


def test_what_fails_is_not_kept(job):
    def fail():
        raise RuntimeError

    job.make = fail
    with pytest.raises(RuntimeError):
        job.run()
    assert not job.kept.exists()


def test_what_is_forced_is_made(job, monkeypatch):
    job.run()
    monkeypatch.setenv(memo.SWITCH, memo.OFF)
    assert job.run() == 2


def test_products_elsewhere_are_made_and_not_kept(job, tmp_path_factory):
    job.products[0] = tmp_path_factory.mktemp("elsewhere") / "a.csv"
    assert job.run() == 1
    assert job.run() == 2
    assert not job.kept.exists()


def test_what_nobody_asks_for_any_more_is_forgotten(job):
    job.run()
    memo.forget(job.root, ["ken", "comparison"], ["a"])
    assert job.kept.exists()
    memo.forget(job.root, ["uga", "comparison"], ["a"])
    assert not job.kept.exists()
    job.run()
    memo.forget(job.root, ["ken"], ["b"])
    assert not job.kept.exists()
