"""Coefficients as functions of sums over items, so that every sample of items costs one matrix product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.agreement.tally import Floats, Matrix, Rows, beside, by_class, difference, quadratic, tabulate, total
from middlemost.core.answers import Answers

Codes = NDArray[np.int64]
_BLOCK = 4_000_000
ONE_CLASS = "all answers are the same: chance alone would agree as well, so the coefficient is set to 0"

AS_ANOTHER = "counted as if given by another"
NOT_COMPARED = "not compared with each other"


class Spread(NamedTuple):
    """A standard error by formula, and the degrees of freedom of Student's t that goes with it."""

    standard_error: float
    freedom: int


class Statistic(Protocol):
    """What each item adds (`features`), and what the sums of it come to (`value`).

    `undefined` says why that is NaN, `own_repeats` what becomes of a rater's several answers to one item.
    """

    undefined: ClassVar[str]
    own_repeats: ClassVar[str]

    def table(self, answers: Answers, weight: Floats | None = None) -> Matrix:
        """The table of counts that it rests on, each answer weighing one or `weight`."""
        ...

    def features(self, rows: Rows) -> Matrix:
        """What each item adds to the sums, shape (items, sums)."""
        ...

    def value(self, sums: Floats) -> Floats:
        """The coefficient for each row of sums (draws, sums); NaN where it is undefined."""
        ...

    def spread(self, rows: Rows, times: Floats) -> Spread | None:
        """The published standard error where each row occurs so many `times`; None where none is published."""
        ...

    def of_raters(self, answers: Answers) -> Callable[[Floats], float]:
        """The coefficient as a function of how often each rater counts."""
        ...

    def without(self, answers: Answers) -> Floats:
        """The coefficient without each rater in turn, shape (raters,)."""
        ...


def reweighted(table: Callable[[Answers, Floats], Matrix], answers: Answers, copies: Floats) -> Rows:
    """The `table` where each rater counts `copies` times; a rater's copies are not compared with each other."""
    weight = np.asarray(copies[answers.rater], dtype=float)
    n = np.bincount(answers.item, weight, minlength=answers.n_items).astype(float)
    itself = np.bincount(answers.item, weight**2, minlength=answers.n_items).astype(float)
    return Rows(table(answers, weight), n, itself)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Each rater and item that meet, `met` as one number each, sorted, and each one's answers: `rows`, up to `ends`."""

    answers: Answers
    met: NDArray[np.int64]
    rows: NDArray[np.intp]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, answers: Answers) -> _Pairs:
        codes = answers.rater.astype(np.int64) * answers.n_items + answers.item
        met, times = np.unique(codes, return_counts=True)
        return cls(answers, met, np.argsort(codes, kind="stable"), np.append(0, np.cumsum(times)))

    def of_raters(self, first: int, last: int, size: int) -> Iterator[tuple[Codes, Codes, Matrix]]:
        """The pairs of raters from `first` to before `last`, so many at a time: raters, items, class counts."""
        begin, end = np.searchsorted(self.met, [first * self.answers.n_items, last * self.answers.n_items])
        for start in range(int(begin), int(end), size):
            some = self.ends[start : min(start + size, int(end)) + 1]
            rater, item = np.divmod(self.met[start : start + len(some) - 1], self.answers.n_items)
            place = np.repeat(np.arange(len(item)), np.diff(some))
            answer = self.answers.answer[self.rows[some[0] : some[-1]]]
            yield rater, item, tabulate(place, answer, (len(item), self.answers.n_classes))


