"""Questions with several answers: how many respondents chose each, and how many of the mentions each is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .design import Design
from .domains import Conditions
from .errors import refuse
from .estimates import proportions, ratios
from .inputs import Values, read_values, to_numbers


def multiple_response(
    design: Design,
    answers: Values,
    domains: Conditions = None,
    interval: str = "logit",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Two shares of each answer to one question; the base of both is who was asked, chose something or not.

    answers: one column per answer, 1 chosen, 0 not, missing where the question was not asked. Other arguments as for
    `proportions`.

    Result: the rows of `proportions` (measure ``share_of_respondents``; they may sum to more than 1) and of `ratios`
    (``share_of_mentions``: among all answers chosen; they sum to 1), for each answer one after the other.

    Raises SurveyError where a row has some answers missing and others not: a question is asked as a whole.

    >>> people = pd.DataFrame({"w": [1.0, 1, 2], "friend": [1, 1, 0], "parent": [1, 0, 1]})
    >>> table = multiple_response(Design(people, weight="w"), people[["friend", "parent"]])
    >>> table["estimate"].tolist()  # friend: 2 of 4 respondents, of 5 mentions; parent: 3
    [0.5, 0.4, 0.75, 0.6]
    """
    frame = read_values(design, answers, "answers")
    numbers = to_numbers(design, frame, binary=True)
    missing = np.isnan(numbers)
    partly = missing.any(axis=1) & ~missing.all(axis=1)
    refuse(np.asarray(partly), f"{design.name}: some answers are missing, others not,")
    mentions = pd.Series(numbers.sum(axis=1), index=frame.index, name="mentions")
    tables = {
        "share_of_respondents": proportions(design, frame, domains, interval, confidence),
        "share_of_mentions": ratios(design, frame, mentions, domains, confidence),
    }
    for measure, table in tables.items():
        table.insert(2, "measure", measure)
    return pd.concat(tables.values()).sort_index(kind="stable").reset_index(drop=True)
