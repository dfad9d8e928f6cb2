"""Distances between answers that are sets of labels."""

from __future__ import annotations

import numpy as np
import polars as pl

from middlemost.agreement.tally import Floats
from middlemost.agreement.weights import require_few
from middlemost.core.sets import Members


def set_distance(classes: pl.Series, separator: str, *, masi: bool) -> Floats:
    """Jaccard's distance (1912), or MASI's (Passonneau 2006), between answers such as "a|b", shape (classes, classes).

    Jaccard: 1 - the share of common labels among all of both. MASI: 1 - that share times 1 where the sets are equal,
    2/3 where one holds the other, 1/3 where they overlap, 0 where they do not. Spaces round a label do not count, the
    order of labels neither; the empty answer is the empty set.

    >>> set_distance(pl.Series(["a", "a|b"]), "|", masi=True).round(3).tolist()
    [[0.0, 0.667], [0.667, 0.0]]
    """
    require_few(classes)
    member = Members.of(classes, separator).table.astype(float)
    common, size = member @ member.T, member.sum(axis=1)
    either = size[:, None] + size - common
    shared = np.where(either > 0, common / np.where(either > 0, either, 1), 1.0)
    if not masi:
        return np.asarray(1 - shared)
    holds = common == np.minimum(size[:, None], size)
    factor = np.select([either == common, holds & (common > 0), common > 0], [1.0, 2 / 3, 1 / 3], 0.0)
    return np.asarray(1 - shared * factor)
