"""Intervals for a share."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri, stdtrit

Floats = NDArray[np.float64]


def clopper_pearson(k: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval for a share of which `k` in `n` were seen (Clopper and Pearson 1934).

    `k` may be a fraction, where the share was estimated rather than counted.

    >>> [round(end, 4) for end in clopper_pearson(0, 50)]
    [0.0, 0.0711]
    """
    if n == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if k <= 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k >= n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high


@overload
def jeffreys(k: float, n: float, level: float = ...) -> tuple[float, float]: ...
@overload
def jeffreys(k: Floats, n: Floats, level: float = ...) -> tuple[Floats, Floats]: ...
def jeffreys(k: float | Floats, n: float | Floats, level: float = 0.95) -> tuple[float, float] | tuple[Floats, Floats]:
    """The equal-tailed interval under Jeffreys' prior, for counts that may be fractions (Brown, Cai and DasGupta 2001).

    It always holds the share itself, so that it begins at 0 for `k = 0` and ends at 1 for `k = n`. Works on arrays.

    >>> [round(end, 4) for end in jeffreys(7.5, 10)]
    [0.4439, 0.9333]
    """
    right, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    share = right / np.where(n > 0, n, 1)
    tail, a, b = (1 - level) / 2, right + 0.5, np.maximum(n - right, 0) + 0.5
    low = np.minimum(betaincinv(a, b, tail), share)
    high = np.maximum(betaincinv(a, b, 1 - tail), np.where(n > 0, share, 1))
    if low.ndim == 0:
        return float(low), float(high)
    return low, high


def clustered(k: Floats, n: Floats, level: float = 0.95) -> tuple[float, float]:
    """The interval for a share of which `k` in `n` were seen in each of some clusters, say raters with their answers.

    What the clusters differ says how many independent answers theirs are worth (Korn and Graubard 1998): an interval by
    Jeffreys for so many. Where they do not differ at all each is worth one.

    >>> apart = clustered(np.array([9.0, 1, 8, 2, 5]), np.full(5, 10.0))
    >>> alike = clustered(np.array([5.0, 6, 4, 6, 4]), np.full(5, 10.0))
    >>> [round(end, 2) for end in (*apart, *alike)]
    [0.15, 0.85, 0.36, 0.64]
    """
    clusters, total = len(k), float(n.sum())
    if clusters < 2 or total <= 0:
        return 0.0, 1.0
    share = float(k.sum()) / total
    variance = float(((k - share * n) ** 2).sum()) / total**2 * clusters / (clusters - 1)
    size = float(clusters)
    if variance > 0:
        tail = (1 - level) / 2
        few = float(ndtri(tail)) / float(stdtrit(clusters - 1, tail))
        size = min(total, share * (1 - share) / variance * few**2)
    return jeffreys(share * size, size, level)


def effective(sizes: Floats) -> float:
    """How many independent trials clusters of these `sizes` are worth whose trials all turn out alike (Kish 1965).

    With the share of the trials, that gives `clopper_pearson` the interval of Korn and Graubard (1998).

    >>> effective(np.array([1.0, 1.0, 1.0])), effective(np.array([3.0]))
    (3.0, 1.0)
    """
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if len(sizes) else 0.0


def holm(p: Floats) -> Floats:
    """P values adjusted for as many tests (Holm 1979).

    >>> holm(np.array([0.01, 0.5, 0.02])).round(3).tolist()
    [0.03, 0.5, 0.04]
    """
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.minimum(p[order] * np.arange(len(p), 0, -1), 1.0))
    return adjusted
