"""What the nine forms are fitted to: published shares of a country, or pooled ones where a country has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from disrupting_harm.synthetic.draws import Floats
from disrupting_harm.synthetic.parameters import POOLED, ParameterError, Parameters
from disrupting_harm.synthetic.sample import AGES, AREAS, SEXES, demographic_shares

RESPONSES = ("never", "rarely", "sometimes", "often", "very_often", "dont_know", "refused")
IMPLIED_ONLINE = "befh"  # these forms count in the implied definition wherever they happened
COUNTRY_REPORT = "fghi"  # the set behind the headline of the country reports (an inference)


@dataclass(frozen=True)
class FormTargets:
    """Shares of a country's internet-using children, missing counted as no.

    `responses` is forms x RESPONSES; `online` one share per form; `any_online`, `any_context`, `implied` and
    `country_report` (NaN when not published) count children with at least one form; `undetermined` children with no
    reported form but at least one don't know or prefer not to say. `online_by` holds any_online within the levels
    of age, area and sex. `fitted`: whether the sample is fitted to these figures or merely drawn from them.
    """

    responses: Floats
    online: Floats
    any_online: float
    any_context: float
    implied: float
    country_report: float
    undetermined: float
    online_by: Mapping[str, Floats]
    fitted: bool

    @cached_property
    def any_form(self) -> Floats:
        """Share of children reporting each form, wherever it happened."""
        return self.responses[:, 1:5].sum(axis=1)


def form_targets(parameters: Parameters, country: str) -> FormTargets:
    """Targets of a country (upper case); the pooled ones when nothing is published for its nine forms.

    Where only the overall share of a country is published, the pooled ones scaled to it.
    """
    fitted = parameters.is_calibrated(country)
    overall = parameters.share("tfcsea_any", country, missing=np.nan)
    if not fitted and country != POOLED and not np.isnan(overall):
        return _scaled(form_targets(parameters, POOLED), overall)
    source = country if fitted else POOLED
    any_context, undetermined = _any_context(parameters, source)
    any_online = parameters.share("tfcsea_any", source)
    return FormTargets(
        responses=_responses(parameters, source),
        online=np.array(
            [
                parameters.sharper_share(f"tfcsea_item_{k}_{name}", source)
                for k, name in parameters.forms.items()
            ]
        ),
        any_online=any_online,
        any_context=any_context,
        implied=parameters.sharper_share("tfcsea_any_implied", source),
        country_report=parameters.share("ocsea_any_country_report", source, missing=np.nan),
        undetermined=undetermined,
        online_by=_online_by(parameters, source),
        fitted=fitted,
    )


def _scaled(targets: FormTargets, overall: float) -> FormTargets:
    """Targets with another share of children with any form online; reports are in proportion, the rest never."""
    factor = overall / targets.any_online
    responses = targets.responses.copy()
    responses[:, 1:5] *= factor
    responses[:, 0] = 1 - responses[:, 1:].sum(axis=1)
    return FormTargets(
        responses=responses,
        online=targets.online * factor,
        any_online=overall,
        any_context=targets.any_context * factor,
        implied=targets.implied * factor,
        country_report=targets.country_report * factor,
        undetermined=targets.undetermined,
        online_by={name: shares * factor for name, shares in targets.online_by.items()},
        fitted=True,
    )


def _responses(parameters: Parameters, source: str) -> Floats:
    """Shares of the frequency answers, forms x RESPONSES, each row adding to 1."""
    names = parameters.names("responses")
    rows = [
        [
            parameters.sharper_share(f"frequency_item_{k}_{form}", source, f"response={names[r]}")
            for r in RESPONSES
        ]
        for k, form in parameters.forms.items()
    ]
    shares = np.array(rows)
    return shares / shares.sum(axis=1, keepdims=True)


def _any_context(parameters: Parameters, source: str) -> tuple[float, float]:
    """Share of all children with any form in any context, and share with an undetermined status.

    The published estimate leaves out undetermined children, the published number of cases does not depend on them.
    """
    if source == POOLED:
        countries = parameters.calibrated
        sizes = np.array([parameters.sample_size(country) for country in countries])
        parts = np.array([_any_context(parameters, country) for country in countries])
        cases, undetermined = (parts * sizes[:, None]).sum(axis=0) / sizes.sum()
        return float(cases), float(undetermined)
    estimate = parameters.share("csea_any_any_context", source)
    row = parameters.find("csea_any_any_context", source)
    if row is None:
        raise ParameterError(
            f"resources/published/published_estimates.csv has no csea_any_any_context of {source}"
        )
    cases = float(str(row["note"]).split("weighted cases ")[-1].split(";")[0]) / parameters.sample_size(
        source
    )
    return cases, max(1 - cases / estimate, 0.0)


def _online_by(parameters: Parameters, source: str) -> dict[str, Floats]:
    """Share of any_online within the levels of age, area and sex.

    The levels are published for the pool only. Within a country the pooled figures are scaled so that both the
    country's own share and the pooled share of each level come out (iterative proportional fitting of cases).
    """
    result = {}
    for name, levels in (("age", AGES), ("area", AREAS), ("sex", SEXES)):
        pooled = np.array([parameters.share("tfcsea_any", POOLED, f"{name}={level}") for level in levels])
        if source == POOLED:
            result[name] = pooled
            continue
        countries = parameters.calibrated
        children = np.array(
            [demographic_shares(parameters, c)[name] * parameters.sample_size(c) for c in countries]
        )
        country_cases = np.array(
            [parameters.share("tfcsea_any", c) * parameters.sample_size(c) for c in countries]
        )
        cases = _fit_table(children * pooled, country_cases, children.sum(axis=0) * pooled)
        result[name] = (cases / children)[countries.index(source)]
    return result


def _fit_table(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """Scale a table until its margins are `rows` and, in proportion, `columns`."""
    columns = columns * rows.sum() / columns.sum()
    for _ in range(200):
        table = table * (rows / table.sum(axis=1))[:, None]
        table = table * (columns / table.sum(axis=0))
    return table
