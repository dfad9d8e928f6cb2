"""From log-scores to probabilities."""

from __future__ import annotations

import numpy as np

from middlemost.inference.softmax import normalise


def test_far_apart_scores_neither_overflow_nor_vanish() -> None:
    scores = np.array([[-2000.0, -2001.0], [1000.0, 0.0]])
    sums = normalise(scores)
    np.testing.assert_allclose(scores, [[0.7310586, 0.2689414], [1.0, 0.0]], atol=1e-7)
    np.testing.assert_allclose(sums, [-2000 + np.log1p(np.exp(-1)), 1000.0])
