"""Planted deliveries and their releases, made once."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from attacks import planted, suite
from attacks.judge import Truth
from attacks.knowledge import Weights
from attacks.relations import Relations

NOT_ASKED = ["platform_", "perpetrator_", "barrier_"]
"""Questions that nobody was asked in the planted survey, so that a decision about it takes seconds."""


@pytest.fixture(scope="session")
def deliver(project, drawn, tmp_path_factory):
    """A function that makes a release of planted children."""
    children, _ = drawn(planted.COUNTRY)
    children = children[children["weight"].notna()].reset_index(drop=True)
    definitions = tmp_path_factory.mktemp("definitions")

    def delivered(plant, without, insights):
        frame = planted.asked_only(plant(children), without)
        delivery = planted.deliver(project, tmp_path_factory.mktemp("planted"), definitions, frame, insights)
        truth = Truth(delivery.project, planted.COUNTRY, delivery.children, delivery.caregivers)
        return SimpleNamespace(
            delivery=delivery,
            truth=truth,
            secrets=truth.secrets(delivery.project.analysis.suppression),
            relations=Relations(delivery.project, delivery.release),
            weights=Weights(truth.weight.min(), truth.weight.max()),
        )

    return delivered


@pytest.fixture(scope="session")
def weighted(deliver):
    """Children whose weights vary."""
    return deliver(planted.planted, NOT_ASKED, ["prevalence", "disclosure", "wellbeing"])


@pytest.fixture(scope="session")
def equal(deliver):
    """Children who all weigh the same, fewer of whose answers are known."""
    return deliver(planted.equal_weights, [*NOT_ASKED, "told_", "place_"], ["prevalence", "wellbeing"])


@pytest.fixture(scope="session")
def without_three(deliver):
    """The same without three children, all of whom thought of suicide."""

    def plant(children):
        frame = planted.equal_weights(children)
        return frame.drop(np.flatnonzero(three(frame))).reset_index(drop=True)

    return deliver(plant, [*NOT_ASKED, "told_", "place_"], ["prevalence", "wellbeing"])


def three(frame):
    """Three children who thought of suicide."""
    counted = (frame["suicidal_thoughts"] == "yes").fillna(False).to_numpy(bool)
    return counted & (np.cumsum(counted) <= 3)


@pytest.fixture(scope="session")
def outcome():
    """What came of all attacks on a release, or on a variant of it without protection, found out once."""
    known = {}
    families = {"told_a__helpline": ("disclosure",), "form_a": ("self", "suicidal", "anxiety")}

    def verdicts(case, which="protected"):
        if (id(case), which) not in known:
            delivery = case.delivery
            release = delivery.release if which == "protected" else delivery.without_protection(which)
            begins = next(start for column, start in families.items() if column in delivery.children)
            family = [name for name in delivery.project.registry.indicators if name.startswith(begins)]
            looked_at = [family] if which in ("protected", "primary") else []
            known[id(case), which] = suite.attack(
                delivery.project, release, case.truth, case.secrets, looked_at, case.relations, most=8
            )
        return known[id(case), which]

    return verdicts
