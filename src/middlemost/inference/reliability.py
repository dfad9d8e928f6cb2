"""Do labels at .9 prove right in 9 of 10 cases?"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.inference.proportion import clopper_pearson, jeffreys

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]

_A_ROW = 10  # items, at least
_MISSED = ("missed_low", "missed_high")


def reliability(confidence: Floats, right: NDArray[np.bool_], *, most: int = 10) -> pl.DataFrame:
    """How often labels were right, by range of confidence: ranges of equally many items, ten or more each.

    Frame (low, high, n, confidence, right, right_low, right_high): the ends of the range, how many items, their mean
    confidence, the share right with its 95 % interval (Jeffreys).

    >>> confidence = np.repeat([0.5, 0.75], 10)
    >>> reliability(confidence, np.arange(20) % 10 < 7).select("n", "confidence", "right").rows()
    [(10, 0.5, 0.7), (10, 0.75, 0.7)]
    """
    rows = []
    order = np.argsort(confidence, kind="stable")
    for part in np.array_split(order, max(1, min(most, len(order) // _A_ROW))):
        n, k = len(part), int(right[part].sum())
        if n:
            ends = confidence[part].min(), confidence[part].max()
            rows.append((*map(float, ends), n, float(confidence[part].mean()), k / n, *jeffreys(k, n)))
    names = ("low", "high", "n", "confidence", "right", "right_low", "right_high")
    schema = {name: pl.Int64 if name == "n" else pl.Float64 for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row")


def error_by_class(said: Codes, truth: Codes, classes: pl.Series) -> pl.DataFrame:
    """Which labels are wrong, and which are missed: `said` and `truth` are positions in `classes`, -1 for none of them.

    Frame (label, given, wrong, low, high, true, missed, missed_low, missed_high): of the items `given` the label the
    share wrong, of those that truly have it the share missed, with exact 95 % intervals; None where there are no items.
    """
    right = np.bincount(said[said == truth], minlength=len(classes))
    given, true = (np.bincount(codes[codes >= 0], minlength=len(classes)) for codes in (said, truth))
    frame = pl.DataFrame({"label": classes.alias("label")})
    for total, names in ((given, ("given", "wrong", "low", "high")), (true, ("true", "missed", *_MISSED))):
        frame = frame.hstack(_shares(total - right, total, names))
    return frame


def _shares(k: NDArray[np.integer], n: NDArray[np.integer], names: tuple[str, ...]) -> pl.DataFrame:
    """How many there are, the share `k` of them and its interval; None where there are none."""
    rows = [
        (total, some / total, *clopper_pearson(some, total)) if total else (0, None, None, None)
        for some, total in zip(k.tolist(), n.tolist(), strict=True)
    ]
    schema = {name: pl.Float64 if place else pl.Int64 for place, name in enumerate(names)}
    return pl.DataFrame(rows, schema=schema, orient="row")
