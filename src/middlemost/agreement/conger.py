"""Conger's kappa."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
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
from middlemost.agreement.tally import Floats, Matrix, Rows, beside, by_class, by_rater, total
from middlemost.agreement.weighted import Weighted
from middlemost.agreement.weights import weigh
from middlemost.core.answers import Answers
from middlemost.registry import Traits


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
        return OwnShares(answers.n_raters, answers.n_classes, weights), note


@dataclass(frozen=True, eq=False)
class OwnShares:
    """Conger's kappa from a table of (items, raters * classes)."""

    n_raters: int
    n_classes: int
    weights: Floats | None
    own_repeats: ClassVar[str] = AS_ANOTHER
    undefined: ClassVar[str] = (
        "all answers are the same or from one rater: chance alone would agree as well, so the coefficient is set to 0"
    )

    def table(self, answers: Answers, weight: Floats | None = None) -> Matrix:
        """How often each item got each class from each rater."""
        return by_rater(answers, weight)

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
        shares = self._shares(margins)
        present = margins.reshape(self.n_raters, self.n_classes).sum(axis=1)
        raters = int(np.count_nonzero(present))
        expected = float(self._expected(shares)[0])
        if raters < 2 or not np.isfinite(expected):
            return None
        others = shares[0].sum(axis=0) - shares[0]
        towards = others if self.weights is None else others @ self.weights
        of_rater = towards - (towards * shares[0]).sum(axis=1, keepdims=True)
        per_answer = of_rater / np.where(present > 0, present, np.inf)[:, None] / (raters * (raters - 1))
        by_item = expected + times @ (rows.n > 0) * (rows.counts @ per_answer.ravel())
        return gwet_spread(agreeing(self._pooled(rows), self.weights), rows, times, expected, by_item)

    def of_raters(self, answers: Answers) -> Callable[[Floats], float]:
        """Kappa as a function of how often each rater counts."""
        margins = total(by_rater(answers), np.ones((1, answers.n_items)))[0]

        def value(copies: Floats) -> float:
            rows = reweighted(by_class, answers, copies)
            observed = agreeing(rows, self.weights).sum(), np.count_nonzero(rows.comparable)
            return float(self.value(np.concatenate([observed, margins])[None], copies)[0])

        return value

    def without(self, answers: Answers) -> Floats:
        """The coefficient without each rater in turn."""
        return one_by_one(self, answers)

    def _pooled(self, rows: Rows) -> Rows:
        """The same with raters added up."""
        if isinstance(rows.counts, np.ndarray):
            pooled: Matrix = rows.counts.reshape(-1, self.n_raters, self.n_classes).sum(axis=1)
        else:
            counts = rows.counts
            parts = counts.data.copy(), counts.indices % self.n_classes, counts.indptr.copy()
            pooled = csr_array(parts, shape=(counts.shape[0], self.n_classes))
            pooled.sum_duplicates()  # in place: hence the copies
        return Rows(pooled, rows.n, rows.itself)

    def _shares(self, margins: Floats) -> Floats:
        """Each rater's shares of the classes (draws, raters, classes); noughts for raters without answers."""
        margins = margins.reshape(-1, self.n_raters, self.n_classes)
        n = margins.sum(axis=2, keepdims=True)
        return np.asarray(margins / np.where(n > 0, n, 1))

    def _expected(self, shares: Floats, copies: Floats | None = None) -> Floats:
        """The mean over pairs of different raters of the chance that they agree."""
        present = (shares.sum(axis=2) > 0).astype(float)
        weight = present if copies is None else present * copies
        together = (shares * weight[:, :, None]).sum(axis=1)
        own = shares if self.weights is None else shares @ self.weights
        alone = (weight**2 * (own * shares).sum(axis=2)).sum(axis=1)
        both = (together * (together if self.weights is None else together @ self.weights)).sum(axis=1)
        pairs = weight.sum(axis=1) ** 2 - (weight**2).sum(axis=1)
        return np.asarray(np.where(pairs > 0, both - alone, np.nan) / np.where(pairs > 0, pairs, 1))
