"""How far estimates are from numbers that are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import stdtrit

from middlemost.consensus.numeric.concluded import Floats
from middlemost.core.estimate import Estimate
from middlemost.core.gold import Gold, as_gold
from middlemost.core.numbers import MEND, not_numbers
from middlemost.core.results import NumericConsensus
from middlemost.errors import InputError, Place

Truth = Gold | Mapping[str, float] | Mapping[str, str] | pl.DataFrame


@dataclass(frozen=True)
class Distance:
    """The mean absolute and the root mean square error over the items whose number is known."""

    mean_absolute: Estimate
    root_mean_square: Estimate


def distance(consensus: NumericConsensus, truth: Truth, *, level: float = 0.95) -> Distance:
    """How far the estimates are from the `truth` (item -> number, a frame with item and label, or gold).

    The intervals are Student's for the mean error and the mean square. Raises InputError where a label is no number.

    >>> from middlemost.consensus.numeric.ordered_means import Median
    >>> from middlemost.core.numbers import encode_numbers
    >>> frame = pl.DataFrame({"item": ["ox", "ox", "cow"], "rater": list("xyx"), "answer": [1190, 1200, 900]})
    >>> found = distance(Median().fit(encode_numbers(frame)), {"ox": 1198, "cow": 897})
    >>> found.mean_absolute.value, found.root_mean_square.value
    (3.0, 3.0)
    """
    gold = as_gold({item: str(label) for item, label in truth.items()} if isinstance(truth, Mapping) else truth)
    bad = not_numbers(gold.labels)
    if bad.any():
        place = Place(column="label", value=gold.labels.filter(bad)[0])
        raise InputError("A known label is not a number.", place=place, mend=MEND)
    known = pl.DataFrame({"item": gold.items, "label": gold.labels.str.strip_chars().cast(pl.Float64)})
    both = known.join(consensus.estimates.drop_nulls("estimate"), on="item")
    miss = (both["estimate"] - both["label"]).to_numpy()
    squares = _mean(miss**2, level)
    ends = [None if end is None else max(end, 0.0) ** 0.5 for end in (squares.low, squares.high)]
    root = Estimate(squares.value**0.5, ends[0], ends[1], level, squares.n, squares.note)
    return Distance(_mean(np.abs(miss), level), root)


def _mean(values: Floats, level: float) -> Estimate:
    n = len(values)
    if n < 2:
        note = "an interval needs two items whose number is known" if n else "no item whose number is known has answers"
        return Estimate(float(values.sum()), level=level, n=n, note=note)
    mean, width = float(values.mean()), float(stdtrit(n - 1, (1 + level) / 2) * values.std(ddof=1) / n**0.5)
    return Estimate(mean, max(mean - width, 0.0), mean + width, level, n)
