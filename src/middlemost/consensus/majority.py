"""Majority vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.case import Case
from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import label_frame, rater_frame, vote_shares
from middlemost.consensus.settings import not_negative
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.core.short_rows import how_many, maxima, sums
from middlemost.core.ties import NEAR, tied
from middlemost.errors import SettingError
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MajorityVote:
    """The commonest answer of each item; `probabilities` are the shares of its answers.

    A rater's accuracy is how often they gave the majority of the *others'* answers (a tie counts in parts); items that
    nobody else answered are left out. With `weights` (rater -> number from 0 up, 1 for those not named) all votes are
    weighted. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbb"), "rater": list("xyzxyz"), "answer": list("112222")})
    >>> MajorityVote().fit(encode(frame)).labels["label"].to_list()
    ['1', '2']
    >>> MajorityVote(weights={"z": 3.0}).fit(encode(frame)).labels["label"].to_list()
    ['2', '2']
    """

    seed: int = 0
    weights: Mapping[str, float] | None = None

    name: ClassVar[str] = "majority-vote"
    traits: ClassVar[Traits] = Traits(source="Condorcet 1785; Galton 1907, Nature 75", intervals=True, gold=True)

    def __post_init__(self) -> None:
        not_negative(**{f"The weight of {rater}": weight for rater, weight in (self.weights or {}).items()})

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Count the votes. `gold` items get their known label. Raises SettingError for weights of unknown raters."""
        if self.weights is not None:
            return self._weighted(Case.of(answers, gold), self.weights)
        clamp = Clamp.of(None if gold is None else as_gold(gold), answers)
        counts = answers.counts()
        shares = vote_shares(answers, counts)
        clamp.hold(shares)
        right, compared = _credits(answers, counts, clamp)
        return Consensus(
            method=self.name,
            items=answers.items,
            classes=answers.classes,
            probabilities=shares,
            labels=label_frame(answers, shares, counts, seed=self.seed),
            raters=rater_frame(answers, right, compared),
            class_prior=shares.sum(axis=0) / max(len(shares), 1),
            notices=(*answers.notices, *clamp.notices),
        )

    def _weighted(self, case: Case, weights: Mapping[str, float]) -> Consensus:
        by_rater = _by_rater(case.answers, weights)
        shares = case.weighted_shares(by_rater)
        right, compared = _weighted_credits(case, by_rater)
        fitted = case.concluded(self.name, shares, seed=self.seed)
        raters = rater_frame(case.answers, right, compared).with_columns(weight=by_rater)
        return replace(fitted, raters=raters)


def _by_rater(answers: Answers, weights: Mapping[str, float]) -> Floats:
    """The weights in the order of the raters, 1 for those not named."""
    places = {rater: place for place, rater in enumerate(answers.raters)}
    by_rater = np.ones(answers.n_raters)
    for rater, weight in weights.items():
        if rater not in places:
            raise SettingError(f"There is a weight for {rater!r}, who gave no answer.", mend="Leave it out.")
        by_rater[places[rater]] = weight
    return by_rater


def _weighted_credits(case: Case, weights: Floats) -> tuple[Floats, Floats]:
    """By rater: answers that are the weighted majority of the others' (or the gold), and those that could be compared.

    The greatest of the other classes is the item's first, or its second where the answer's own class leads alone.
    """
    answers, votes = case.answers, case.ballot.votes(weights)
    first, leads = maxima(votes), tied(votes)
    rest = np.where(leads, -np.inf, votes)
    second, follows = maxima(rest), tied(rest) & ~leads
    own, row = votes.ravel()[answers.cells()] - weights[answers.rater], answers.item
    mine = leads.ravel()[answers.cells()]
    alone = mine & (how_many(leads)[row] == 1)
    other = np.where(alone, second[row], first[row])
    level = np.where(alone, how_many(follows)[row], how_many(leads)[row] - mine)
    credit = np.where(own > other + NEAR, 1.0, np.where(own >= other - NEAR, 1.0 / (1.0 + level), 0.0))
    compared = sums(votes)[row] - weights[answers.rater] > NEAR
    truth = np.full(answers.n_items, -1)
    truth[case.clamp.items] = case.clamp.classes
    known = truth[row] >= 0
    credit[known] = (truth[row] == answers.answer)[known]
    right = np.bincount(answers.rater, credit * (compared | known), answers.n_raters)
    return right.astype(float), np.bincount(answers.rater[compared | known], minlength=answers.n_raters).astype(float)


def _credits(answers: Answers, counts: NDArray[np.int64], clamp: Clamp) -> tuple[Floats, Floats]:
    """By rater: answers that are the others' majority (or the gold), and answers that could be compared."""
    credit = _worth_against_the_others(counts)
    comparable = sums(counts) > 1
    clamp.hold(credit)
    comparable[clamp.items] = True
    credit *= comparable[:, None]
    worth = credit.ravel()[answers.cells()]
    right = np.bincount(answers.rater, weights=worth, minlength=answers.n_raters)
    raters = answers.rater if comparable.all() else answers.rater[comparable[answers.item]]
    return right.astype(float), np.bincount(raters, minlength=answers.n_raters).astype(float)


def _worth_against_the_others(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """For each (item, class): whether it is the majority of the item's answers without one answer for the class.

    Only a class that leads alone can be: it is then ahead of the others, or level with those that have one answer less.
    """
    highest = maxima(counts)[:, None]
    first, level = counts == highest, counts == highest - 1
    alone = how_many(first) == 1
    share = np.where(alone, 1 / (1 + how_many(level)), 0)
    return np.asarray(first * share.astype(np.float32)[:, None])
