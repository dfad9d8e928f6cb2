"""Do raters put items in the same order? Kendall's W and the mean of Spearman's correlations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from middlemost.agreement.crossed import OfNumbers
from middlemost.agreement.tally import Floats
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.registry import Traits

_BLOCK = 4_000_000


@dataclass(frozen=True)
class KendallW(OfNumbers):
    """Kendall's W (1939): 1 where all raters rank the items alike, 0 where the ranks cancel out.

    `corrected` allows for tied ranks. With few raters chance alone is well above 0: at two, .5.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("112332")})
    >>> KendallW(draws=100).measure(encode(frame)).value
    0.75
    """

    corrected: bool = True
    name: ClassVar[str] = "kendall-w"
    traits: ClassVar[Traits] = Traits(
        source="Kendall and Babington Smith 1939, Annals of Mathematical Statistics 10(3)", intervals=True
    )

    def measure(self, answers: Answers) -> Agreement:
        """W with its bootstrap interval; SettingError where answers are no numbers."""
        return self.report(answers, self._value)

    def _value(self, values: Floats) -> float:
        n, k = values.shape
        placed, times = ranks(values)
        spread = float(((placed.sum(axis=1) - k * (n + 1) / 2) ** 2).sum())
        # Of t equal ones, each adds t² - 1: together t³ - t.
        ties = float((times**2 - 1).sum()) if self.corrected else 0.0
        most = (k**2 * (n**3 - n) - k * ties) / 12
        return spread / most if most > 1e-12 else np.nan


@dataclass(frozen=True)
class MeanSpearman(OfNumbers):
    """The mean over pairs of raters of Spearman's rank correlation; a rater without variation is left out of it.

    `fisher` averages on Fisher's scale instead, as R's irr does, without the pairs that rank all alike.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("112332")})
    >>> round(MeanSpearman(draws=100).measure(encode(frame)).value, 3)
    0.5
    """

    fisher: bool = False
    name: ClassVar[str] = "mean-spearman"
    traits: ClassVar[Traits] = Traits(source="Spearman 1904, American Journal of Psychology 15(1)", intervals=True)

    def measure(self, answers: Answers) -> Agreement:
        """The mean with its bootstrap interval; SettingError where answers are no numbers."""
        return self.report(answers, self._value)

    def _value(self, values: Floats) -> float:
        placed = _standardised(values)
        k = placed.shape[1]
        if k < 2:
            return np.nan
        if self.fisher:
            return _mean_on_fishers_scale(placed)
        # The squared length of the sum is that of its parts, 1 each, and twice the correlations.
        return float(((placed.sum(axis=1) ** 2).sum() - k) / (k * (k - 1)))


def ranks(values: Floats) -> tuple[Floats, Floats]:
    """Each column's ranks from 1, ties sharing the mean of theirs, and how many values are equal to each.

    >>> [part.ravel().tolist() for part in ranks(np.array([[7.0], [5.0], [7.0]]))]
    [[2.5, 1.0, 2.5], [2.0, 1.0, 2.0]]
    """
    order = np.argsort(values, axis=0, kind="stable")
    sorted_values, place = np.take_along_axis(values, order, axis=0), np.arange(len(values))[:, None]
    differs = sorted_values[1:] != sorted_values[:-1]
    edge = np.ones((1, values.shape[1]), dtype=bool)
    first = np.maximum.accumulate(np.where(np.vstack([edge, differs]), place, 0), axis=0)
    last = np.minimum.accumulate(np.where(np.vstack([differs, edge]), place, len(values))[::-1], axis=0)[::-1]
    placed, times = np.empty_like(values, dtype=float), np.empty_like(values, dtype=float)
    np.put_along_axis(placed, order, (first + last) / 2 + 1, axis=0)
    np.put_along_axis(times, order, (last - first + 1).astype(float), axis=0)
    return placed, times


def _standardised(values: Floats) -> Floats:
    """The ranks of the raters with any variation, their mean 0 and their length 1: correlations are their products."""
    placed, _ = ranks(values)
    placed -= placed.mean(axis=0)
    length = np.sqrt((placed**2).sum(axis=0))
    return np.asarray(placed[:, length > 1e-9] / length[length > 1e-9])


def _mean_on_fishers_scale(placed: Floats) -> float:
    """Over the pairs that do not rank all alike, some raters at a time."""
    summed, n, k = 0.0, 0, placed.shape[1]
    size = max(1, _BLOCK // k)
    for start in range(0, k, size):
        each = placed[:, start : start + size].T @ placed
        each = each[np.arange(k) > np.arange(start, start + len(each))[:, None]]
        apart = each[np.abs(each) < 1 - 1e-12]
        summed, n = summed + float(np.arctanh(apart).sum()), n + len(apart)
    return float(np.tanh(summed / n)) if n else np.nan
