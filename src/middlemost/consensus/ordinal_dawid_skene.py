"""Dawid and Skene's model for classes that have an order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from middlemost.consensus.em import NONE_YET, TINY, Crowd, Model, State
from middlemost.consensus.settings import not_negative, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.core.room import MOST_CELLS
from middlemost.errors import SettingError
from middlemost.inference.softmax import normalise
from middlemost.registry import Traits

Floats = NDArray[np.float64]
_BIASES = (-1.5, -1.0, -0.6, -0.3, 0.0, 0.3, 0.6, 1.0, 1.5)
_SPREADS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
_LAPSES = (0.01, 0.05, 0.2, 0.6)
_BLOCK = 4_000_000


@dataclass(frozen=True)
class OrdinalDawidSkene:
    """Dawid and Skene's model for a scale: a rater sees the true class with a bias and a spread, and sometimes lapses.

    A rater's answer to an item of class k is k plus their bias plus normal noise of their spread, rounded to the
    nearest class; in a lapse it is any class alike. What these three numbers of a rater may be is weighed on a grid,
    under a prior that expects no bias, a spread of .7 classes and few lapses; fitted by variational EM. So an answer
    beside the true class speaks less against a rater than one far off, which a free matrix has to learn for each.

    `order` names the classes from the lowest to the highest. Without it numbers go by size; other names are sorted, and
    a notice says so. `max_iter`, `tol` and `seed` as of `DawidSkene`. The raters' frame has the expected `bias`,
    `spread` (both in classes) and `lapse` of each.

    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112334554")})
    >>> OrdinalDawidSkene().fit(encode(frame)).labels["label"].to_list()
    ['1', '3', '5']
    """

    order: tuple[str, ...] | None = None
    max_iter: int = 100
    tol: float = 1e-6
    seed: int = 0

    name: ClassVar[str] = "ordinal-dawid-skene"
    traits: ClassVar[Traits] = Traits(
        source="after Dawid and Skene 1979; ordered probit after McCullagh 1980, JRSS B 42(2)",
        objective="lower bound of the log-evidence",
        intervals=True,
        gold=True,
        start=True,
        predicts=True,
        ordered=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol)

    def fit(self, answers: Answers, gold: GoldLike | None = None, *, start: Consensus | None = None) -> Consensus:
        """Fit the model. `gold` and `start` as of `DawidSkene.fit`."""
        crowd = Crowd.of(answers, gold)
        places, notices = _places(crowd.answers.classes, self.order)
        grid = _Grid.of(places)

        def step(state: State[_Placed]) -> State[_Placed]:
            return crowd.expect(grid.maximise(crowd, state.posterior))

        begun = State(crowd.begin(start), _Placed(**vars(NONE_YET), traits=np.empty(0)))
        state, convergence = crowd.climb(step, begun, max_iter=self.max_iter, tol=self.tol)
        result = crowd.concluded(self.name, state, convergence, seed=self.seed)
        columns = [pl.Series(name, state.model.traits[:, n]) for n, name in enumerate(("bias", "spread", "lapse"))]
        return replace(result, raters=result.raters.with_columns(columns), notices=(*result.notices, *notices))


@dataclass(frozen=True, eq=False)
class _Placed(Model):
    """The model, and the bias, spread and lapse that are expected of each rater: (raters, 3)."""

    traits: Floats


@dataclass(frozen=True, eq=False)
class _Grid:
    """Points (points, 3) of bias, spread and lapse, their log-prior, and the confusion matrix of each, flattened."""

    points: Floats
    log_prior: Floats
    confusion: Floats
    log_confusion: Floats

    @classmethod
    def of(cls, places: Floats) -> _Grid:
        """The grid for classes at these places on the scale."""
        points = np.array(list(product(_BIASES, _SPREADS, _LAPSES)))
        if len(points) * len(places) ** 2 > MOST_CELLS:
            raise SettingError(f"A scale of {len(places):,} classes is too fine.", mend="Use DawidSkene, or fewer.")
        bias, spread, lapse = (points[:, n, None, None] for n in range(3))
        distance = places[None, :] - places[:, None] - bias
        low = np.where(places == places.min(), -np.inf, distance - 0.5)
        high = np.where(places == places.max(), np.inf, distance + 0.5)
        seen = ndtr(high / spread) - ndtr(low / spread)
        confusion = ((1 - lapse) * seen + lapse / len(places)).reshape(len(points), -1)
        log_prior = -0.5 * (points[:, 0] ** 2 + np.log(points[:, 1] / 0.7) ** 2 + np.log(points[:, 2] / 0.05) ** 2 / 4)
        normalise(log_prior[None, :])
        log_prior = np.log(log_prior)
        return cls(points, log_prior, confusion, np.log(np.maximum(confusion, TINY)))

    def maximise(self, crowd: Crowd, posterior: Floats) -> _Placed:
        """Weigh the points for each rater by the answers' expected likelihood, then count the classes."""
        counts = crowd.operator.counts(posterior)
        prior = np.einsum("nk->k", posterior) / max(len(posterior), 1)
        confusion, expected_log, traits = np.empty_like(counts), np.empty_like(counts), np.empty((len(counts), 3))
        log_density, size = 0.0, max(1, _BLOCK // len(self.points))
        for some in (slice(first, first + size) for first in range(0, len(counts), size)):
            weights, evidence = self._weigh(counts[some])
            confusion[some] = (weights @ self.confusion).reshape(counts[some].shape)
            expected_log[some] = (weights @ self.log_confusion).reshape(counts[some].shape)
            traits[some] = weights @ self.points
            # The evidence less the expected log-likelihood is minus the divergence of the weights from their prior.
            log_density += float(evidence - (counts[some] * expected_log[some]).sum())
        return _Placed(prior, confusion, expected_log, log_density, traits)

    def _weigh(self, counts: Floats) -> tuple[Floats, float]:
        """How probable each point is for each of some raters, (raters, points), and the evidence of their answers."""
        weights = counts.reshape(len(counts), -1) @ self.log_confusion.T + self.log_prior
        return weights, float(normalise(weights).sum())


def _places(classes: pl.Series, order: tuple[str, ...] | None) -> tuple[Floats, tuple[str, ...]]:
    """Where on the scale each class is (0, 1, ...), and what to say of it."""
    if order is not None:
        if missing := [name for name in classes if name not in order]:
            raise SettingError(f"order does not have {missing[0]!r}.", mend="Name all answers, from lowest to highest.")
        return np.array([float(order.index(name)) for name in classes]), ()
    numbers = classes.cast(pl.Float64, strict=False)
    numeric = numbers.is_finite().fill_null(False).all()
    by = numbers if numeric else classes
    places = by.rank("ordinal").to_numpy().astype(float) - 1
    return places, () if numeric else ("The classes are not numbers: they were ordered by name.",)
