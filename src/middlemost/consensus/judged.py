"""How good a rater is, judged by the others: each answer against what is concluded without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import rater_frame
from middlemost.consensus.others import Others, probable
from middlemost.core.answers import Answers
from middlemost.core.operator import SparseOperator
from middlemost.core.short_rows import firsts, maxima, sums
from middlemost.inference.softmax import normalise

Floats = NDArray[np.float64]
Places = NDArray[np.integer]
_CELLS = 2**18  # A block and what is made of it stay in the processor's cache.
_TINY = 1e-300
_SMOOTHING = 0.5
_MOST_ODDS = 700.0


def judged_by_others(
    operator: SparseOperator, scores: Floats, log_confusion: Floats, clamp: Clamp, *, aside: int | None = None
) -> tuple[Floats, Floats]:
    """By rater: how many answers are right as the others' answers say, and how many the others allow to judge.

    `scores`: (items, classes), the logarithm of each item's answers together with each class; a rater's own part in it,
    the log-probabilities (raters, true, answered) of all their answers to the item, is taken out again. So a rater
    whose items nobody else answered cannot be judged, however sure the model is. Items of `clamp` judge everybody.
    Answers `aside`, abstentions, are neither right nor wrong.
    """
    n_raters, n_classes = operator.shape
    known = np.full(len(scores), -1)
    known[clamp.items] = clamp.classes
    own = log_confusion.transpose(0, 2, 1).reshape(n_raters * n_classes, n_classes)
    evidence = _Evidence(operator, scores, own, np.exp(-own), known)
    right, compared = np.zeros(n_raters), np.zeros(n_raters)
    for first, last in _blocks(operator.starts, n_classes):
        rater, credit, counts = evidence.judge(first, last, aside)
        right += np.bincount(rater, weights=credit * counts, minlength=n_raters)
        compared += np.bincount(rater, weights=counts, minlength=n_raters)
    return right, compared


def judged_by_weights(answers: Answers, clamp: Clamp, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The same where an answer puts only a weight (answers,) into the score of its own class."""
    if answers.n_classes < 2 or answers.repeated():
        return Others.of(answers, clamp).judge_votes(scores, weights, probable)
    odds, known = _log_odds(scores).ravel(), np.full(answers.n_items, -1)
    known[clamp.items] = clamp.classes
    counts = (answers.per_item() > 1) | (known >= 0)
    right, compared = np.zeros(answers.n_raters), np.zeros(answers.n_raters)
    size = max(_CELLS // 8, answers.n_raters)
    for start in range(0, len(answers), size):
        some = slice(start, start + size)
        item, rater, answer = answers.item[some].astype(np.int64), answers.rater[some], answers.answer[some]
        against = weights[some] - odds.take(item * answers.n_classes + answer)
        credit = 1.0 / (1.0 + np.exp(np.clip(against, -_MOST_ODDS, _MOST_ODDS)))
        if len(clamp.items):
            credit = np.where(known[item] >= 0, known[item] == answer, credit)
        weight = counts.take(item)
        right += np.bincount(rater, credit * weight, answers.n_raters)
        compared += np.bincount(rater, weight, answers.n_raters)
    return right, compared


def _log_odds(scores: Floats) -> Floats:
    """Of each class against all others of the item, from the logarithms `scores` (items, classes)."""
    odds = np.empty_like(scores)
    size = max(1, _CELLS // 4 // scores.shape[1])
    for start in range(0, len(scores), size):
        odds[start : start + size] = _log_odds_of(scores[start : start + size])
    return odds


def _log_odds_of(scores: Floats) -> Floats:
    """For the first class the others are summed anew: what is left of the total without it can be but rounding."""
    scores = np.array(scores, order="F")
    highest = maxima(scores)[:, None]
    first = np.arange(len(scores)), firsts(scores == highest)
    powers = np.exp(scores - highest)
    others = sums(powers)[:, None] - powers
    others[first] = 1.0
    odds = scores - highest - np.log(others)
    scores[first] = -np.inf
    second = maxima(scores)
    odds[first] = highest[:, 0] - second - np.log(sums(np.exp(scores - second[:, None])))
    return np.asarray(odds)


def rater_frame_of(answers: Answers, probabilities: Floats) -> pl.DataFrame:
    """The raters' frame for any `probabilities` (items, classes); a rater's part is by their confusion matrix."""
    operator = SparseOperator.of(answers)
    confusion = operator.counts(probabilities) + _SMOOTHING
    confusion /= confusion.sum(axis=2, keepdims=True)
    scores = np.log(np.maximum(probabilities, _TINY))
    return rater_frame(answers, *judged_by_others(operator, scores, np.log(confusion), Clamp.of(None, answers)))


def _blocks(starts: NDArray[np.int32], n_classes: int) -> Iterator[tuple[int, int]]:
    """Ranges of items with no more answers than fit into `_CELLS` numbers, one item at least."""
    first = 0
    while first < len(starts) - 1:
        most = starts[first] + max(1, _CELLS // n_classes)
        last = max(first + 1, int(np.searchsorted(starts, most, side="right")) - 1)
        yield first, last
        first = last


@dataclass(frozen=True, eq=False)
class _Evidence:
    """What all answers to an item say, `scores` (items, classes), and what each says alone.

    `own` (raters · answers, classes): log-probabilities; `inverse`: 1 over the probabilities. `known`: each item's
    class, -1 where it is hidden.
    """

    operator: SparseOperator
    scores: Floats
    own: Floats
    inverse: Floats
    known: NDArray[np.intp]

    def judge(self, first: int, last: int, aside: int | None) -> tuple[Places, Floats, Floats]:
        """For each answer to items `first` to `last`: the rater, the chance that it is right, and whether it counts."""
        n_classes = self.operator.shape[1]
        starts = self.operator.starts[first : last + 1]
        said, item = self.operator.said[starts[0] : starts[-1]], np.repeat(np.arange(last - first), np.diff(starts))
        rater = said // n_classes
        answer = said - rater * n_classes
        again = (item[1:] == item[:-1]) & (rater[1:] == rater[:-1])
        known, scores = self.known[first:last], self.scores[first:last]
        if again.any():
            credit = self._without_pairs(scores, item, said, answer, again)
        else:
            credit = self._without_each(scores, item, said, answer)
        n_raters = np.bincount(item, minlength=last - first) - np.bincount(item[1:][again], minlength=last - first)
        counts = ((n_raters > 1) | (known >= 0)).astype(float)[item]
        if (known >= 0).any():
            credit = np.where(known[item] >= 0, known[item] == answer, credit)
        return rater, credit, counts if aside is None else counts * (answer != aside)

    def _without_each(self, scores: Floats, item: Places, said: Places, answer: Places) -> Floats:
        """The chance that each answer is right, by the others: a product and a quotient.

        Without any one answer, the class that all of them favour still weighs 1 over the number of classes or more: no
        class that matters is lost to underflow.
        """
        posterior = scores.copy()
        normalise(posterior)
        others = posterior.take(item, axis=0, mode="clip")
        others *= self.inverse.take(said, axis=0, mode="clip")
        return np.asarray(others.ravel()[np.arange(len(answer)) * scores.shape[1] + answer] / sums(others))

    def _without_pairs(
        self, scores: Floats, item: Places, said: Places, answer: Places, again: NDArray[np.bool_]
    ) -> Floats:
        """The same where all answers of a rater to an item are taken out at once: by logarithms, many may overflow."""
        pair = np.append(0, np.cumsum(~again))
        starts = np.flatnonzero(np.append(True, ~again))
        others = scores[item[starts]]
        others -= np.add.reduceat(self.own[said], starts, axis=0)
        normalise(others)
        return np.asarray(others[pair, answer])
