"""Canaries: what only one respondent has, planted in a survey, and the search for it in whatever a run has left."""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError

from disrupting_harm import config
from disrupting_harm.delivered.harmonise import write_parquet
from disrupting_harm.running.jobs import Jobs
from disrupting_harm.synthetic import deliver

WORD = "kanari7q"
"""Stands in every identifier, and in every text, that is planted."""

WEIGHT = 3.14159265
LONE = "self_harm"
"""The variable that one child alone has answered with yes."""

SIGNS = (WORD, "3.14159")
EVERYWHERE = ("results", "logs", ".snakemake", "tmp")
DOT_WORDS = "OTHER_WORDS"


def plant(root: Path, iso3: str) -> None:
    """Write the files of a country's synthetic survey anew, with canaries."""
    project = config.load(root)
    country = project.countries[iso3]
    frames = deliver.drawing(project)(iso3)
    children, caregivers = deliver.with_other_ages(*frames, country, project.codebook)
    mark(children)
    caregivers["caregiver_id"] = caregivers["caregiver_id"].astype(str) + WORD
    caregivers["household_id"] = caregivers["household_id"].astype(str) + WORD
    for table, frame in (("children", children), ("caregivers", caregivers)):
        made = deliver.raw(project, iso3, table, frame)
        made.columns[DOT_WORDS] = pd.Series([f"my name is {WORD} {row}" for row in range(len(frame))])
        deliver.write_file(made, project.path(getattr(country, table).file))


def mark(children: pd.DataFrame) -> None:
    """Canaries in every identifier; one child alone of its age and area, with a weight and an answer of its own."""
    for name in ("child_id", "household_id", "psu", "stratum"):
        children[name] = children[name].astype(str) + WORD
    children[LONE] = children[LONE].mask(children[LONE] == "yes", "no")
    one = children.index[children["weight"] > 0][0]
    same = (children["age"] == 17) & (children["area"] == "peri_urban")
    children.loc[same, "area"] = "urban"
    children.loc[one, ["age", "area", "weight", LONE]] = [17, "peri_urban", WEIGHT, "yes"]


def spoil_codes(root: Path, iso3: str) -> None:
    """Impossible codes in answers, words in a coded column, words as a weight."""
    import pyreadstat

    project = config.load(root)
    path = project.path(project.countries[iso3].children.file)
    frame, about = pyreadstat.read_sav(path, user_missing=True)
    frame.loc[5, "Q7"] = 4711
    frame["QS1"] = frame["QS1"].astype(str).where(frame.index != 5, f"girl, {WORD}")
    frame["weight_final"] = frame["weight_final"].astype(str).where(frame.index != 6, f"heavy {WORD}")
    pyreadstat.write_sav(frame, path, column_labels=about.column_labels)


def spoil_weights(root: Path, iso3: str) -> None:
    """Words as a weight in a table that was harmonised: an error of another package quotes them."""
    path = root / f"data/harmonised/{iso3}/children.parquet"
    frame = pd.read_parquet(path)
    attrs, words = frame.attrs, frame["weight"].astype(str).where(frame.index != 6, f"heavy {WORD}")
    frame = frame.assign(weight=words)
    frame.attrs = attrs
    write_parquet(frame, path)
    Jobs.of(config.load(root), [iso3]).job("harmonise", country=iso3).write()


def files_with_words(root: Path, folders: Iterable[str] = EVERYWHERE) -> list[str]:
    """Files with a canary in their names, their bytes, or what is packed in them."""
    files = [path for folder in folders for path in (root / folder).rglob("*") if path.is_file()]
    return [str(path.relative_to(root)) for path in files if any(map(holds, layers(path)))]


def holds(content: bytes) -> bool:
    """Whether bytes hold a canary, in UTF-8 or UTF-16."""
    lower = content.lower()
    return any(sign.encode(how) in lower for sign in SIGNS for how in ("utf-8", "utf-16-le"))


def layers(path: Path) -> Iterator[bytes]:
    """Name and content of a file, and what is packed in it: members of archives, texts of pictures, base64."""
    content = path.read_bytes()
    yield path.name.encode()
    yield content
    for packed in (path.name.encode(), *re.findall(rb"[A-Za-z0-9+/=]{60,}", content)):
        yield unpacked(packed)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if path.suffix == ".png":
        yield notes(content)


def unpacked(text: bytes) -> bytes:
    """What base64 stands for; nothing if it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def notes(content: bytes) -> bytes:
    """The texts in a picture."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            return repr(image.info).encode()
    except UnidentifiedImageError:
        return b""
