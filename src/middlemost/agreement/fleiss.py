"""Fleiss' kappa."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.agreement.measured import Resampling, measured
from middlemost.agreement.percent import share_of_equal_pairs
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FleissKappa(Resampling):
    """Fleiss' kappa (1971): percent agreement beyond what the classes' overall shares would give.

    Items may have different numbers of answers, handled as by Gwet (2014): items with one answer count towards the
    classes' shares only.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11221122")})
    >>> agreement = FleissKappa().measure(encode(frame))
    >>> agreement.value, agreement.note
    (1.0, 'no interval: all answers to the 4 items with two or more agree')
    """

    name: ClassVar[str] = "fleiss-kappa"
    traits: ClassVar[Traits] = Traits(source="Fleiss 1971, Psychological Bulletin 76(5)", intervals=True)

    def measure(self, answers: Answers) -> Agreement:
        """Kappa with its bootstrap interval."""
        return measured(self.name, kappa, answers, self)


def kappa(rows: Floats, weights: Floats) -> Floats:
    """(agreement - chance) / (1 - chance); NaN where chance alone agrees always."""
    shares = rows / rows.sum(axis=1, keepdims=True)
    classes = weights @ shares / weights.sum(axis=1, keepdims=True)
    chance = (classes**2).sum(axis=1)
    room = np.where(chance < 1 - 1e-12, 1 - chance, np.nan)
    return np.asarray((share_of_equal_pairs(rows, weights) - chance) / room)
