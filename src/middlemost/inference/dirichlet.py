"""Dirichlet distributions over the last axis of an array of concentrations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

Floats = NDArray[np.float64]


def expected_log(concentration: Floats) -> Floats:
    """The means of the logarithms of the shares.

    >>> expected_log(np.array([1.0, 1.0])).tolist()
    [-1.0, -1.0]
    """
    return np.asarray(digamma(concentration) - digamma(concentration.sum(axis=-1, keepdims=True)))


def divergence(concentration: Floats, prior: Floats, logs: Floats) -> float:
    """The Kullback-Leibler divergence from `prior`, summed over all; `logs` is `expected_log(concentration)`.

    `prior` has the last axis of `concentration`; the others may be 1 or missing, and count as often as they stand for.

    >>> flat = np.array([1.0, 1.0])
    >>> divergence(flat, flat, expected_log(flat))
    0.0
    """
    gained = float(((concentration - prior) * logs).sum())
    times = concentration.size / max(prior.size, 1)
    return times * _log_normaliser(prior) - _log_normaliser(concentration) + gained


def _log_normaliser(concentration: Floats) -> float:
    return float(gammaln(concentration).sum() - gammaln(concentration.sum(axis=-1)).sum())