class ByClass:
    """A statistic of how often each item got each class."""

    undefined: ClassVar[str] = ONE_CLASS
    own_repeats: ClassVar[str] = AS_ANOTHER

    def table(self, answers: Answers, weight: Floats | None = None) -> Matrix:
        """Counts (items, classes)."""
        return by_class(answers, weight)

    def of_raters(self: Statistic, answers: Answers) -> Callable[[Floats], float]:
        """The coefficient as a function of how often each rater counts."""

        def value(copies: Floats) -> float:
            features = self.features(reweighted(self.table, answers, copies))
            return float(self.value(total(features, np.ones((1, features.shape[0]))))[0])

        return value

    def without(self: Statistic, answers: Answers) -> Floats:
        """The coefficient without each rater in turn: only what changes in the rater's own items is summed anew."""
        before = Rows.of(self.table(answers))
        everyone = total(self.features(before), np.ones((1, answers.n_items)))
        pairs = _Pairs.of(answers)
        size = max(1, _BLOCK // everyone.shape[1])
        # Where rows are sparse, they are short: more of them fit into a block.
        rows_at_once = size if isinstance(before.counts, np.ndarray) else max(size, _BLOCK // 16)
        values = np.empty(answers.n_raters)
        for first in range(0, answers.n_raters, size):
            sums = np.repeat(everyone, min(size, answers.n_raters - first), axis=0)
            for rater, item, own in pairs.of_raters(first, first + size, rows_at_once):
                old = before.counts[item]
                change = difference(self.features(Rows.of(difference(old, own))), self.features(Rows.of(old)))
                shape = (len(sums), len(item))
                changed = csr_array((np.ones(len(item)), (rater - first, np.arange(len(item)))), shape) @ change
                sums += changed if isinstance(changed, np.ndarray) else changed.toarray()
            values[first : first + size] = self.value(sums)
        return values


def one_by_one(statistic: Statistic, answers: Answers) -> Floats:
    """The coefficient without each rater in turn, each from the start."""
    value_of, copies = statistic.of_raters(answers), np.ones(answers.n_raters)
    values = np.full(answers.n_raters, np.nan)
    for rater in np.flatnonzero(answers.per_rater()):
        copies[rater] = 0
        values[rater] = value_of(copies)
        copies[rater] = 1
    return values


class Chance(Protocol):
    """The agreement that a coefficient expects by chance."""

    def expected(self, shares: Floats) -> Floats:
        """From the classes' shares (draws, classes), one value a draw."""
        ...

    def of_items(self, per_answer: Matrix, shares: Floats) -> Floats:
        """What each item adds to it, given the overall `shares` (classes,); their mean is the expectation."""
        ...


@dataclass(frozen=True, eq=False)
class BeyondChance(ByClass):
    """(observed - chance) / (1 - chance), where observed is the mean over items of the share of agreeing pairs."""

    chance: Chance
    weights: Floats | None = None

    def features(self, rows: Rows) -> Matrix:
        """The share of agreeing pairs, whether there are any, whether there is an answer, and the classes' shares."""
        some, any_answer = rows.comparable.astype(float), (rows.n > 0).astype(float)
        return beside([agreeing(rows, self.weights), some, any_answer], rows.per_answer())

    def value(self, sums: Floats) -> Floats:
        """The coefficient for each row of sums; NaN where chance alone agrees always."""
        with np.errstate(invalid="ignore", divide="ignore"):
            observed, shares = sums[:, 0] / sums[:, 1], sums[:, 3:] / sums[:, 2:3]
        return corrected(observed, self.chance.expected(shares))

    def spread(self, rows: Rows, times: Floats) -> Spread | None:
        """Gwet's standard error (2008; 2014, chapter 5), over items with an answer."""
        n = float(times @ (rows.n > 0))
        if n < 2:
            return None
        per_answer = rows.per_answer()
        shares = total(per_answer, times[None])[0] / n
        expected = float(self.chance.expected(shares[None])[0])
        by_item = self.chance.of_items(per_answer, shares)
        return gwet_spread(agreeing(rows, self.weights), rows, times, expected, by_item)


def gwet_spread(observed: Floats, rows: Rows, times: Floats, expected: float, by_item: Floats) -> Spread | None:
    """The standard error of (observed - expected) / (1 - expected), linearised in both parts."""
    counted, some = times * (rows.n > 0), rows.comparable.astype(float)
    n, comparable = counted.sum(), times @ some
    if n < 2 or comparable == 0 or expected >= 1 - 1e-12:
        return None
    value = (times @ observed / comparable - expected) / (1 - expected)
    own = n / comparable * (observed - expected * some) / (1 - expected)
    linear = own - 2 * (1 - value) * (by_item - expected) / (1 - expected)
    return Spread(float(np.sqrt(counted @ (linear - value) ** 2 / (n * (n - 1)))), int(n) - 1)


def agreeing(rows: Rows, weights: Floats | None) -> Floats:
    """The (weighted) share of each item's pairs of answers that agree; 0 where it has no pair."""
    pairs = np.where(rows.comparable, rows.pairs, 1)
    return np.where(rows.comparable, (quadratic(rows.counts, weights) - rows.itself) / pairs, 0.0)


def corrected(observed: Floats, expected: Floats) -> Floats:
    """(observed - expected) / (1 - expected); NaN where chance alone agrees always."""
    room = np.where(expected < 1 - 1e-12, 1 - expected, np.nan)
    return np.asarray((observed - expected) / room)


@dataclass(frozen=True, eq=False)
class NoChance:
    """Nothing is taken off."""

    def expected(self, shares: Floats) -> Floats:
        """Nought."""
        return np.zeros(len(shares))

    def of_items(self, per_answer: Matrix, shares: Floats) -> Floats:
        """Nought."""
        return np.zeros(per_answer.shape[0])


@dataclass(frozen=True, eq=False)
class ByShares:
    """Two answers drawn from the classes' overall shares (Fleiss)."""

    weights: Floats | None = None

    def expected(self, shares: Floats) -> Floats:
        """The chance that both are equal, or their expected weight."""
        return quadratic(shares, self.weights)

    def of_items(self, per_answer: Matrix, shares: Floats) -> Floats:
        """The chance that an answer to the item agrees with one drawn from the overall shares."""
        towards = shares if self.weights is None else (self.weights + self.weights.T) @ shares / 2
        return np.asarray(per_answer @ towards)


@dataclass(frozen=True, eq=False)
class ByGuessing:
    """A class drawn evenly for the answers that are guesses (Gwet's AC1, AC2)."""

    weights: Floats | None = None

    def _factor(self, n_classes: int) -> float:
        if n_classes < 2:
            return np.nan
        weight = n_classes if self.weights is None else float(self.weights.sum())
        return weight / (n_classes * (n_classes - 1))

    def expected(self, shares: Floats) -> Floats:
        """The classes' spread, times the mean weight."""
        return np.asarray(self._factor(shares.shape[1]) * (shares * (1 - shares)).sum(axis=1))

    def of_items(self, per_answer: Matrix, shares: Floats) -> Floats:
        """The same from one item's answers."""
        return np.asarray(self._factor(len(shares)) * (per_answer @ (1 - shares)))


@dataclass(frozen=True, eq=False)
class ByClasses:
    """Every class alike (Brennan and Prediger)."""

    weights: Floats | None = None

    def _evenly(self, n_classes: int) -> float:
        return 1 / n_classes if self.weights is None else float(self.weights.mean())

    def expected(self, shares: Floats) -> Floats:
        """1 / classes, or the mean weight."""
        return np.full(len(shares), self._evenly(shares.shape[1]))

    def of_items(self, per_answer: Matrix, shares: Floats) -> Floats:
        """The same for every item."""
        return np.full(per_answer.shape[0], self._evenly(len(shares)))


def noted(*notes: str | None) -> str | None:
    """The notes that there are, as one."""
    return "; ".join(note for note in notes if note) or None
