"""Probabilities set right against gold: several models' pooled into one, with weights that gold decides."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from middlemost.inference.softmax import normalise

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]

# Before any gold is seen: models claim too much, so that their log-odds count half; each weight may be off by
# TRUST_SPREAD and each class's intercept by CLASS_SPREAD (standard deviations). Half or twice that matters little.
TRUST, TRUST_SPREAD, CLASS_SPREAD = 0.5, 0.2, 0.5
# A guest, a model that may repeat what the others say or know nothing, counts for nothing until gold speaks for it.
GUEST_SPREAD = 0.5
_FLOOR = 1e-6
_MOST_STEPS, _CLOSE, _MOST_INTERCEPTS = 50, 1e-18, 200


@dataclass(frozen=True, eq=False)
class Pool:
    """A logarithmic opinion pool: log-probabilities weighted by model (models,), plus an intercept by class (classes,).

    With one model the weight is the inverse of a temperature (Guo et al. 2017). `evidence`: the logarithm of the chance
    of the gold labels before the weights are known, by Laplace's approximation.
    """

    weights: Floats
    intercepts: Floats
    evidence: float = 0.0

    def apply(self, logs: Iterable[Floats]) -> Floats:
        """Pool the models' log-probabilities, (items, classes) each: probabilities (items, classes)."""
        first, *others = (weight * log for weight, log in zip(self.weights, logs, strict=True))
        scores: Floats = first + self.intercepts
        for other in others:
            scores += other
        normalise(scores)
        return scores


@dataclass(frozen=True, eq=False)
class Average:
    """Pools of the same models, each as probable as gold makes it: `shares` (pools,) sum to 1."""

    pools: tuple[Pool, ...]
    shares: Floats

    @property
    def weights(self) -> Floats:
        """The models' mean weights."""
        return np.asarray(sum(share * pool.weights for share, pool in zip(self.shares, self.pools, strict=True)))

    def apply(self, logs: Sequence[Floats]) -> Floats:
        """The mean of what the pools say: probabilities (items, classes)."""
        parts = (share * pool.apply(logs) for share, pool in zip(self.shares, self.pools, strict=True))
        return functools.reduce(np.add, parts)


def log_floored(probabilities: Floats) -> Floats:
    """Logarithms of probabilities (items, classes), none of them taken for impossible."""
    n_classes = probabilities.shape[1]
    return np.asarray(np.log((probabilities + _FLOOR) / (1 + n_classes * _FLOOR)))


def fit_pool(logs: Sequence[Floats], label: Codes, *, guests: int = 0) -> Pool:
    """The pool with the highest posterior density given the right `label` (items,) of the items of `logs`.

    A label of -1 is none of the classes: such an item draws the probabilities towards equality. The last `guests` of
    the models are expected to weigh nothing. The objective is concave, so that there is one answer; found by Newton's
    method.

    >>> sure = np.log([[0.99, 0.01], [0.99, 0.01], [0.01, 0.99], [0.99, 0.01]])
    >>> pool = fit_pool([sure], np.array([0, 0, 1, 1]))
    >>> pool.apply([sure]).max(axis=1).round(2).tolist()
    [0.84, 0.84, 0.9, 0.84]
    """
    problem = _Problem.of(np.stack(logs), label, guests)
    point, loss = problem.centre, problem.loss(problem.centre)
    for _ in range(_MOST_STEPS):
        slope, bend = problem.slope_and_bend(point)
        step = cho_solve(cho_factor(bend), slope)
        if float(slope @ step) < _CLOSE:
            break
        point, loss = _downhill(problem, point, loss, step)
    n_models = len(problem.logs)
    intercepts = np.zeros(problem.wanted.shape[1])
    intercepts[: len(point) - n_models] = point[n_models:]
    return Pool(point[:n_models], intercepts, problem.evidence(point, loss))


def fit_average(logs: Sequence[Floats], label: Codes, *, guests: int = 0) -> Average:
    """Pools without the last `guests` of the models, with each of them and with all, averaged by their evidence.

    So a model that adds nothing which gold can see is let in the less, the less it adds (Bayesian model averaging,
    Hoeting et al. 1999).

    >>> sure = np.log([[0.99, 0.01], [0.01, 0.99]] * 10)
    >>> unsure = np.log([[0.6, 0.4], [0.4, 0.6]] * 10)
    >>> average = fit_average([unsure, sure], np.array([0, 1] * 10), guests=1)
    >>> average.shares.round(2).tolist()
    [0.0, 1.0]
    """
    own = range(len(logs) - guests)
    each = [(*own, place) for place in range(len(own), len(logs))]
    sets = dict.fromkeys([tuple(own), *each, tuple(range(len(logs)))])
    found = [_among(places, logs, label, guests) for places in sets]
    evidence = np.array([pool.evidence for pool in found])
    shares = np.exp(evidence - evidence.max())
    return Average(tuple(found), shares / shares.sum())


