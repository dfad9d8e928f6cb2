"""The mean of the answers in the middle: all of them, all but some at each end, or the one or two middlemost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from middlemost.consensus.numeric.concluded import (
    Codes,
    Floats,
    Intervals,
    Ordered,
    estimate_frame,
    rater_frame,
    student,
)
from middlemost.core.answers import Answers
from middlemost.core.results import NumericConsensus
from middlemost.errors import SettingError
from middlemost.registry import Traits


@dataclass(frozen=True)
class _OrderedMean(Intervals, ABC):
    """What the three share; they differ in how many answers are left out at each end."""

    name: ClassVar[str]

    def fit(self, answers: Answers) -> NumericConsensus:
        """A number for each item. Raises InputError where an answer is not a number."""
        ordered = Ordered.of(answers)
        sums = np.append(0.0, np.cumsum(ordered.value))
        middle = _middles(ordered, self._cut(ordered.n), sums)
        ends = self._ends(ordered, middle)
        others = _without_each(ordered, self._cut(ordered.n - 1), sums)
        return NumericConsensus(
            method=self.name,
            items=answers.items,
            estimates=estimate_frame(
                answers, ordered.origin + middle, (ordered.origin + ends[0], ordered.origin + ends[1])
            ),
            raters=rater_frame(answers, ordered, others, self.confidence),
            level=self.confidence,
            notices=answers.notices,
        )

    @abstractmethod
    def _cut(self, n: Codes) -> Codes:
        """How many of `n` answers are left out at each end."""

    def _ends(self, ordered: Ordered, middle: Floats) -> tuple[Floats, Floats]:
        """Tukey and McLaughlin's interval: Student's, with the variance of the answers drawn in to those that count."""
        cut = self._cut(ordered.n)
        left = np.maximum(ordered.n - 2 * cut, 0)
        place = np.clip(ordered.rank, cut[ordered.item], (ordered.n - cut - 1)[ordered.item])
        drawn_in = ordered.value[ordered.starts[ordered.item] + place]
        mean = ordered.per_item(drawn_in) / np.maximum(ordered.n, 1)
        squares = ordered.per_item((drawn_in - mean[ordered.item]) ** 2)
        variance = squares / np.maximum(ordered.n - 1, 1)
        freedom, count = np.maximum(left - 1, 0).astype(float), left**2 / np.maximum(ordered.n, 1)
        return student(middle, variance, freedom, count, self.confidence)


@dataclass(frozen=True)
class Mean(_OrderedMean):
    """The mean of an item's answers, with Student's interval.

    The interval is for the mean of all raters who might have been asked: whether that is the truth, it cannot tell. The
    items' variances moderate each other, so that two answers that happen to agree are not taken for certainty; an item
    with one answer has the usual variance. A rater's bias and deviation are against the means of the others' answers.

    >>> import polars as pl
    >>> from middlemost.core.numbers import encode_numbers
    >>> frame = pl.DataFrame({"item": ["ox"] * 3, "rater": list("xyz"), "answer": [1100, 1200, 1330]})
    >>> Mean().fit(encode_numbers(frame)).estimates["estimate"].to_list()
    [1210.0]
    """

    name: ClassVar[str] = "mean"
    traits: ClassVar[Traits] = Traits(source="Student 1908, Biometrika 6(1); Smyth 2004", intervals=True)

    def _cut(self, n: Codes) -> Codes:
        return np.zeros_like(n)


@dataclass(frozen=True)
class TrimmedMean(_OrderedMean):
    """The mean of an item's answers without the share `trim` of them at each end.

    Less than a whole answer is not cut: of 9 answers with `trim=0.1` none is. The interval is Tukey and McLaughlin's;
    all else is as for `Mean`.

    >>> import polars as pl
    >>> from middlemost.core.numbers import encode_numbers
    >>> frame = pl.DataFrame({"item": ["ox"] * 5, "rater": list("vwxyz"), "answer": [9, 1100, 1200, 1330, 13300]})
    >>> TrimmedMean(trim=0.2).fit(encode_numbers(frame)).estimates["estimate"].to_list()
    [1210.0]
    """

    trim: float = 0.1

    name: ClassVar[str] = "trimmed-mean"
    traits: ClassVar[Traits] = Traits(source="Tukey and McLaughlin 1963, Sankhyā A 25(3)", intervals=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.trim < 0.5:
            raise SettingError(f"trim is {self.trim}.", mend="It is a share from 0 to below .5.")

    def _cut(self, n: Codes) -> Codes:
        return np.asarray(np.floor(self.trim * n + 1e-9).astype(np.int64))


@dataclass(frozen=True)
class Median(_OrderedMean):
    """The middlemost answer (the mean of the two, where their number is even), with the interval that order gives.

    The interval runs from one answer to another and assumes nothing of their distribution; at 95 % it needs six
    answers, and below that there is none. A rater's bias and deviation are against the medians of the others' answers.

    >>> import polars as pl
    >>> from middlemost.core.numbers import encode_numbers
    >>> frame = pl.DataFrame({"item": ["ox"] * 3, "rater": list("xyz"), "answer": [1100, 1207, 9000]})
    >>> Median().fit(encode_numbers(frame)).estimates["estimate"].to_list()
    [1207.0]
    """

    name: ClassVar[str] = "median"
    traits: ClassVar[Traits] = Traits(source="Galton 1907, Nature 75; Thompson 1936", intervals=True)

    def _cut(self, n: Codes) -> Codes:
        return np.maximum(n - 1, 0) // 2

    def _ends(self, ordered: Ordered, middle: Floats) -> tuple[Floats, Floats]:
        beyond = _order_statistics(ordered.n, (1 - self.confidence) / 2)
        known = beyond >= 0
        low, high = np.full(len(middle), np.nan), np.full(len(middle), np.nan)
        low[known] = ordered.value[(ordered.starts + beyond)[known]]
        high[known] = ordered.value[(ordered.starts + ordered.n - 1 - beyond)[known]]
        return low, high


def _order_statistics(n: Codes, tail: float) -> NDArray[np.int64]:
    """How many answers lie beyond each end of the interval; -1 where there are too few for one.

    The end is the answer of the greatest rank k (from 0) for which k or fewer fair coins of n show heads with at most
    the probability `tail`.
    """
    sizes, place = np.unique(n, return_inverse=True)
    beyond = [int(np.searchsorted(bdtr(np.arange(size // 2 + 1), size, 0.5), tail, side="right")) - 1 for size in sizes]
    return np.array(beyond, dtype=np.int64)[place]


def _middles(ordered: Ordered, cut: Codes, sums: Floats) -> Floats:
    """The means of the items' middle answers; `sums` are those of the values so far."""
    first, last = ordered.starts + cut, ordered.starts + ordered.n - cut
    return np.asarray((sums[last] - sums[first]) / np.maximum(last - first, 1))


def _without_each(ordered: Ordered, cut: Codes, sums: Floats) -> Floats:
    """For each answer, the mean of the middle of the item's others; NaN where there are none.

    What remains keeps its order: the middle moves up by one place where the answer was below it, and has a gap where
    the answer was inside.
    """
    item, n = ordered.item, ordered.n[ordered.item] - 1
    cut = np.where(n > 0, np.maximum(cut, 0)[item], 0)
    first, last = cut, np.maximum(n - cut, 0)
    below, above = ordered.rank < first, ordered.rank >= last
    begin = ordered.starts[item] + first + below
    end = ordered.starts[item] + last + ~above
    total = sums[end] - sums[begin] - np.where(below | above, 0.0, ordered.value)
    return np.where(n > 0, total / np.maximum(last - first, 1), np.nan)
