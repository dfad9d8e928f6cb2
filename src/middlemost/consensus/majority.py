"""Majority vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import label_frame, rater_frame, vote_shares
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.core.short_rows import how_many, maxima, sums
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MajorityVote:
    """The commonest answer of each item; `probabilities` are the shares of its answers.

    A rater's accuracy is how often they gave the majority of the *others'* answers (a tie counts in parts); items that
    nobody else answered are left out. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbb"), "rater": list("xyzxyz"), "answer": list("112222")})
    >>> MajorityVote().fit(encode(frame)).labels["label"].to_list()
    ['1', '2']
    """

    seed: int = 0

    name: ClassVar[str] = "majority-vote"
    traits: ClassVar[Traits] = Traits(source="Condorcet 1785; Galton 1907, Nature 75", intervals=True, gold=True)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Count the votes. `gold` items get their known label."""
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
