"""Percent agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.agreement.measured import Resampling, measured
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PercentAgreement(Resampling):
    """The share of pairs of answers to an item that are equal, averaged over the items with two or more.

    Easy to read, and blind to chance: with two classes, coin flips reach .5. Missing answers are handled as by Gwet
    (2014).

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("112212")})
    >>> str(PercentAgreement().measure(encode(frame)).estimate)
    '.667 (.000 to 1.000)'
    """

    name: ClassVar[str] = "percent-agreement"
    traits: ClassVar[Traits] = Traits(source="Gwet 2014, Handbook of Inter-Rater Reliability", intervals=True)

    def measure(self, answers: Answers) -> Agreement:
        """The share of agreeing pairs, with its bootstrap interval."""
        return measured(self.name, share_of_equal_pairs, answers, self)


def share_of_equal_pairs(rows: Floats, weights: Floats) -> Floats:
    """The mean over items with two answers or more of their share of equal pairs; NaN where there is no such item."""
    n = rows.sum(axis=1)
    several = n > 1
    equal = (rows * (rows - 1)).sum(axis=1)[several] / (n * (n - 1))[several]
    weights = weights[:, several]
    with np.errstate(invalid="ignore"):
        return np.asarray(weights @ equal / weights.sum(axis=1))
