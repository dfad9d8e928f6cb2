"""Raters who answered an item more than once: found among any number of answers, some items at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.coding import how_often

Codes = NDArray[np.int32]
Rows = NDArray[np.intp]
Times = Callable[[Rows], pl.Series]
MOST = 2**22


def repeated(item: Codes, rater: Codes, *, most: int = MOST) -> Rows:
    """The rows, in order, that share their item and rater with another. About `most` are looked at together.

    >>> repeated(np.int32([0, 1, 0, 0]), np.int32([5, 5, 5, 6])).tolist()
    [0, 2]
    """
    found = [rows[_shared(pairs)] for rows, pairs in _pairs(item, rater, most)]
    return np.sort(np.concatenate([np.empty(0, dtype=np.intp), *found]))


def superseded(
    item: Codes, rater: Codes, round: Codes | None = None, times: Times | None = None, *, most: int = MOST
) -> Rows:
    """The rows, in order, after which the same rater answered the same item again.

    What is last is of the highest round, then the latest time, then the last row. `times` gives what can be compared of
    the times of some rows.
    """
    rows = repeated(item, rater, most=most)
    if not len(rows):
        return rows
    keys: list[NDArray[np.integer]] = []
    if times is not None:
        keys.append(times(rows).rank("dense").fill_null(0).cast(pl.Int64).to_numpy())
    if round is not None:
        keys.append(round[rows])
    ordered = rows[np.lexsort(keys)] if keys else rows
    pairs = pl.Series(_numbers(item[ordered], rater[ordered]))
    return np.sort(ordered[~pairs.is_last_distinct().to_numpy()])


def comparable(times: pl.Series) -> pl.Series:
    """Times as what can be compared: numbers by size, everything else (ISO 8601, say) as it sorts; null is first.

    >>> comparable(pl.Series(["10", "9.5"])).to_list(), comparable(pl.Series(["10", "2026-01-01"])).to_list()
    ([10.0, 9.5], ['10', '2026-01-01'])
    """
    return times.cast(pl.Float64, strict=False) if times.dtype == pl.String and are_numbers(times) else times


def are_numbers(times: pl.Series) -> bool:
    """Whether each time that is known is a number."""
    return times.cast(pl.Float64, strict=False).null_count() == times.null_count()


def _shared(pairs: NDArray[np.int64]) -> NDArray[np.bool_] | NDArray[np.intp]:
    series = pl.Series(pairs)
    if series.n_unique() == len(series):
        return np.empty(0, dtype=np.intp)
    return series.is_duplicated().to_numpy()


def _pairs(item: Codes, rater: Codes, most: int) -> Iterator[tuple[Rows, NDArray[np.int64]]]:
    """Rows, and one number for the item and rater of each: all rows of an item together."""
    if len(item) <= most:
        yield np.arange(len(item)), _numbers(item, rater)
        return
    ends = np.cumsum(how_often(item, int(item.max()) + 1))
    bounds = np.searchsorted(ends, np.arange(most, len(item), most), side="right")
    for first, last in zip([0, *bounds], [*bounds, len(ends)], strict=True):
        rows = np.flatnonzero((item >= first) & (item < last))
        yield rows, _numbers(item[rows], rater[rows])


def _numbers(item: Codes, rater: Codes) -> NDArray[np.int64]:
    numbers = item.astype(np.int64)
    numbers <<= 32
    numbers |= rater
    return numbers
