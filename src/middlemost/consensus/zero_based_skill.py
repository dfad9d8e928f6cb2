"""Zero-based skill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.case import Case
from middlemost.consensus.settings import not_negative, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.inference.fixed_point import settle
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ZeroBasedSkill:
    """A weighted vote in which each rater's weight is the share of their answers that the weighted vote agrees with.

    Wawa until the weights come to rest: they move by less than `tol`, or `max_iter` steps were taken. `probabilities`
    are the weighted shares; the raters' frame has the `weight` of each. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbcc"), "rater": list("xyzxyzxz"), "answer": list("11222212")})
    >>> ZeroBasedSkill().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    max_iter: int = 100
    tol: float = 1e-5
    seed: int = 0

    name: ClassVar[str] = "zero-based-skill"
    traits: ClassVar[Traits] = Traits(
        source="Ustalov, Pavlichenko and Tseitlin 2024, Journal of Open Source Software 9(96)",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Vote and weigh in turn. `gold` items have their known label, and so tell more of the raters."""
        case = Case.of(answers, gold)
        n_answers = np.maximum(answers.per_rater(), 1)

        def agreement(weights: Floats) -> Floats:
            return case.ballot.credits(case.winners(case.weighted_shares(weights))) / n_answers

        start = np.ones(answers.n_raters)
        weights, n_iter, rested = settle(agreement, start, max_iter=self.max_iter, tol=self.tol)
        return case.concluded(
            self.name,
            case.weighted_shares(weights),
            case.judged_by_votes(weights),
            seed=self.seed,
            columns={"weight": weights},
            n_iter=n_iter,
            converged=rested,
        )