def _among(places: tuple[int, ...], logs: Sequence[Floats], label: Codes, guests: int) -> Pool:
    """The pool of the models at `places`; all others weigh nothing."""
    pool = fit_pool([logs[place] for place in places], label, guests=len(places) - (len(logs) - guests))
    weights = np.zeros(len(logs))
    weights[list(places)] = pool.weights
    return Pool(weights, pool.intercepts, pool.evidence)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Minus the log posterior density of a pool; its parameters are the weights, then the intercepts.

    `logs` (models, items, classes); `wanted` (items, classes). With very many classes there are no intercepts.
    """

    logs: Floats
    wanted: Floats
    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, logs: Floats, label: Codes, guests: int) -> _Problem:
        n_own, n_classes = len(logs) - guests, logs.shape[2]
        free = n_classes if n_classes <= _MOST_INTERCEPTS else 0
        centre = np.concatenate([np.full(n_own, TRUST / max(n_own, 1)), np.zeros(guests + free)])
        spread = np.repeat([TRUST_SPREAD, GUEST_SPREAD, CLASS_SPREAD], [n_own, guests, free])
        return cls(logs, _targets(label, n_classes), centre, spread)

    def loss(self, point: Floats) -> float:
        """The objective at a point."""
        scores = self._scores(point)
        expected = float((self.wanted * scores).sum())
        off = (point - self.centre) / self.spread
        return float(normalise(scores).sum()) - expected + 0.5 * float(off @ off)

    def slope_and_bend(self, point: Floats) -> tuple[Floats, Floats]:
        """The gradient and the Hessian at a point."""
        shares = self._scores(point)
        normalise(shares)
        n_models, free = len(self.logs), len(point) - len(self.logs)
        residual = shares - self.wanted
        means = np.einsum("jnk,nk->nj", self.logs, shares)
        slope = np.concatenate([np.einsum("jnk,nk->j", self.logs, residual), residual.sum(axis=0)[:free]])
        bend = np.diag(self.spread**-2.0)
        weighted = self.logs * shares
        bend[:n_models, :n_models] += np.einsum("jnk,lnk->jl", weighted, self.logs) - means.T @ means
        if free:
            cross = weighted.sum(axis=1) - means.T @ shares
            bend[:n_models, n_models:] += cross
            bend[n_models:, :n_models] += cross.T
            bend[n_models:, n_models:] += np.diag(shares.sum(axis=0)) - shares.T @ shares
        return slope + (point - self.centre) / self.spread**2, bend

    def evidence(self, point: Floats, loss: float) -> float:
        """The logarithm of the integral over all points, the objective being taken as a parabola (Laplace)."""
        _, bend = self.slope_and_bend(point)
        return float(-loss - 0.5 * np.linalg.slogdet(bend)[1] - np.log(self.spread).sum())

    def _scores(self, point: Floats) -> Floats:
        n_models = len(self.logs)
        scores = np.einsum("j,jnk->nk", point[:n_models], self.logs)
        if len(point) > n_models:
            scores += point[n_models:]
        return np.asarray(scores)


def _downhill(problem: _Problem, point: Floats, loss: float, step: Floats) -> tuple[Floats, float]:
    """The point after as much of a Newton step as lowers the loss."""
    for _ in range(_MOST_STEPS):
        ahead = point - step
        if (lower := problem.loss(ahead)) <= loss:
            return ahead, lower
        step = step / 2
    return point, loss


def cross_fitted(logs: Sequence[Floats], label: Codes, fold: Codes, *, guests: int = 0) -> Floats:
    """Each item's probabilities by pools that were fitted without the items of its fold: (items, classes)."""
    found = np.empty(logs[0].shape)
    for part in np.unique(fold):
        held = fold == part
        pool = fit_average([log[~held] for log in logs], label[~held], guests=guests)
        found[held] = pool.apply([log[held] for log in logs])
    return found


def folds(n: int, *, parts: int = 5, seed: int = 0) -> NDArray[np.int64]:
    """Which of `parts` equal parts each of `n` items falls into, at random."""
    return np.asarray(np.random.default_rng(seed).permutation(n) % max(min(parts, n), 1), dtype=np.int64)


def log_losses(probabilities: Floats, label: Codes) -> Floats:
    """The negative log-probability of each item's label, (items,); a label of -1 counts as one of equal shares."""
    logs = np.log(np.maximum(probabilities, 1e-9))
    return np.asarray(-(_targets(label, probabilities.shape[1]) * logs).sum(axis=1))


def _targets(label: Codes, n_classes: int) -> Floats:
    wanted = np.eye(n_classes)[label]
    wanted[label < 0] = 1 / n_classes
    return wanted
