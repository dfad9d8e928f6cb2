"""From log-scores to probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from middlemost.core.short_rows import maxima, sums

Floats = NDArray[np.float64]


def normalise(scores: Floats) -> Floats:
    """Turn log-scores (n, K) into probabilities, in place; returns the logarithms of their sums, shape (n,).

    >>> scores = np.log([[1.0, 3.0]])
    >>> normalise(scores).round(6).tolist(), scores.round(6).tolist()
    ([1.386294], [[0.25, 0.75]])
    """
    highest = maxima(scores)
    scores -= highest[:, None]
    np.exp(scores, out=scores)
    total = sums(scores)
    scores /= total[:, None]
    return np.asarray(highest + np.log(total))
