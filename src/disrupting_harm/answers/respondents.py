"""The respondents of one country as estimates need them: answers, design, and how they are split."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from disrupting_harm import survey
from disrupting_harm.answers.indicators import Evaluator, NotAskedError
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config.entries.codebook import Codebook
from disrupting_harm.config.entries.country import Country
from disrupting_harm.config.entries.registry import Registry

_HOUSEHOLD = "household_id"


class Respondents:
    """One harmonised table with its design; `label` names it in errors and outputs.

    Without strata and clusters (not delivered, or `weights_only`) each respondent is its own cluster and
    `clustered` is False.
    """

    def __init__(
        self,
        frame: Harmonised | pd.DataFrame,
        registry: Registry,
        codebook: Codebook,
        singleton_psu: str = "fail",
        weights_only: bool = False,
        label: str = "",
    ) -> None:
        self.frame = Harmonised.of(frame)
        self.registry = registry
        self.codebook = codebook
        self.singleton_psu = singleton_psu
        self.label = label
        self.evaluator = Evaluator(self.frame, registry, codebook)
        self.stratum = None if weights_only or "stratum" not in frame else "stratum"
        self.clustered = not weights_only and "psu" in frame
        self._levels: dict[str, dict[str, np.ndarray]] = {}

    @classmethod
    def of(
        cls, frame: Harmonised | pd.DataFrame, registry: Registry, codebook: Codebook, country: Country
    ) -> Respondents:
        """Respondents of one country with the design that its configuration chooses."""
        choices = country.design
        return cls(frame, registry, codebook, choices.singleton_psu, choices.weights_only, country.name)

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def design(self) -> survey.Design:
        """Design with one row per respondent."""
        psu = "psu" if self.clustered else None
        return survey.Design(
            self.drawn, "weight", self.stratum, psu, singleton_psu=self.singleton_psu, name=self.label
        )

    @property
    def drawn(self) -> pd.DataFrame:
        """How each respondent was drawn: weight, and stratum and cluster where they are known."""
        return self.frame[[name for name in ("weight", "stratum", "psu") if name in self.frame]]

    @cached_property
    def instance_design(self) -> survey.Design:
        """Design with one row per pair of respondent and form: the table as often as there are forms, form by form.

        Instances of one child are in the child's cluster; without clusters the child is the cluster.
        """
        labels = dict.fromkeys(("stratum", "psu"), "category")  # not spelled out as often as there are forms
        once = self.drawn.assign(respondent=np.arange(len(self)))
        once = once.astype({name: kind for name, kind in labels.items() if name in once})
        frame = pd.concat([once] * len(self.codebook.forms), ignore_index=True)
        psu = "psu" if self.clustered else "respondent"
        return survey.Design(
            frame, "weight", self.stratum, psu, singleton_psu=self.singleton_psu, name=self.label
        )

    def levels(self, by: str) -> dict[str, np.ndarray]:
        """Who belongs to each level of a breakdown; "all" is everyone. Raises NotAskedError."""
        if by == "all":
            return {"all": np.ones(len(self), bool)}
        if by not in self._levels:
            self._levels[by] = self.evaluator.levels(self.registry.breakdowns[by])
        return self._levels[by]

    def has(self, by: str) -> bool:
        """Whether the breakdown can be made from this table."""
        return not self.why_without(by)

    def why_without(self, by: str) -> str:
        """Why the breakdown cannot be made from this table, as a status; empty where it can."""
        try:
            return "" if self.levels(by) else "not_asked"
        except NotAskedError as error:
            return error.status


def link(children: Harmonised | pd.DataFrame, caregivers: Harmonised | pd.DataFrame) -> Harmonised:
    """The children's table with the columns of each child's caregiver (same household) beside it.

    A child without a caregiver keeps its row, with empty caregiver columns: it leaves the domains, not the design.
    Without households or caregivers' file, the children's table as it is: nothing linked can be estimated.
    Raises ValueError if a household has two caregivers.
    """
    children, caregivers = Harmonised.of(children), Harmonised.of(caregivers)
    if _HOUSEHOLD not in children or _HOUSEHOLD not in caregivers:
        return children.knowing_of(caregivers)
    known = caregivers[_HOUSEHOLD].dropna()  # who has no key is linked to nobody
    twice = known.duplicated().to_numpy()
    if twice.any():
        rows = ", ".join(str(row + 1) for row in known.index[twice][:5])
        raise ValueError(f"caregivers: household_id names the same household twice (rows {rows})")
    places = np.append(known.index.to_numpy(), -1)[
        pd.Index(known).get_indexer(pd.Index(children[_HOUSEHOLD]))
    ]
    return children.beside(caregivers, places)
