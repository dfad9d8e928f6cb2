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
class OneCoin:
    """One coin a rater: right with a chance of their own, else any of the other classes alike; fitted by EM.

    Dawid and Skene's model with one parameter a rater in place of a matrix: for many classes or few answers. Starts,
    stops and smooths as `DawidSkene` does: `smoothing` right answers and as many wrong ones are added to each rater's.
    `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> OneCoin().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    max_iter: int = 100
    tol: float = 1e-6
    smoothing: float = 0.01
    seed: int = 0

    name: ClassVar[str] = "one-coin"
    traits: ClassVar[Traits] = Traits(
        source="Zhang, Chen, Zhou and Jordan 2016, Journal of Machine Learning Research 17",
        objective="log-likelihood plus the log-density of the Beta prior",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol, smoothing=self.smoothing)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so inform the raters' accuracies."""
        coins = Coins(self.smoothing, flat=False)
        return fit_coins(self.name, coins, answers, gold, max_iter=self.max_iter, tol=self.tol, seed=self.seed)


@dataclass(frozen=True)
class ZenCrowd:
    """Demartini, Difallah and Cudré-Mauroux (2012): a reliability for each rater, all classes equally likely; EM.

    As `OneCoin` with class shares that are not estimated, so that a rare class is not at a disadvantage. `seed` breaks
    ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> ZenCrowd().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    max_iter: int = 100
    tol: float = 1e-6
    smoothing: float = 0.01
    seed: int = 0

    name: ClassVar[str] = "zencrowd"
    traits: ClassVar[Traits] = Traits(
        source="Demartini, Difallah and Cudré-Mauroux 2012, The World Wide Web Conference",
        objective="log-likelihood plus the log-density of the Beta prior",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol, smoothing=self.smoothing)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so inform the raters' reliabilities."""
        coins = Coins(self.smoothing, flat=True)
        return fit_coins(self.name, coins, answers, gold, max_iter=self.max_iter, tol=self.tol, seed=self.seed)


@dataclass(frozen=True)
class Coins:
    """The settings in which the models differ: `flat` holds all classes equally likely."""

    smoothing: float
    flat: bool


@dataclass(frozen=True, eq=False)
class _State:
    """A posterior (items, classes), the class shares it follows from, and how good they are."""

    posterior: Floats
    prior: Floats
    log_likelihood: float
    objective: float


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

    def step(self, posterior: Floats, coins: Coins) -> _State:
        """Count how often each rater is right, then weigh the votes by it."""
        total = self.n_answers + 2 * coins.smoothing
        right = (self.ballot.credits(posterior) + coins.smoothing) / np.where(total > 0, total, 1.0)
        log_right, log_wrong = np.log(np.maximum(right, TINY)), np.log(np.maximum(1.0 - right, TINY))
        prior = np.einsum("nk->k", posterior) / max(len(posterior), 1)
        prior = np.full_like(prior, 1.0 / len(prior)) if coins.flat else prior
        # An error is any of the other classes alike.
        log_error = log_wrong - np.log(max(len(prior) - 1, 1))
        scores = self.ballot.votes(log_right - log_error)
        scores += np.log(np.maximum(prior, TINY))
        joint = self.clamp.joint(scores)
        log_norms = normalise(scores)
        log_norms[self.clamp.items] = joint
        self.clamp.hold(scores)
        # What every class of an item shares: all its answers wrong.
        all_wrong = float((self.n_answers * log_error).sum())
        log_likelihood = float(log_norms.sum()) + all_wrong
        log_density = coins.smoothing * float((log_right + log_wrong).sum()) if coins.smoothing else 0.0
        return _State(scores, prior, log_likelihood, log_likelihood + log_density)


def fit_coins(
    name: str, coins: Coins, answers: Answers, gold: GoldLike | None, *, max_iter: int, tol: float, seed: int
) -> Consensus:
    """EM from the shares of the votes to the result."""
    # The classes are summed in an order that their names do not decide: rounding then cannot decide either.
    order = by_frequency(answers)
    ordered, counts = answers.with_classes(order), answers.counts()
    table = _Table.of(ordered, np.ascontiguousarray(counts[:, order]), gold)
    begun = _State(table.shares, np.empty(0), -np.inf, -np.inf)
    enough = tol * max(len(answers), 1)
    state, convergence = climb(lambda at: table.step(at.posterior, coins), begun, max_iter=max_iter, tol=enough)
    back = np.argsort(order)
    posterior = np.ascontiguousarray(state.posterior[:, back])
    return Consensus(
        method=name,
        items=answers.items,
        classes=answers.classes,
        probabilities=posterior,
        labels=label_frame(answers, posterior, counts, seed=seed),
        raters=rater_frame(answers, table.ballot.credits(state.posterior), table.n_answers),
        class_prior=state.prior[back],
        log_likelihood=state.log_likelihood,
        objective=state.objective,
        history=convergence.history,
        n_iter=convergence.n_iter,
        converged=convergence.converged,
        notices=(*answers.notices, *table.clamp.notices, *not_converged(convergence)),
    )
