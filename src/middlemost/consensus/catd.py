"""Confidence-aware truth discovery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from middlemost.consensus.case import Case
from middlemost.consensus.settings import not_negative, positive, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.errors import SettingError
from middlemost.inference.fixed_point import settle
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CATD:
    """Li et al. (2014): a weighted vote where a rater's weight is the lower end of an interval for their precision.

    The weight is the α/2 quantile of χ² with as many degrees of freedom as the rater has answers, over the sum of their
    errors against the weighted vote: few answers, little weight. `smoothing` errors are added, so that nobody weighs
    infinitely much. Stops when the weights, as shares of the greatest, move by less than `tol`, or after `max_iter`
    steps. `probabilities` are the weighted shares; the raters' frame has the `weight` of each. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbcc"), "rater": list("xyzxyzxz"), "answer": list("11222212")})
    >>> CATD().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    alpha: float = 0.05
    smoothing: float = 0.5
    max_iter: int = 100
    tol: float = 1e-5
    seed: int = 0

    name: ClassVar[str] = "catd"
    traits: ClassVar[Traits] = Traits(
        source="Li et al. 2014, Proceedings of the VLDB Endowment 8(4)", intervals=True, gold=True
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol)
        positive(smoothing=self.smoothing)
        if not 0 < self.alpha < 1:
            raise SettingError(f"alpha is {self.alpha}.", mend="It is a number between 0 and 1.")

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Vote and weigh in turn. `gold` items have their known label, and so tell more of the raters."""
        case = Case.of(answers, gold)
        n_answers = answers.per_rater()
        quantile = 2 * gammaincinv(np.maximum(n_answers, 1) / 2, self.alpha / 2)  # of chi-squared

        def precision(weights: Floats) -> Floats:
            wrong = n_answers - case.ballot.credits(case.winners(case.weighted_shares(weights)))
            bound = quantile / (wrong + self.smoothing)
            return np.asarray(bound / bound.max(initial=1e-300))

        start = np.ones(answers.n_raters)
        weights, n_iter, rested = settle(precision, start, max_iter=self.max_iter, tol=self.tol)
        return case.concluded(
            self.name,
            case.weighted_shares(weights),
            case.judged_by_votes(weights),
            seed=self.seed,
            columns={"weight": weights},
            n_iter=n_iter,
            converged=rested,
        )
