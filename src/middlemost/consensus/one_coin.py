"""Models in which all that matters of a rater is how often they are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.ballot import Ballot
from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import label_frame, rater_frame, vote_shares
from middlemost.consensus.em import TINY, not_converged
from middlemost.consensus.judged import judged_by_weights
from middlemost.consensus.settings import not_negative, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.core.ties import by_frequency
from middlemost.inference.fixed_point import climb
from middlemost.inference.softmax import normalise
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Coin:
    """What the two models share; they differ in whether the class shares are estimated, or `flat`."""

    max_iter: int = 100
    tol: float = 1e-6
    smoothing: float = 0.01
    seed: int = 0

    name: ClassVar[str]
    flat: ClassVar[bool]

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol, smoothing=self.smoothing)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so inform the raters' reliabilities."""
        # The classes are summed in an order that their names do not decide: rounding then cannot decide either.
        order = by_frequency(answers)
        ordered, counts = answers.with_classes(order), answers.counts()
        table = _Table.of(ordered, np.ascontiguousarray(counts[:, order]), gold)
        enough = self.tol * max(len(answers), 1)

        def step(state: _State) -> _State:
            return table.step(state.posterior, self.smoothing, flat=self.flat)

        state, convergence = climb(step, table.begin(), max_iter=self.max_iter, tol=enough)
        back = np.argsort(order)
        posterior = np.ascontiguousarray(state.posterior[:, back])
        return Consensus(
            method=self.name,
            items=answers.items,
            classes=answers.classes,
            probabilities=posterior,
            labels=label_frame(answers, posterior, counts, seed=self.seed),
            raters=rater_frame(answers, *table.judged(ordered, state)).with_columns(reliability=state.right),
            class_prior=state.prior[back],
            log_likelihood=state.log_likelihood,
            objective=state.objective,
            history=convergence.history,
            n_iter=convergence.n_iter,
            converged=convergence.converged,
            notices=(*answers.notices, *table.clamp.notices, *not_converged(convergence)),
        )


@dataclass(frozen=True)
class OneCoin(_Coin):
    """One coin a rater: right with a chance of their own, else any of the other classes alike; fitted by EM.

    Dawid and Skene's model with one parameter a rater in place of a matrix: for many classes or few answers. Starts,
    stops and smooths as `DawidSkene` does: `smoothing` right answers and as many wrong ones are added to each rater's.
    `seed` breaks ties. The raters' frame has the `reliability` of each: their coin.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> OneCoin().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    flat: ClassVar[bool] = False
    name: ClassVar[str] = "one-coin"
    traits: ClassVar[Traits] = Traits(
        source="Zhang, Chen, Zhou and Jordan 2016, Journal of Machine Learning Research 17",
        objective="log-likelihood plus the log-density of the Beta prior",
        intervals=True,
        gold=True,
    )


@dataclass(frozen=True)
class ZenCrowd(_Coin):
    """Demartini, Difallah and Cudré-Mauroux (2012): a reliability for each rater, all classes equally likely; EM.

    As `OneCoin` with class shares that are not estimated, so that a rare class is not at a disadvantage. The raters'
    frame has the `reliability` of each. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> ZenCrowd().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    flat: ClassVar[bool] = True
    name: ClassVar[str] = "zencrowd"
    traits: ClassVar[Traits] = Traits(
        source="Demartini, Difallah and Cudré-Mauroux 2012, The World Wide Web Conference",
        objective="log-likelihood plus the log-density of the Beta prior",
        intervals=True,
        gold=True,
    )


@dataclass(frozen=True, eq=False)
class _State:
    """A posterior (items, classes), what it follows from, and how good that is.

    That is the class shares and the raters' chances to be `right`, and what these weigh: log-odds against any error.
    """

    posterior: Floats
    prior: Floats
    right: Floats
    weights: Floats
    log_likelihood: float = -np.inf
    objective: float = -np.inf


@dataclass(frozen=True, eq=False)
class _Table:
    """The answers as EM works on them: votes as sparse products, and the items whose label is known."""

    ballot: Ballot
    clamp: Clamp
    n_answers: Floats
    shares: Floats

    @classmethod
    def of(cls, answers: Answers, counts: NDArray[np.int64], gold: GoldLike | None) -> _Table:
        clamp = Clamp.of(None if gold is None else as_gold(gold), answers)
        shares = vote_shares(answers, counts)
        clamp.hold(shares)
        return cls(Ballot.of(answers), clamp, answers.per_rater().astype(float), shares)

    def begin(self) -> _State:
        """The shares of the votes, which follow from nothing."""
        return _State(self.shares, np.empty(0), np.empty(0), np.empty(0))

    def step(self, posterior: Floats, smoothing: float, *, flat: bool) -> _State:
        """Count how often each rater is right, then weigh the votes by it."""
        total = self.n_answers + 2 * smoothing
        right = (self.ballot.credits(posterior) + smoothing) / np.where(total > 0, total, 1.0)
        log_right, log_wrong = np.log(np.maximum(right, TINY)), np.log(np.maximum(1.0 - right, TINY))
        prior = np.einsum("nk->k", posterior) / max(len(posterior), 1)
        prior = np.full_like(prior, 1.0 / len(prior)) if flat else prior
        # An error is any of the other classes alike.
        log_error = log_wrong - np.log(max(len(prior) - 1, 1))
        scores = self._scores(log_right - log_error, prior)
        joint = self.clamp.joint(scores)
        log_norms = normalise(scores)
        log_norms[self.clamp.items] = joint
        self.clamp.hold(scores)
        # What every class of an item shares: all its answers wrong.
        all_wrong = float((self.n_answers * log_error).sum())
        log_likelihood = float(log_norms.sum()) + all_wrong
        log_density = smoothing * float((log_right + log_wrong).sum()) if smoothing else 0.0
        return _State(scores, prior, right, log_right - log_error, log_likelihood, log_likelihood + log_density)

    def judged(self, answers: Answers, state: _State) -> tuple[Floats, Floats]:
        """Each rater by what the others' reliabilities make probable; `answers` have the table's order of classes."""
        scores = self._scores(state.weights, state.prior)
        return judged_by_weights(answers, self.clamp, scores, state.weights[answers.rater])

    def _scores(self, weights: Floats, prior: Floats) -> Floats:
        """The logarithm of each item's answers with each class, but for what the classes share: (items, classes)."""
        scores = self.ballot.votes(weights)
        scores += np.log(np.maximum(prior, TINY))
        return scores
