"""Bayesian weighted average."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.case import Case
from middlemost.consensus.others import Judged
from middlemost.consensus.settings import not_negative, positive, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.inference.fixed_point import climb
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BWA:
    """Li, Rubinstein and Cohn (2019): answers as numbers with errors, each rater with a variance of their own.

    An answer is a 1 for its class and a 0 for the others, each a draw round the item's value for the class; a rater's
    precision has a Gamma prior of shape `shape`, whose mean is what the votes show for all raters together; an item's
    values have the classes' shares as their mean, with precision `pull`. Values and precisions are set to their most
    probable in turn, until the objective rises by less than `tol` an answer, or `max_iter` times. `probabilities` are
    the values; the raters' frame has the `weight` (precision) of each. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbcc"), "rater": list("xyzxyzxz"), "answer": list("11222212")})
    >>> BWA().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    shape: float = 15.0
    pull: float = 1.0
    max_iter: int = 100
    tol: float = 1e-6
    seed: int = 0

    name: ClassVar[str] = "bwa"
    traits: ClassVar[Traits] = Traits(
        source="Li, Rubinstein and Cohn 2019, The World Wide Web Conference",
        objective="log-density of answers, values and precisions",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol)
        positive(shape=self.shape, pull=self.pull)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Weigh and average in turn. `gold` items have their known label, and so tell more of the raters."""
        case = Case.of(answers, gold)
        model = _Model.of(case, self.shape, self.pull)
        start = _State(case.shares(), np.ones(answers.n_raters), -np.inf)
        enough = self.tol * max(len(answers), 1)
        state, convergence = climb(model.step, start, max_iter=self.max_iter, tol=enough)
        return case.concluded(
            self.name,
            state.values,
            model.judged(state.precision),
            seed=self.seed,
            columns={"weight": state.precision},
            objective=state.objective,
            history=convergence.history,
            n_iter=convergence.n_iter,
            converged=convergence.converged,
        )


@dataclass(frozen=True, eq=False)
class _State:
    """The items' values (items, classes), the raters' precisions, and the log-density up to a constant."""

    values: Floats
    precision: Floats
    objective: float


@dataclass(frozen=True, eq=False)
class _Model:
    """What stays the same: the votes, the prior mean of the values, the Gamma prior of the precisions."""

    case: Case
    mean: Floats
    pull: float
    shape: float
    rate: float

    @classmethod
    def of(cls, case: Case, shape: float, pull: float) -> _Model:
        votes = case.counts.sum(axis=0) + 1.0
        spread = _squared_errors(case, case.shares()).sum() / max(len(case.answers), 1) / case.answers.n_classes
        return cls(case, votes / votes.sum(), pull, shape, shape * max(spread, 1e-3))

    def step(self, state: _State) -> _State:
        errors, n_numbers = _squared_errors(self.case, state.values), self._numbers()
        precision = (self.shape + n_numbers / 2) / (self.rate + errors / 2)
        values = self._average(precision)
        return _State(values, precision, self._log_density(values, precision, n_numbers))

    def _numbers(self) -> Floats:
        return np.asarray(self.case.answers.per_rater() * float(self.case.answers.n_classes))

    def judged(self, precision: Floats) -> Judged:
        """Each rater by the values that the others' answers give."""
        votes = self._votes(precision)
        return self.case.others.judge_winners(votes, precision[self.case.answers.rater])

    def _votes(self, precision: Floats) -> Floats:
        return self.case.ballot.votes(precision) + self.pull * self.mean

    def _average(self, precision: Floats) -> Floats:
        votes = self._votes(precision)
        votes /= votes.sum(axis=1, keepdims=True)
        self.case.clamp.hold(votes)
        return votes

    def _log_density(self, values: Floats, precision: Floats, n_numbers: Floats) -> float:
        errors = _squared_errors(self.case, values)
        of_raters = (self.shape + n_numbers / 2) * np.log(precision) - (self.rate + errors / 2) * precision
        return float(of_raters.sum() - self.pull / 2 * ((values - self.mean) ** 2).sum())


def _squared_errors(case: Case, values: Floats) -> Floats:
    """For each rater, the squared distances of their answers from the items' values: 1 - 2 v(answer) + Σ v²."""
    square = np.einsum("nk,nk->n", values, values)[:, None]
    return np.maximum(case.ballot.credits(1.0 - 2.0 * values + square), 0.0)
