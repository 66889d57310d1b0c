"""What several tests need: the project, copies of it that may be spoilt, and files typed from the documented layout."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from disrupting_harm import config

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"drawn", "copy_project"}
"""Fixtures that make a whole survey, or a copy of the project to run the workflow in: tests with one are slow."""
ATTRS = {"data": "synthetic", "excluded": {}, "renamed_identifiers": 0}
"""What `harmonise` says of a table that was delivered whole."""


class Guard:
    """Fails a test of the quick ring (`make check`: all that is not marked slow) that does what takes long."""

    def __init__(self) -> None:
        self.is_quick = False

    def refuse(self, what: str) -> None:
        """Fail if a quick test is running."""
        if self.is_quick:
            self.is_quick = False  # what cleans up afterwards may start what it needs
            pytest.fail(f"A quick test may not {what}. Mark it: pytestmark = pytest.mark.slow")

    def audit(self, event: str, arguments: tuple) -> None:
        """Called by Python whenever a program is started, among other things. git is quick."""
        if event == "subprocess.Popen" and Path(arguments[1][0]).name != "git":
            self.refuse("start a program")


guard = Guard()


def pytest_configure():
    """Let interrupts interrupt: a shell that runs the tests in the background has them ignored by all it starts.

    No example of a property has a deadline: machines are busy.
    """
    sys.addaudithook(guard.audit)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.register_profile("busy", deadline=None)
    settings.load_profile("busy")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark as slow what uses a heavy fixture, and all that runs the workflow.

    Files that are marked themselves go first (--no-loadscope-reorder), so that two workers end at about the same time.
    """
    of_file = {item: [mark.name for mark in item.getparent(pytest.Module).own_markers] for item in items}
    items.sort(key=lambda item: "slow" not in of_file[item])
    for item in items:
        if HEAVY & set(item.fixturenames) or item.path.is_relative_to(ROOT / "tests/workflow"):
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Keep quick tests quick, and the fixtures that they ask for."""
    guard.is_quick = item.get_closest_marker("slow") is None
    try:
        return (yield)
    finally:
        guard.is_quick = False


@pytest.fixture(scope="session")
def root():
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def project():
    """The project's configuration."""
    return config.load(ROOT)


