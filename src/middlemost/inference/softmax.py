"""From log-scores to probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from middlemost.core.short_rows import maxima, sums

Floats = NDArray[np.float64]
_CELLS = 2**16  # a block, and what is made of it, stay in the processor's cache


def normalise(scores: Floats, offset: Floats | None = None) -> Floats:
    """Turn log-scores (n, K, ...) into probabilities, in place; returns the logarithms of their sums, shape (n, ...).

    `offset` (K,) is added to each row of scores (n, K) first.

    >>> scores = np.log([[1.0, 3.0]])
    >>> normalise(scores).round(6).tolist(), scores.round(6).tolist()
    ([1.386294], [[0.25, 0.75]])
    """
    log_norms = np.empty((len(scores), *scores.shape[2:]))
    size = max(1, _CELLS * len(scores) // max(scores.size, 1))
    for start in range(0, len(scores), size):
        log_norms[start : start + size] = _normalise(scores[start : start + size], offset)
    return log_norms


def _normalise(scores: Floats, offset: Floats | None) -> Floats:
    if offset is not None:
        scores += offset
    highest = maxima(scores)
    scores -= highest[:, None]
    np.exp(scores, out=scores)
    total = sums(scores)
    scores /= total[:, None]
    return np.asarray(highest + np.log(total))
