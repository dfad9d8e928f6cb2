"""Do raters put items in the same order? Kendall's W and the mean of Spearman's correlations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from middlemost.agreement.crossed import OfNumbers
from middlemost.agreement.tally import Floats
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.registry import Traits


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
        spread = float(((ranks(values).sum(axis=1) - k * (n + 1) / 2) ** 2).sum())
        ties = sum(map(_ties, values.T)) if self.corrected else 0.0
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
        each = _correlations(values)
        if self.fisher:
            each = np.arctanh(each[np.abs(each) < 1 - 1e-12])
        mean = float(each.mean()) if len(each) else np.nan
        return float(np.tanh(mean)) if self.fisher else mean


def ranks(values: Floats) -> Floats:
    """Each column's ranks from 1, ties sharing the mean of theirs."""
    return np.column_stack([pl.Series(column).rank("average").to_numpy() for column in values.T])


def _ties(column: Floats) -> float:
    times = np.unique(column, return_counts=True)[1].astype(float)
    return float((times**3 - times).sum())


def _correlations(values: Floats) -> Floats:
    """Of every two raters' ranks."""
    placed = ranks(values)
    placed -= placed.mean(axis=0)
    length = np.sqrt((placed**2).sum(axis=0))
    placed = placed[:, length > 1e-9] / length[length > 1e-9]
    return np.asarray((placed.T @ placed)[np.triu_indices(placed.shape[1], 1)])
