"""Published indicators computed from codebook columns alone, for the tests of the synthetic survey."""

import numpy as np
import pandas as pd

from disrupting_harm import survey

HAPPENED = ("rarely", "sometimes", "often", "very_often")


def indicators(children: pd.DataFrame, parameters) -> pd.DataFrame:
    """One column per published indicator of DI1 and DI2 (indicator|subgroup); 1, 0 or missing (outside the base).

    Definitions as published: an item is online when its last occurrence was on social media or in a game; missing
    counts as no, except for any context, where a child with neither a form nor nine times "never" leaves the base.
    """
    letters = list(parameters.forms)
    answers = {k: children[f"form_{k}"].astype(str) for k in letters}
    happened = {k: answers[k].isin(HAPPENED).to_numpy() for k in letters}
    online = {
        k: happened[k]
        & (_said(children, "place", k, "social_media") | _said(children, "place", k, "online_game"))
        for k in letters
    }
    columns = {}
    for k, name in parameters.forms.items():
        columns[f"tfcsea_item_{k}_{name}|all"] = online[k]
        for value, published in parameters.names("responses").items():
            columns[f"frequency_item_{k}_{name}|response={published}"] = (answers[k] == value).to_numpy()
    any_online = np.any([online[k] for k in letters], axis=0)
    any_form = np.any([happened[k] for k in letters], axis=0)
    never = np.all([(answers[k] == "never").to_numpy() for k in letters], axis=0)
    columns["tfcsea_any|all"] = any_online
    columns["tfcsea_any_implied|all"] = np.any(
        [happened[k] if k in "befh" else online[k] for k in letters], axis=0
    )
    columns["ocsea_any_country_report|all"] = np.any([happened[k] for k in "fghi"], axis=0)
    frame = pd.DataFrame(columns, dtype=float)
    frame["csea_any_any_context|all"] = np.where(any_form, 1.0, np.where(never, 0.0, np.nan))
    for channel, name in parameters.names("channels").items():
        disclosed = np.any([_said(children, "told", k, channel) for k in letters], axis=0)
        frame[f"disclosure_told_{name}|all"] = np.where(any_online, disclosed.astype(float), np.nan)
    return frame


def _said(children: pd.DataFrame, question: str, letter: str, option: str) -> np.ndarray:
    return children[f"{question}_{letter}__{option}"].fillna(False).to_numpy(bool)


def calibration_report(frames: dict[str, pd.DataFrame], parameters) -> pd.DataFrame:
    """Published and computed shares of the calibrated countries, one row per published row of DI1 and DI2.

    frames: children by country (upper case). Columns: country, row, published, estimate, ci_low, ci_high (shares),
    rounding (half the last printed digit), inside: the computed interval, widened by the rounding, holds the figure.
    """
    rows = []
    for country, frame in frames.items():
        children = frame[frame["weight"].notna()].reset_index(drop=True)
        design = survey.Design(children, weight="weight", stratum="stratum", psu="psu", name=country)
        table = survey.proportions(design, indicators(children, parameters)).set_index("indicator")
        for row, line in table.iterrows():
            published = parameters.find(*_key(row, country))
            if published is None or pd.isna(published["value_percent"]):
                continue
            value = published["value_percent"]
            rows.append(
                [
                    country,
                    row,
                    value / 100,
                    line.estimate,
                    line.ci_low,
                    line.ci_high,
                    _half_digit(value) / 100,
                ]
            )
    report = pd.DataFrame(
        rows, columns=["country", "row", "published", "estimate", "ci_low", "ci_high", "rounding"]
    )
    low, high = report["ci_low"] - report["rounding"], report["ci_high"] + report["rounding"]
    report["inside"] = report["published"].between(low, high)
    return report


def _key(row: str, country: str) -> tuple[str, str, str]:
    indicator, subgroup = row.split("|")
    return indicator, country, subgroup


def _half_digit(value: float) -> float:
    """Half the last printed digit of a percentage: whole numbers are printed without decimals from 10 on."""
    return 0.5 if value == int(value) and value >= 10 else 0.05
