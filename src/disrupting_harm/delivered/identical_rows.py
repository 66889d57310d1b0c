"""Whether interviews occur twice in a table, as in an export that was made twice.

Every limit of the suppression counts rows. Where interviews occur twice, a share about three children counts six rows
and passes a limit of five. So a table in which more rows are identical than chance explains is refused before anything
is decided or shown.

**Identical** are rows that agree in every answer that is read, age, sex and area included. Identifiers, weights, strata
and sampling units are not compared: the second copy of an export may have other identifiers or halved weights, and the
answers suffice to distinguish copies from chance. The order of the rows does not matter.

**Chance.** Different children do give identical answers, such as "never" to everything. How often depends on the
questionnaire, and can be seen in the table itself. Let f(m) be how many combinations of answers exactly m rows have. If
n children answer independently, and give the combination i with probability p(i), f(m) has the expectation

    E f(m) = C(n, m) * sum over i of p(i)^m * (1 - p(i))^(n - m)

and the inequality of Cauchy and Schwarz gives, whatever the questions and the probabilities are,

    (E f(m))^2 <= (m + 1) / m * E f(m - 1) * E f(m + 1)      (for m much smaller than n)

In words: by chance there are no pairs without triplets. If 100 of 1,000 combinations are pairs, at least 7 triplets are
expected. A double export leaves pairs alone, or, where few questions were asked, sets of 2, 4 and 6 rows and none of 1,
3 and 5. An export made m times does so with m. So a table has copies if, for any m, f(m) is larger than f(m-1) and
f(m+1) allow, both taken at the upper limit that their randomness leaves (`at_most`).

The frequencies of frequencies are those of Good, I. J. (1953), The population frequencies of species and the
estimation of population parameters, Biometrika 40, 237-264. That identical rows are hardly ever chance in a survey of
usual length: Slomczynski, Powalko and Krauze (2017), Survey Research Methods 11(1), 1-16, who found 5,893 of them among
2.3 million interviews of 1,721 national surveys.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

LIMIT = 0.05
"""Share of the rows, copies of others, from which a table is refused.

If one interview in 20 occurs twice, three children count as five or more with the probability
3 * 0.05^2 * 0.95 + 0.05^3 = 0.7%, so a limit of five still holds for them; where all occur twice it is 100%.
In a table of 1,000 interviews, chance is ruled out from about 9% on, which is then what decides."""

FEWEST = 10
"""Fewer interviews than this that occur several times are never an error: they may be chance, or a slip, which a remark
names. Nor are a few combinations of many rows each, as in a quota sample of which hardly a question is mapped."""

LARGEST = np.iinfo(np.int64).max


def set_sizes(columns: Iterable[pd.Series]) -> np.ndarray:
    """How many rows each combination of values has that occurs.

    Rows are compared column by column, with one number per row: frames of hundreds of columns would not fit in memory.
    Once all rows differ, no further column is looked at.
    """
    group = np.zeros(1, np.int64)
    groups = 1
    for column in columns:
        codes, values = pd.factorize(column, use_na_sentinel=False)
        if groups * len(values) > LARGEST:
            group, kept = pd.factorize(group)
            groups = len(kept)
            if groups == len(codes):
                break
        group = group * len(values) + codes
        groups *= len(values)
    return np.unique(group, return_counts=True)[1]


def repeats(columns: Iterable[pd.Series]) -> int:
    """How many rows repeat an earlier one in all columns."""
    return number_of_repeats(set_sizes(columns))


def number_of_repeats(sizes: np.ndarray) -> int:
    """How many rows repeat an earlier one, from the sizes of the sets of identical rows."""
    return int(sizes.sum()) - len(sizes)


def beyond_chance(sizes: np.ndarray) -> bool:
    """Whether a table has more copies than `LIMIT` allows and chance explains.

    sizes: of the sets of identical rows, as `set_sizes` gives them; rows without a copy are sets of one.
    """
    sets = np.append(np.bincount(sizes, minlength=3), 0)
    size = np.arange(2, len(sets) - 1)
    copies = (size - 1) * sets[size]
    by_chance = (size + 1) / size * at_most(sets[size - 1]) * at_most(sets[size + 1])
    are_many = (sets[size] >= FEWEST) & (copies >= LIMIT * sizes.sum())
    return bool((are_many & (sets[size] ** 2 > by_chance)).any())


def at_most(count: np.ndarray) -> np.ndarray:
    """An upper limit of the expectation behind each count: three standard deviations above it, and 5 more.

    The standard deviation of a count (Poisson) is its root. For a count of zero the limit is 5: where five are
    expected, none occurs in one table of 150 (exp(-5) = 0.7%).
    """
    return count + 3 * np.sqrt(count) + 5
