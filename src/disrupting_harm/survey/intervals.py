"""Confidence intervals on whole arrays.

p, estimate: what was estimated; se: its standard error; df: degrees of freedom; n: respondents; confidence: probability
of covering, 0.95 for a 95 % interval. All return (low, high).
"""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.optimize import elementwise

Bounds = tuple[np.ndarray, np.ndarray]

PROPORTION_INTERVALS = ("logit", "beta", "likelihood", "asin", "wald", "wilson_kish")


def proportion(
    method: str, p: np.ndarray, se: np.ndarray, df: np.ndarray, n: np.ndarray, confidence: float
) -> Bounds:
    """The interval of a proportion but for wilson_kish; Clopper-Pearson on n where p is 0 or 1."""
    if method in ("beta", "likelihood"):
        low, high = {"beta": beta, "likelihood": likelihood}[method](p, se, df, n, confidence)
    else:
        low, high = {"logit": logit, "asin": asin, "wald": wald}[method](p, se, df, confidence)
    edge = (p == 0) | (p == 1)
    low[edge], high[edge] = clopper_pearson(p[edge], n[edge], confidence)
    return low, high


def t_quantile(df: np.ndarray | float, confidence: float) -> np.ndarray:
    """The upper t quantile of a two-sided interval; NaN where df <= 0.

    >>> t_quantile(np.array([10.0]), 0.95).round(6)
    array([2.228139])
    """
    df = np.asarray(df, dtype=float)
    return special.stdtrit(np.where(df > 0, df, np.nan), (1 + confidence) / 2)


def wald(estimate: np.ndarray, se: np.ndarray, df: np.ndarray | float, confidence: float) -> Bounds:
    """Estimate plus and minus t standard errors."""
    half = t_quantile(df, confidence) * se
    return estimate - half, estimate + half


def logit(p: np.ndarray, se: np.ndarray, df: np.ndarray, confidence: float) -> Bounds:
    """Wald on the logit scale (delta method), transformed back; always within 0 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = wald(special.logit(p), se / (p * (1 - p)), df, confidence)
    return special.expit(low), special.expit(high)


def asin(p: np.ndarray, se: np.ndarray, df: np.ndarray, confidence: float) -> Bounds:
    """Wald on the scale of arcsin(sqrt(p)), carried back; a bound past the end of the scale is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = wald(np.arcsin(np.sqrt(p)), se / (2 * np.sqrt(p * (1 - p))), df, confidence)
    return np.sin(np.maximum(low, 0)) ** 2, np.sin(np.minimum(high, np.pi / 2)) ** 2


def likelihood(p: np.ndarray, se: np.ndarray, df: np.ndarray, n: np.ndarray, confidence: float) -> Bounds:
    """Where the binomial deviance, scaled to the design-based variance, has risen by t^2 (Rao and Scott 1984).

    As R's ``svyciprop(method="likelihood")``, but exactly: R reads the bounds off a spline through some ten points.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = (t_quantile(df, confidence) * se) ** 2 / (2 * p * (1 - p)) * n / (n - 1)
        needed = rise + special.entr(p) + special.entr(1 - p)
        centre, beyond = special.logit(p), (-needed / p - 1, needed / (1 - p) + 1)
        roots = [elementwise.find_root(_cross_entropy, (centre, end), args=(p, needed)) for end in beyond]
    # no root: no wider than rounding
    low, high = (np.where(root.success, special.expit(root.x), p) for root in roots)
    return low, high


def _cross_entropy(logit: np.ndarray, p: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """Minus the mean log-likelihood of a share p, less what is needed; zero at the bounds."""
    return -p * special.log_expit(logit) - (1 - p) * special.log_expit(-logit) - needed


def log_scale(estimate: np.ndarray, se_log: np.ndarray, df: np.ndarray, confidence: float) -> Bounds:
    """Wald on the log scale, for ratios; se_log is the standard error of the logarithm."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = wald(np.log(estimate), se_log, df, confidence)
        return np.exp(low), np.exp(high)


def beta(p: np.ndarray, se: np.ndarray, df: np.ndarray, n: np.ndarray, confidence: float) -> Bounds:
    """Korn and Graubard (1998): Clopper-Pearson on the effective base p(1-p)/se^2 (t_{n-1} / t_df)^2."""
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = p * (1 - p) / se**2 * (t_quantile(n - 1, confidence) / t_quantile(df, confidence)) ** 2
        low, high = clopper_pearson(p, effective, confidence)
    exact = se == 0
    return np.where(exact, p, low), np.where(exact, p, high)


def clopper_pearson(p: np.ndarray, n: np.ndarray, confidence: float) -> Bounds:
    """The exact binomial interval (Clopper and Pearson 1934); n need not be whole.

    >>> low, high = clopper_pearson(np.array([0.0]), np.array([20.0]), 0.95)
    >>> bool(low[0] == 0), bool(np.isclose(high[0], 1 - 0.025 ** (1 / 20)))
    (True, True)
    """
    tail = (1 - confidence) / 2
    yes, no = n * p, n * (1 - p)
    low = np.where(yes > 0, special.betaincinv(np.where(yes > 0, yes, 1), no + 1, tail), 0.0)
    high = np.where(no > 0, special.betaincinv(yes + 1, np.where(no > 0, no, 1), 1 - tail), 1.0)
    unknown = np.isnan(p) | np.isnan(n)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def mover(share: np.ndarray, p: np.ndarray, low: np.ndarray, high: np.ndarray) -> Bounds:
    """The interval of a weighted mean of independent estimates p, from their own intervals (Zou and Donner 2008).

    MOVER, the method of variance estimates recovery: each limit has the variance that the limits on its side have.

    >>> low, high = mover(np.array([0.5, 0.5]), np.array([0.2, 0.4]), np.array([0.1, 0.3]), np.array([0.3, 0.5]))
    >>> round(float(high), 9)  # 0.3 + sqrt(2 * (0.5 * 0.1)^2)
    0.370710678
    """
    mean = share @ p
    below, above = (np.sqrt(((share * distance) ** 2).sum()) for distance in (p - low, high - p))
    return mean - below, mean + above


def wilson(p: np.ndarray, n: np.ndarray, confidence: float) -> Bounds:
    """Wilson's score interval (1927) on base n, with the normal quantile.

    On Kish's effective base it knows of weights but not of clusters.
    """
    z = special.ndtri((1 + confidence) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
