"""Coefficients of two raters, averaged over the pairs of raters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.agreement.crossing import crossed, require_few_pairs
from middlemost.agreement.statistic import NOT_COMPARED, Spread, corrected, one_by_one
from middlemost.agreement.tally import Floats, Matrix, Rows, by_rater, total
from middlemost.core.answers import Answers
from middlemost.errors import SettingError

LEAST_SHARED = 2
_MOST_MARGINS = 50_000_000
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class OfPairs:
    """The mean over pairs of raters of a kappa with each rater's own shares of the classes, or `pooled` ones.

    `cells` are the cells of all pairs' tables that are filled: (first rater, its class, second rater, its class) as one
    number each, sorted. A pair that shares fewer than two items, or gave one and the same answer only, has no value.
    """

    n_classes: int
    n_columns: int
    cells: NDArray[np.int64]
    weights: Floats | None = None
    pooled: bool = False
    own_repeats: ClassVar[str] = NOT_COMPARED
    undefined: ClassVar[str] = (
        "no two raters share two items and use more than one class, so the coefficient is set to 0"
    )

    @classmethod
    def of(cls, answers: Answers, weights: Floats | None, *, pooled: bool = False) -> OfPairs:
        """The pairs of raters that meet in `answers`; SettingError where they are too many to go through."""
        counts = by_rater(answers)
        require_few_pairs(counts)
        found = cls(answers.n_classes, counts.shape[1], np.empty(0, np.int64), weights, pooled)
        found = cls(answers.n_classes, counts.shape[1], np.unique(found._crossed(counts)[1]), weights, pooled)
        if len(found.raters) * answers.n_classes > _MOST_MARGINS:
            problem = (
                f"{len(found.raters):,} pairs of raters and {answers.n_classes:,} classes are too many to compare."
            )
            raise SettingError(problem, mend="Fleiss' kappa and alpha take all raters together.")
        return found

    @cached_property
    def raters(self) -> NDArray[np.int64]:
        """The two raters of each pair, shape (pairs, 2)."""
        return np.asarray(np.unique(self._pair_codes())[:, None] // [self._n_raters, 1] % self._n_raters)

    @property
    def _n_raters(self) -> int:
        return self.n_columns // self.n_classes

    def table(self, answers: Answers, weight: Floats | None = None) -> Matrix:
        """How often each item got each class from each rater."""
        return by_rater(answers, weight)

    def features(self, rows: Rows) -> Matrix:
        """What each item adds to the cells."""
        row, cells, product = self._crossed(rows.counts)
        shape = (rows.counts.shape[0], len(self.cells))
        return csr_array((product, (row, np.searchsorted(self.cells, cells))), shape=shape)

    def value(self, sums: Floats, copies: Floats | None = None) -> Floats:
        """The mean over the pairs that have a value; a pair counts as often as both its raters."""
        size = max(1, _BLOCK // max(len(self.raters) * self.n_classes, 1))
        times = np.ones(len(self.raters)) if copies is None else copies[self.raters].prod(axis=1)
        blocks = [self._mean(self.of_pairs(sums[start : start + size]), times) for start in range(0, len(sums), size)]
        return np.concatenate(blocks)

    @staticmethod
    def _mean(values: Floats, times: Floats) -> Floats:
        weight = np.where(np.isnan(values), 0, times)
        counted = weight.sum(axis=1)
        summed = (np.nan_to_num(values) * weight).sum(axis=1)
        return np.asarray(np.where(counted > 0, summed, np.nan) / np.where(counted > 0, counted, 1))

    def of_pairs(self, sums: Floats) -> Floats:
        """The kappa of each pair, shape (draws, pairs); NaN where it has none."""
        n, first, second, observed = self.tables(sums)
        if self.pooled:
            first = second = (first + second) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            weighed = first if self.weights is None else first @ self.weights
            expected = (weighed * second).sum(axis=2) / n**2
            values = corrected(observed / n, expected)
        return np.where(n >= LEAST_SHARED, values, np.nan)

    def tables(self, sums: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Of each pair: shared answers (draws, pairs), both raters' counts of the classes, agreeing answers."""
        shape = (len(sums), len(self.raters), self.n_classes)
        first, second = (np.asarray(sums @ selector).reshape(shape) for selector in self._margins)
        agreeing = np.asarray((sums * self._cell_weights) @ self._of_pair)
        return first.sum(axis=2), first, second, agreeing

    def spread(self, rows: Rows, times: Floats) -> Spread | None:
        """The standard error for two raters (Fleiss, Cohen and Everitt 1969; Gwet 2014); None for more."""
        sums = total(self.features(rows), times[None])
        if len(self.raters) != 1:
            return None
        n, first, second, observed = (part[0, 0] for part in self.tables(sums))
        value = float(self.of_pairs(sums)[0, 0])
        if np.isnan(value) or n < LEAST_SHARED:
            return None
        first, second = (((first + second) / 2,) * 2) if self.pooled else (first, second)
        weights = np.eye(self.n_classes) if self.weights is None else self.weights
        of_first, of_second = weights @ second / n, weights.T @ first / n
        expected = float(first @ of_first) / n
        _, k, _, m = self._parts()
        bent = weights[k, m] - (1 - value) * (of_first[k] + of_second[m])
        variance = sums[0] @ bent**2 / n - (observed / n - 2 * (1 - value) * expected) ** 2
        return Spread(float(np.sqrt(max(variance, 0) / n) / (1 - expected)), int(n) - 1)

    def of_raters(self, answers: Answers) -> Callable[[Floats], float]:
        """The mean as a function of how often each rater counts: the pairs' own values do not change."""
        sums = total(self.features(Rows.of(by_rater(answers))), np.ones((1, answers.n_items)))
        values = self.of_pairs(sums)

        def value(copies: Floats) -> float:
            return float(self._mean(values, copies[self.raters].prod(axis=1))[0])

        return value

    def without(self, answers: Answers) -> Floats:
        """The coefficient without each rater in turn."""
        return one_by_one(self, answers)

    def _crossed(self, counts: Matrix) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Rows, cells and products of the answers of two different raters to one item."""
        row, first, second, product = crossed(counts)
        others = first // self.n_classes != second // self.n_classes
        return row[others], (first * self.n_columns + second)[others], product[others]

    def _parts(self) -> tuple[NDArray[np.int64], ...]:
        """First rater, its class, second rater, its class of each cell."""
        first, second = np.divmod(self.cells, self.n_columns)
        return *np.divmod(first, self.n_classes), *np.divmod(second, self.n_classes)

    def _pair_codes(self) -> NDArray[np.int64]:
        one, _, other, _ = self._parts()
        return one * self._n_raters + other

    @cached_property
    def _pair(self) -> NDArray[np.int64]:
        return np.unique(self._pair_codes(), return_inverse=True)[1]

    @cached_property
    def _cell_weights(self) -> Floats:
        _, k, _, m = self._parts()
        return (k == m).astype(float) if self.weights is None else self.weights[k, m]

    @cached_property
    def _of_pair(self) -> csr_array:
        return self._selector(self._pair, len(self.raters))

    @cached_property
    def _margins(self) -> tuple[csr_array, csr_array]:
        _, k, _, m = self._parts()
        columns = len(self.raters) * self.n_classes
        first, second = (self._selector(self._pair * self.n_classes + own, columns) for own in (k, m))
        return first, second

    def _selector(self, column: NDArray[np.int64], columns: int) -> csr_array:
        n = len(self.cells)
        return csr_array((np.ones(n), (np.arange(n), column)), shape=(n, columns))


def left_out(statistic: OfPairs, answers: Answers) -> str | None:
    """The note on the pairs that have no value."""
    sums = total(statistic.features(Rows.of(by_rater(answers))), np.ones((1, answers.n_items)))
    missing = int(np.isnan(statistic.of_pairs(sums)).sum()) if len(statistic.raters) else 0
    if not missing or missing == len(statistic.raters):
        return None
    return (
        f"{missing:,} of {len(statistic.raters):,} pairs of raters share fewer than {LEAST_SHARED} items "
        "or gave only one kind of answer to them, and are left out"
    )
