"""The share of wrong labels, from gold and from the items without gold together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from middlemost.core.estimate import Estimate
from middlemost.inference.proportion import clopper_pearson

Floats = NDArray[np.float64]

WORTH = 50  # gold items that the calibrated model's own claim is worth
ALIKE = 1.28  # standard errors by which gold may differ from the other items for them to have a say


@dataclass(frozen=True)
class Rectified:
    """The share of wrong labels among the items without gold.

    `apart`: by how many standard errors the gold items are more doubtful than the others, 0 where there are no others.
    Beyond 1.28 either way the items without gold had no say.
    """

    error: Estimate
    apart: float


def rectified_share(
    wrong: Floats, held: Floats, doubt: Floats, elsewhere: Floats, *, counted: int, level: float = 0.95
) -> Rectified:
    """Estimate the share of wrong labels among items of which only a model's `doubt` (1 - confidence) is known.

    Of the gold items: `wrong` (1 or 0) and `held`, the doubt, both cross-fitted; `doubt` and the number `counted` of
    wrong labels as released. Of the items without gold: their doubt `elsewhere`, as released, which only counts where
    the gold items look like them.

    The model's mean doubt is corrected by what gold says it is off (Angelopoulos et al. 2023, prediction-powered
    inference); with few gold items only in part, since the correction has then more noise in it than the model has
    bias, unless it clearly is no noise. The interval is exact binomial at the corrected share, and never wider than
    that of the gold alone.

    >>> rng = np.random.default_rng(0)
    >>> doubt = rng.uniform(0, 0.4, size=1_000)
    >>> wrong = (rng.random(1_000) < doubt).astype(float)
    >>> known = doubt[:100]
    >>> found = rectified_share(wrong[:100], known, known, doubt[100:], counted=int(wrong[:100].sum()))
    >>> print(found.error, "against", wrong[100:].mean().round(3))
    .226 (.148 to .320) against 0.238
    """
    n = len(wrong)
    apart = _apart(doubt, elsewhere)
    claim = float(elsewhere.mean() if len(elsewhere) and abs(apart) <= ALIKE else doubt.mean())
    off = float(wrong.mean() - held.mean())
    value = min(max(claim + off * _weight(off, float((wrong - held).var()) / n, n), 0.0), 1.0)
    low, high = clopper_pearson(value * n, n, level)
    plain_low, plain_high = clopper_pearson(counted, n, level)
    shrink = min(1.0, (plain_high - plain_low) / (high - low))
    return Rectified(Estimate(value, value - (value - low) * shrink, value + (high - value) * shrink, level, n), apart)


def _weight(off: float, variance: float, n: int) -> float:
    """How much of the correction to believe: by the number of gold items, or by how far it stands out of its noise."""
    return max(n / (n + WORTH), 1 - 4 * variance / max(off**2, 1e-12))


def _apart(doubt: Floats, elsewhere: Floats) -> float:
    if not len(elsewhere):
        return 0.0
    error = float(elsewhere.std()) * np.sqrt(1 / len(doubt) + 1 / len(elsewhere))
    return float((doubt.mean() - elsewhere.mean()) / max(error, 1e-9))