class Copy:
    """A copy of the configuration in a folder of its own, to be changed in tests."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        shutil.copytree(ROOT / "config", folder / "config")
        (folder / "resources").symlink_to(ROOT / "resources")

    def edit(self, file: str, old: str, new: str) -> Copy:
        """Replace a text, which must be there, in config/`file`."""
        path = self.root / "config" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return self

    def add(self, file: str, text: str) -> Copy:
        """Append a text to config/`file`, which may be new."""
        with (self.root / "config" / file).open("a", encoding="utf-8") as stream:
            stream.write(text)
        return self

    def load(self):
        """The configuration of the copy."""
        return config.load(self.root)

    def problems(self) -> str:
        """The report of everything that is wrong."""
        with pytest.raises(config.ConfigurationError) as caught:
            self.load()
        return str(caught.value)


@pytest.fixture
def copy(tmp_path):
    """A copy of the configuration that a test may change."""
    return Copy(tmp_path)


@pytest.fixture(scope="session")
def copies(tmp_path_factory):
    """A function that makes a copy of the configuration, for what the tests of a module share."""
    return lambda: Copy(tmp_path_factory.mktemp("copy"))


# The phase-one file as documented, typed here independently of config/questionnaires: nine items, their follow-ups with
# their codes, and background questions with codes that occur.
ITEMS = ["G1a", "G1c", "G3b", "G3c", "G3d", "G4a", "G4b", "G4c", "G4d"]
FOLLOW_UPS = {
    "G8": [1, 2, 5, 6, 888, 999],
    "G10": [*range(1, 7), 888, 999],
    "G13": [*range(1, 12), 888, 999],
    "G14": [*range(1, 15), 888, 999],
}
SINGLE = ["AII_A16", "AII_A17f", "D1f", "E1a", "E1b", "E1c", "E1e", "G17", "I7a", "I7b", "I7c", "I7f"]


def documented_columns() -> list[str]:
    """Documented columns of the phase-one file that the analysis needs."""
    multiple = [
        f"{question}_{code}_{item}"
        for question, codes in FOLLOW_UPS.items()
        for code in codes
        for item in ITEMS
    ]
    platforms = [f"G8_1_{platform}_{item}" for platform in (*range(1, 18), 888, 999) for item in ITEMS]
    design = ["Respondent_ID", "COUNTRY", "ECS_SELECTED_CH_AGE", "ECS_SELECTED_CH_GENDER", "A1", "wgt_scaled"]
    return [*design, *SINGLE, *ITEMS, *multiple, *platforms]


@pytest.fixture(scope="session")
def phase_one_columns():
    """Documented columns of the phase-one file that the analysis needs."""
    return documented_columns()


@pytest.fixture
def phase_one_rows():
    """A function that makes a raw phase-one table of Kenya (code 2): blank but for design and `answers` by column."""

    def rows(count: int, **answers):
        raw = pd.DataFrame("", index=range(count), columns=documented_columns(), dtype=object)
        raw["Respondent_ID"] = [f"{row:04d}" for row in range(count)]
        raw["COUNTRY"] = 2
        raw["ECS_SELECTED_CH_AGE"] = [row % 6 + 1 for row in range(count)]
        raw["ECS_SELECTED_CH_GENDER"] = [row % 2 + 1 for row in range(count)]
        raw["A1"] = [row % 3 + 1 for row in range(count)]
        raw["wgt_scaled"] = 1.0
        for column, values in answers.items():
            raw[column] = values
        return raw

    return rows


@pytest.fixture(scope="session")
def drawn(project):
    """Synthetic populations by country, drawn once."""
    from disrupting_harm.synthetic import deliver

    draw, known = deliver.drawing(project), {}

    def population(iso3: str):
        guard.refuse("draw a synthetic survey")
        if iso3 not in known:
            known[iso3] = draw(iso3)
        return known[iso3]

    return population


@pytest.fixture(scope="session")
def synthetic_files(project, drawn, tmp_path_factory):
    """Files of the synthetic survey by country, children's and caregivers', written once: read or copy them."""
    from disrupting_harm.synthetic import deliver

    known = {}

    def files(iso3: str):
        if iso3 not in known:
            folder, country = tmp_path_factory.mktemp(iso3), project.countries[iso3]
            known[iso3] = tuple(
                folder / Path(file).name for file in (country.children_file, country.caregivers_file)
            )
            deliver.write(project, [iso3], *known[iso3], population=drawn)
        return known[iso3]

    return files


@pytest.fixture(scope="session")
def remarked(project):
    """What is published about the quality of data: a function of a country's code, its children and caregivers."""
    from disrupting_harm.answers.table import Harmonised
    from disrupting_harm.quality import published
    from disrupting_harm.quality.examine import of_table
    from disrupting_harm.quality.remarks import tidy

    def remarks(iso3: str, *frames, of=project):
        findings = []
        for table, frame in zip(("children", "caregivers"), map(Harmonised.of, frames), strict=True):
            frame.attrs = {**ATTRS, **frame.attrs}
            findings += of_table(of, iso3, table, frame) if len(frame) else []
        return tidy(published.remarks(findings, of.analysis.suppression), iso3, "synthetic")

    return remarks


@pytest.fixture(scope="session")
def decision(project, drawn, remarked, tmp_path_factory):
    """What may be shown of synthetic populations by country, decided once: the file."""
    from disrupting_harm.protection.audit import country as audited

    folder = tmp_path_factory.mktemp("decisions")

    def file(iso3: str):
        path = folder / f"{iso3}.parquet"
        if not path.is_file():
            frames = [frame[frame["weight"].notna()].reset_index(drop=True) for frame in drawn(iso3)]
            audited.write(audited.decision(project, iso3, *frames, remarked(iso3, *frames))[0], path)
        return path

    return file
