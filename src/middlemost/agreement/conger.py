"""Conger's kappa."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.agreement.statistic import (
    AS_ANOTHER,
    Spread,
    Statistic,
    agreeing,
    corrected,
    gwet_spread,
    one_by_one,
    reweighted,
)
from middlemost.agreement.tally import Floats, Matrix, Rows, beside, by_class, tabulate, total
from middlemost.agreement.weighted import Weighted
from middlemost.agreement.weights import weigh
from middlemost.core.answers import Answers
from middlemost.registry import Traits

_BLOCK = 4_000_000


@dataclass(frozen=True)
class CongerKappa(Weighted):
    """Conger's kappa (1980): Cohen's for two raters or more, chance coming from each rater's own shares of the classes.

    Observed agreement is the mean over items, as in Fleiss' kappa; chance agreement the mean over pairs of raters.
    Missing answers are handled as by Gwet (2014). `weights` let unequal answers agree in part.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11221112")})
    >>> CongerKappa(draws=100).measure(encode(frame)).value
    0.5
    """

    name: ClassVar[str] = "conger-kappa"
    traits: ClassVar[Traits] = Traits(source="Conger 1980, Psychological Bulletin 88(2)", intervals=True)

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """Kappa as a function of sums over items."""
        weights, note = weigh(answers.classes, self.weights)
        return OwnShares.of(answers, weights), note


@dataclass(frozen=True, eq=False)
class OwnShares:
    """Conger's kappa from a table with a column for each `rater` and the `answer` that they gave, once at least.

    What a rater never answered has no column, so that a hundred thousand different answers are no more than their sum.
    """

    rater: NDArray[np.int64]
    answer: NDArray[np.int64]
    n_raters: int
    n_classes: int
    weights: Floats | None
    own_repeats: ClassVar[str] = AS_ANOTHER
    undefined: ClassVar[str] = (
        "all answers are the same or from one rater: chance alone would agree as well, so the coefficient is set to 0"
    )

    @classmethod
    def of(cls, answers: Answers, weights: Floats | None) -> OwnShares:
        """The columns of these answers."""
        rater, answer = np.divmod(np.unique(_codes(answers)), max(answers.n_classes, 1))
        return cls(rater, answer, answers.n_raters, answers.n_classes, weights)

    def table(self, answers: Answers, weight: Floats | None = None) -> Matrix:
        """How often each item got each answer from each rater."""
        column = np.searchsorted(self.rater * self.n_classes + self.answer, _codes(answers))
        return tabulate(answers.item, column, (answers.n_items, len(self.rater)), weight)

    def features(self, rows: Rows) -> Matrix:
        """The share of agreeing pairs, whether there are any, and each rater's answers."""
        return beside([agreeing(self._pooled(rows), self.weights), rows.comparable.astype(float)], rows.counts)

    def value(self, sums: Floats, copies: Floats | None = None) -> Floats:
        """Kappa for each row of sums, where each rater counts so many times."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return corrected(sums[:, 0] / sums[:, 1], self._expected(self._shares(sums[:, 2:]), copies))

    def spread(self, rows: Rows, times: Floats) -> Spread | None:
        """Gwet's standard error (2014, chapter 5), over items with an answer."""
        margins = total(rows.counts, times[None])
        shares, present = self._shares(margins), (margins @ self._by_rater)[0]
        raters = int(np.count_nonzero(present))
        expected = float(self._expected(shares)[0])
        if raters < 2 or not np.isfinite(expected):
            return None
        together = (shares @ self._by_class)[0]
        towards = together if self.weights is None else together @ self.weights
        of_others = towards[self.answer] - self._weighed(shares[0])
        mean = np.bincount(self.rater, of_others * shares[0], minlength=self.n_raters)
        per_answer = (of_others - mean[self.rater]) / np.where(present > 0, present, np.inf)[self.rater]
        each = rows.counts @ (per_answer / (raters * (raters - 1)))
        by_item = expected + times @ (rows.n > 0) * each
        return gwet_spread(agreeing(self._pooled(rows), self.weights), rows, times, expected, by_item)

    def of_raters(self, answers: Answers) -> Callable[[Floats], float]:
        """Kappa as a function of how often each rater counts."""
        margins = total(self.table(answers), np.ones((1, answers.n_items)))[0]

        def value(copies: Floats) -> float:
            rows = reweighted(by_class, answers, copies)
            observed = agreeing(rows, self.weights).sum(), np.count_nonzero(rows.comparable)
            return float(self.value(np.concatenate([observed, margins])[None], copies)[0])

        return value

    def without(self, answers: Answers) -> Floats:
        """The coefficient without each rater in turn."""
        return one_by_one(self, answers)

    @cached_property
    def _by_rater(self) -> csr_array:
        return self._selector(self.rater, self.n_raters)

    @cached_property
    def _by_class(self) -> csr_array:
        return self._selector(self.answer, self.n_classes)

    def _selector(self, column: NDArray[np.int64], columns: int) -> csr_array:
        n = len(column)
        return csr_array((np.ones(n), (np.arange(n), column)), shape=(n, columns))

    def _pooled(self, rows: Rows) -> Rows:
        """The same with raters added up."""
        return Rows(csr_array(csr_array(rows.counts) @ self._by_class), rows.n, rows.itself)

    def _shares(self, margins: Floats) -> Floats:
        """Each answer's share of its rater's (draws, columns); noughts for raters without answers."""
        n = (margins @ self._by_rater)[:, self.rater]
        return np.asarray(margins / np.where(n > 0, n, 1))

    def _expected(self, shares: Floats, copies: Floats | None = None) -> Floats:
        """The mean over pairs of different raters of the chance that they agree."""
        present = (shares @ self._by_rater > 0).astype(float)
        weight = present if copies is None else present * copies
        of_column = weight[:, self.rater]
        together = (shares * of_column) @ self._by_class
        own = shares if self.weights is None else np.array([self._weighed(row) for row in shares])
        alone = (of_column**2 * own * shares).sum(axis=1)
        both = (together * (together if self.weights is None else together @ self.weights)).sum(axis=1)
        pairs = weight.sum(axis=1) ** 2 - (weight**2).sum(axis=1)
        return np.asarray(np.where(pairs > 0, both - alone, np.nan) / np.where(pairs > 0, pairs, 1))

    def _weighed(self, shares: Floats) -> Floats:
        """For each column, how far its answer agrees with its rater's own answers in the mean."""
        if self.weights is None:
            return shares
        found, size = np.empty_like(shares), max(1, _BLOCK // self.n_classes)
        for start in range(0, self.n_raters, size):
            some = slice(*np.searchsorted(self.rater, [start, start + size]))
            row, column = self.rater[some] - start, self.answer[some]
            own = np.asarray(csr_array((shares[some], (row, column)), shape=(size, self.n_classes)) @ self.weights)
            found[some] = own[row, column]
        return found


def _codes(answers: Answers) -> NDArray[np.int64]:
    """One number for each rater and answer."""
    return answers.rater.astype(np.int64) * answers.n_classes + answers.answer
