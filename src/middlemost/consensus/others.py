"""What the others say: an item's scores without a rater's own part in them, and how right the rater is by them.

Nobody vouches for themselves, whatever the method: it says what an answer adds to its item's scores, and how scores
become shares; the rest is here. On real answers with gold this is nearer to the raters' true accuracy than a count that
leaves their own answers in: those flatter them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.clamp import Clamp
from middlemost.core.answers import Answers
from middlemost.core.short_rows import how_many, maxima, sums
from middlemost.core.ties import NEAR, tied
from middlemost.inference.softmax import normalise

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Judged = tuple[Floats, Floats]
Part = Callable[[Positions], Floats]
Shares = Callable[[Floats], Floats]
_CELLS = 2**18  # a block, and what is made of it, stay in the processor's cache


@dataclass(frozen=True, eq=False)
class Others:
    """The answers, and the items whose label is known, which then judges everybody."""

    answers: Answers
    clamp: Clamp

    @classmethod
    def of(cls, answers: Answers, clamp: Clamp) -> Others:
        """What the others say of each of the answers."""
        return cls(answers, clamp)

    def judge(self, scores: Floats, part: Part, shares: Shares) -> Judged:
        """By rater: how many answers are right as the others' answers say, and how many the others allow to judge.

        `scores` (items, states); `part`: what the answers at some positions put into them, (positions, states);
        `shares`: from scores to shares (..., classes), all 0 where they say nothing. A rater whose items nobody else
        answered cannot be judged.
        """
        n_raters = np.bincount(self.answers.item[self._rows[self._pairs]], minlength=self.answers.n_items)
        right, compared = np.zeros(self.answers.n_raters), np.zeros(self.answers.n_raters)
        for rows, starts, pair in self._blocks(scores.shape[1]):
            item, parts = self.answers.item[rows[starts]], part(rows)
            said = shares(scores[item] - (parts if len(starts) == len(rows) else np.add.reduceat(parts, starts)))
            counts = (n_raters[item] > 1) & (sums(said) > 0)
            some = self._by_rater(rows, said[pair, self.answers.answer[rows]], counts[pair])
            right, compared = right + some[0], compared + some[1]
        return right, compared

    def judge_votes(self, scores: Floats, weights: Floats, shares: Shares) -> Judged:
        """The same where an answer puts only a weight (answers,) into the score of its own class."""

        def part(rows: Positions) -> Floats:
            parts = np.zeros((len(rows), scores.shape[1]))
            parts[np.arange(len(rows)), self.answers.answer[rows]] = weights[rows]
            return parts

        return self.judge(scores, part, shares)

    def judge_winners(self, votes: Floats, weights: Floats) -> Judged:
        """Each rater by the class with most of the others' votes; tied ones divide it evenly.

        Where no rater repeats an answer, all are judged in one pass.
        """
        if self.answers.repeated():
            return self.judge_votes(votes, weights, winners)
        aloud = np.bincount(self.answers.item, np.abs(weights), self.answers.n_items)
        counts = aloud[self.answers.item] - np.abs(weights) > NEAR
        return self._by_rater(np.arange(len(weights)), _wins(self.answers, votes, weights), counts)

    def _by_rater(self, rows: Positions, credit: Floats, counts: NDArray[np.bool_]) -> Judged:
        """The credit of the answers in these rows that count, and their number; known labels have the last word."""
        if len(self.clamp.items):
            known = self._known[self.answers.item[rows]]
            credit = np.where(known >= 0, known == self.answers.answer[rows], credit)
            counts = counts | (known >= 0)
        rater, n_raters = self.answers.rater[rows], self.answers.n_raters
        right = np.bincount(rater, credit * counts, n_raters).astype(float, copy=False)
        return right, np.bincount(rater, counts, n_raters).astype(float, copy=False)

    def _blocks(self, n_states: int) -> Iterator[tuple[Positions, Positions, Positions]]:
        """Some rows at a time, whole pairs: where in them the pairs begin, and which of these each row belongs to."""
        size, ends = max(1, _CELLS // n_states), np.append(self._pairs, len(self._rows))
        for first in range(0, len(self._pairs), size):
            some = ends[first : first + size + 1]
            pair = np.repeat(np.arange(len(some) - 1), np.diff(some))
            yield self._rows[some[0] : some[-1]], some[:-1] - some[0], pair

    @cached_property
    def _met(self) -> NDArray[np.int64]:
        """One number for the rater and item of each answer."""
        return self.answers.item.astype(np.int64) * self.answers.n_raters + self.answers.rater

    @cached_property
    def _rows(self) -> Positions:
        """The answers by item and rater."""
        return np.argsort(self._met, kind="stable")

    @cached_property
    def _pairs(self) -> Positions:
        """Where each rater's answers to each item begin among them."""
        met = self._met[self._rows]
        return np.flatnonzero(np.append(True, met[1:] != met[:-1])[: len(met)])

    @cached_property
    def _known(self) -> Positions:
        known = np.full(self.answers.n_items, -1)
        known[self.clamp.items] = self.clamp.classes
        return known


def winners(scores: Floats) -> Floats:
    """1 for the class with the highest score, divided evenly among tied ones; all 0 where no score differs from 0."""
    first = tied(scores).astype(float)
    first /= sums(first)[:, None]
    first[np.abs(scores).max(axis=1, initial=0.0) <= NEAR] = 0.0
    return first


def probable(scores: Floats) -> Floats:
    """Log-scores as probabilities, in place."""
    normalise(scores)
    return scores


def _wins(answers: Answers, votes: Floats, own: Floats) -> Floats:
    """For each answer, whether its class has most votes without `own`, in parts where it ties.

    The greatest of the other classes is the item's first, or its second where the answer's own leads alone.
    """
    item, cells = answers.item, answers.cells()
    first, leads = maxima(votes), tied(votes)
    rest = np.where(leads, -np.inf, votes)
    second, follow = maxima(rest), how_many(tied(rest) & ~leads)
    mine, lead = leads.ravel()[cells], how_many(leads)[item]
    alone = mine & (lead == 1)
    left, other = votes.ravel()[cells] - own, np.where(alone, second[item], first[item])
    level = np.where(alone, follow[item], lead - mine)
    return np.where(left > other + NEAR, 1.0, np.where(left >= other - NEAR, 1.0 / (1.0 + level), 0.0))
