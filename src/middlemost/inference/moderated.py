"""Variances of many small groups, each moderated by all (Smyth 2004, by maximum likelihood)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
_FREEDOMS = np.geomspace(0.25, 1e4, 54)
_MOST = 10_000


def moderate(variances: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """The groups' variances drawn towards what is usual among them, and their degrees of freedom: Student's t applies.

    The true variances are taken to scatter as a scaled inverse χ². A group without freedom of its own gets the usual
    variance, and no group more freedom than all have together; where none has any, all are 0.

    >>> variance, freedom = moderate(np.array([0.0, 4.0, 1.0, 0.5, 2.0, 9.9]), np.array([2.0, 2, 2, 2, 2, 0]))
    >>> variance.round(2).tolist(), freedom.round(1).tolist()
    ([1.55, 1.55, 1.55, 1.55, 1.55, 1.55], [10.0, 10.0, 10.0, 10.0, 10.0, 10.0])
    """
    known = freedom > 0
    if not (variances[known] > 0).any():
        return np.zeros_like(variances), np.where(known, freedom, 0.0)
    unit = float(np.average(variances[known], weights=freedom[known]))
    prior, usual = _prior(variances[known] / unit, freedom[known])
    own = np.where(known, variances, 0.0) * freedom
    return (own + prior * usual * unit) / (freedom + prior), np.minimum(freedom + prior, freedom.sum())


def _prior(variances: Floats, freedom: Floats) -> tuple[float, float]:
    """The degrees of freedom and the scale of the inverse χ² that make the variances most likely.

    Rounded answers make variances of 0, which say no more than "small": they count as half of the least other one.
    """
    variances = np.where(variances > 0, variances, variances[variances > 0].min() / 2)
    order = np.lexsort((variances, freedom))
    sample = order[np.linspace(0, len(order) - 1, min(len(order), _MOST)).astype(np.int64)]
    squares, freedom = variances[sample] * freedom[sample], freedom[sample]
    fits = [(_log_likelihood(prior, *_scale(prior, squares, freedom)), prior) for prior in _FREEDOMS]
    best = max(fits)[1]
    return float(best), _scale(best, squares, freedom)[0]


def _scale(prior: float, squares: Floats, freedom: Floats) -> tuple[float, Floats, Floats]:
    """The likeliest scale at so many degrees of freedom, by Newton's method in its logarithm."""
    scale = 1.0
    for _ in range(30):
        share = prior * scale / (prior * scale + squares)
        slope = prior * len(squares) / 2 - ((freedom + prior) * share).sum() / 2
        step = slope / max(float(((freedom + prior) * share * (1 - share)).sum() / 2), 1e-12)
        scale *= float(np.exp(np.clip(step, -1, 1)))
        if abs(step) < 1e-9:
            break
    return scale, squares, freedom


def _log_likelihood(prior: float, scale: float, squares: Floats, freedom: Floats) -> float:
    half = (freedom + prior) / 2
    each = gammaln(half) - gammaln(prior / 2) + prior / 2 * np.log(prior * scale)
    return float((each - half * np.log(prior * scale + squares)).sum())
