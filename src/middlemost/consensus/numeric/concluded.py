"""What the estimators of numbers share: answers in order, frames with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtrit

from middlemost.core.answers import Answers
from middlemost.core.numbers import as_numbers
from middlemost.core.results import NumericConsensus
from middlemost.errors import SettingError
from middlemost.inference.moderated import moderate
from middlemost.registry import Traits

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]


class Estimator(Protocol):
    """A row of ESTIMATORS: a frozen dataclass with one verb."""

    name: ClassVar[str]
    traits: ClassVar[Traits]

    def fit(self, answers: Answers) -> NumericConsensus:
        """A number for each item, how sure, and who is good."""
        ...


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """The setting that all have: the `confidence` of the intervals."""

    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise SettingError(f"confidence is {self.confidence}.", mend="It lies between 0 and 1; .95 is usual.")


@dataclass(frozen=True, eq=False)
class Ordered:
    """The answers sorted by item, then value, so that nothing depends on the order of the rows.

    `item`, `rater`, `value`, `rank` (from 0, within the item) have one entry an answer; `starts` and `n` one an item.
    `value` counts from the item's (lower) median, `origin`, so that sums of it lose no digits.
    """

    item: Codes
    rater: Codes
    value: Floats
    rank: Codes
    starts: Codes
    n: Codes
    origin: Floats
    n_raters: int

    @classmethod
    def of(cls, answers: Answers) -> Ordered:
        """Sort; raises InputError where an answer is no number."""
        numbers = as_numbers(answers)
        order = np.lexsort((numbers.rater, numbers.values, numbers.item))
        item, rater, value = numbers.item[order], numbers.rater[order], numbers.values[order]
        n = numbers.per_item()
        starts = np.cumsum(n) - n
        middle = np.minimum(starts + np.maximum(n - 1, 0) // 2, len(value) - 1)
        origin = np.where(n > 0, value[middle], 0.0) if len(value) else np.zeros(len(n))
        rank = np.arange(len(item)) - starts[item]
        return cls(item, rater, value - origin[item], rank, starts, n, origin, numbers.n_raters)

    def per_item(self, each: Floats) -> Floats:
        """The sums of one number an answer by item."""
        return np.asarray(np.bincount(self.item, each, len(self.n)), dtype=np.float64)

    def per_rater(self, each: Floats) -> Floats:
        """The sums of one number an answer by rater."""
        return np.asarray(np.bincount(self.rater, each, self.n_raters), dtype=np.float64)


def student(estimate: Floats, variance: Floats, freedom: Floats, count: Floats, level: float) -> tuple[Floats, Floats]:
    """The ends of Student's intervals for means of `count` with moderated variances; NaN where nothing is known."""
    variance, freedom = moderate(variance, freedom)
    known = (freedom > 0) & (count > 0)
    width = np.full(len(estimate), np.nan)
    quantiles = stdtrit(freedom[known], (1 + level) / 2)
    width[known] = quantiles * np.sqrt(variance[known] / count[known])
    return estimate - width, estimate + width


def estimate_frame(answers: Answers, estimate: Floats, ends: tuple[Floats, Floats]) -> pl.DataFrame:
    """The frame (item, estimate, low, high, n_answers); an item without answers has none of the three."""
    n = answers.per_item()
    columns = {"estimate": estimate, "low": ends[0], "high": ends[1]}
    known = {name: nullable(np.where(n > 0, column, np.nan)) for name, column in columns.items()}
    return pl.DataFrame({"item": answers.items, **known, "n_answers": n})


def rater_frame(answers: Answers, ordered: Ordered, others: Floats, level: float) -> pl.DataFrame:
    """The frame (rater, n_answers, bias, bias_low, bias_high, deviation), from what each answer's `others` concluded.

    `others` is counted as `ordered.value` is, NaN where there are none.
    """
    compared = ~np.isnan(others)
    miss = np.where(compared, ordered.value - others, 0.0)
    n = ordered.per_rater(compared.astype(float))
    bias = ordered.per_rater(miss) / np.where(n > 0, n, np.nan)
    squares = ordered.per_rater(np.where(compared, (miss - np.nan_to_num(bias)[ordered.rater]) ** 2, 0.0))
    freedom = np.maximum(n - 1, 0)
    variance = squares / np.maximum(freedom, 1)
    low, high = student(bias, variance, freedom, n, level)
    deviation = np.where(freedom > 0, np.sqrt(variance), np.nan)
    columns = {"bias": bias, "bias_low": low, "bias_high": high, "deviation": deviation}
    known = {name: nullable(column) for name, column in columns.items()}
    return pl.DataFrame({"rater": answers.raters, "n_answers": answers.per_rater(), **known})


def nullable(column: Floats) -> pl.Series:
    """A column with null where there is NaN."""
    return pl.Series(column, dtype=pl.Float64).fill_nan(None)
