"""The concordance correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from middlemost.agreement.crossed import OfNumbers
from middlemost.agreement.tally import Floats
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.registry import Traits


@dataclass(frozen=True)
class Concordance(OfNumbers):
    """Lin's concordance correlation (1989): how near the raters' numbers are to being equal, not only in line.

    For more than two raters the overall coefficient of Barnhart, Haber and Song (2002). The interval draws items; with
    two raters `interval="formula"` gives Lin's, by Fisher's transformation.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("122334")})
    >>> round(Concordance(draws=100).measure(encode(frame)).value, 3)
    0.571
    """

    name: ClassVar[str] = "concordance"
    traits: ClassVar[Traits] = Traits(source="Lin 1989, Biometrics 45(1)", intervals=True)

    def measure(self, answers: Answers) -> Agreement:
        """The correlation with its interval; SettingError where answers are no numbers."""
        return self.report(answers, _concordance, self._lin)

    def _lin(self, values: Floats, value: float) -> tuple[float, float, float | None] | None:
        """Lin's interval (1989, corrected 2000), by the inverse hyperbolic tangent."""
        n, k = values.shape
        if k != 2:
            return None
        cov = np.cov(values.T, bias=True)
        scale = np.sqrt(cov[0, 0] * cov[1, 1])
        if scale <= 0 or cov[0, 1] == 0 or abs(value) >= 1 - 1e-12:
            return None
        line = cov[0, 1] / scale
        shift = (values[:, 0].mean() - values[:, 1].mean()) ** 2 / scale
        squared = 1 - value**2
        variance = (1 - line**2) * value**2 * squared / line**2
        variance += 2 * value**3 * (1 - value) * shift / line - value**4 * shift**2 / (2 * line**2)
        variance = max(variance, 0.0) / (n - 2)
        half = ndtri((1 + self.confidence) / 2) * np.sqrt(variance) / squared
        low, high = np.tanh(np.arctanh(value) + np.array([-half, half]))
        return float(low), float(high), float(np.sqrt(variance))


def _concordance(values: Floats) -> float:
    """Twice the covariances over the pairs of raters, over all that could keep them apart."""
    k, means = values.shape[1], values.mean(axis=0)
    alone = float(values.var(axis=0).sum())
    # The variance of the sum is that of its parts and all covariances.
    together = float(values.sum(axis=1).var()) - alone
    apart = k * (means**2).sum() - means.sum() ** 2
    below = (k - 1) * alone + apart
    return float(together / below) if below > 1e-12 * (values**2).mean() else np.nan
