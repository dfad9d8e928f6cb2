"""Distances between answers that are sets of labels."""

from __future__ import annotations

import numpy as np
import polars as pl

from middlemost.agreement.tally import Floats
from middlemost.agreement.weights import require_few


def set_distance(classes: pl.Series, separator: str, *, masi: bool) -> Floats:
    """Jaccard's distance (1912), or MASI's (Passonneau 2006), between answers such as "a|b", shape (classes, classes).

    Jaccard: 1 - the share of common labels among all of both. MASI: 1 - that share times 1 where the sets are equal,
    2/3 where one holds the other, 1/3 where they overlap, 0 where they do not. Spaces round a label do not count, the
    order of labels neither; the empty answer is the empty set.

    >>> set_distance(pl.Series(["a", "a|b"]), "|", masi=True).round(3).tolist()
    [[0.0, 0.667], [0.667, 0.0]]
    """
    require_few(classes)
    member = _membership(classes, separator)
    common, size = member @ member.T, member.sum(axis=1)
    either = size[:, None] + size - common
    shared = np.where(either > 0, common / np.where(either > 0, either, 1), 1.0)
    if not masi:
        return np.asarray(1 - shared)
    holds = common == np.minimum(size[:, None], size)
    factor = np.select([either == common, holds & (common > 0), common > 0], [1.0, 2 / 3, 1 / 3], 0.0)
    return np.asarray(1 - shared * factor)


def _membership(classes: pl.Series, separator: str) -> Floats:
    """Which label is in which answer, shape (classes, labels)."""
    sets = classes.str.split(separator).list.eval(pl.element().str.strip_chars()).list.unique()
    long = pl.DataFrame({"answer": np.arange(len(classes)), "label": sets}).explode("label")
    long = long.filter(pl.col("label") != "")
    labels = long["label"].rank("dense").cast(pl.Int64).to_numpy() - 1 if len(long) else np.empty(0, np.int64)
    member = np.zeros((len(classes), int(labels.max(initial=-1)) + 1))
    member[long["answer"].to_numpy(), labels] = 1
    return member
