"""Majority vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.case import Case
from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import label_frame, rater_frame, vote_shares
from middlemost.consensus.others import Others
from middlemost.consensus.settings import not_negative
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.core.room import require_room
from middlemost.core.short_rows import firsts, how_many, maxima, totals
from middlemost.errors import SettingError
from middlemost.registry import Traits

Floats = NDArray[np.float64]
_BLOCK = 2**15


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
        counts, n_answers = _count(answers), answers.per_rater()
        shares = vote_shares(answers, counts)
        clamp.hold(shares)
        if answers.round is None:
            right, compared = _credits(answers, counts, n_answers, clamp)
        else:  # a rater may have answered an item twice
            ones = np.ones(len(answers))
            right, compared = Others.of(answers, clamp).judge_winners(counts.astype(float), ones)
        return Consensus(
            method=self.name,
            items=answers.items,
            classes=answers.classes,
            probabilities=shares,
            labels=label_frame(answers, shares, counts, seed=self.seed),
            raters=rater_frame(answers, right, compared, n_answers),
            class_prior=np.einsum("nk->k", shares) / max(len(shares), 1),
            notices=(*answers.notices, *clamp.notices),
        )

    def _weighted(self, case: Case, weights: Mapping[str, float]) -> Consensus:
        by_rater = _by_rater(case.answers, weights)
        shares = case.weighted_shares(by_rater)
        judged = case.judged_by_votes(by_rater)
        return case.concluded(self.name, shares, judged, seed=self.seed, columns={"weight": by_rater})


def _by_rater(answers: Answers, weights: Mapping[str, float]) -> Floats:
    """The weights in the order of the raters, 1 for those not named."""
    places = {rater: place for place, rater in enumerate(answers.raters)}
    by_rater = np.ones(answers.n_raters)
    for rater, weight in weights.items():
        if rater not in places:
            raise SettingError(f"There is a weight for {rater!r}, who gave no answer.", mend="Leave it out.")
        by_rater[places[rater]] = weight
    return by_rater


def _count(answers: Answers) -> NDArray[np.integer]:
    """As `answers.counts()`, in bytes where no count is above 255: a smaller table is several times faster to fill."""
    n_items, n_classes = answers.n_items, answers.n_classes
    require_room(n_items * n_classes, f"{n_classes:,} different answers to {n_items:,} items")
    counts = np.zeros(n_items * n_classes, dtype=np.uint8)
    for start in range(0, len(answers), _BLOCK):
        cells = answers.item[start : start + _BLOCK].astype(np.int64)
        cells *= n_classes
        cells += answers.answer[start : start + _BLOCK]
        np.add.at(counts, cells, np.uint8(1))
    # A count that ran over is missing from the sum.
    told = counts.sum(dtype=np.int64) == len(answers)
    return counts.reshape(n_items, n_classes) if told else answers.counts()


def _credits(
    answers: Answers, counts: NDArray[np.integer], n_answers: NDArray[np.int64], clamp: Clamp
) -> tuple[Floats, Floats]:
    """By rater: answers that are the others' majority (or the gold), and answers that could be compared."""
    winner, sharing = _winners_without_one(counts)
    winner[clamp.items], sharing[clamp.items] = clamp.classes, 1
    lone = totals(counts) < 2
    lone[clamp.items] = False
    winner[lone] = answers.n_classes
    right, compared = np.zeros(answers.n_raters), n_answers.astype(float)
    worth = 1.0 / np.maximum(np.arange(answers.n_classes + 1), 1)
    size = max(_BLOCK, answers.n_raters)
    for start in range(0, len(answers), size):
        block = slice(start, start + size)
        hits = np.flatnonzero(winner.take(answers.item[block], mode="clip") == answers.answer[block])
        earned = worth.take(sharing.take(answers.item[block][hits]))
        right += np.bincount(answers.rater[block][hits], earned, answers.n_raters)
    if lone.any():
        compared -= np.bincount(answers.rater[lone.take(answers.item, mode="clip")], minlength=answers.n_raters)
    return right, compared


def _winners_without_one(counts: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """For each item: the class that is still its majority without one answer for it, and how many classes then share.

    It is the class that leads alone: still ahead, or then level with those that have one answer less. Where several
    lead, no class is, and the position is that after the last.
    """
    counts = np.asfortranarray(counts)
    highest = maxima(counts)[:, None]
    leads, level = counts == highest, counts == highest - 1
    winner = firsts(leads)
    winner[how_many(leads) > 1] = counts.shape[1]
    return winner, 1 + how_many(level)
