"""The bootstrap over items, on tables of counts where equal rows are held once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Table = NDArray[np.int64] | Floats | csr_array
Statistic = Callable[[Floats], Floats]
_BLOCK = 4_000_000
_FEW_UNDEFINED = 0.05


@dataclass(frozen=True, eq=False)
class GroupedRows:
    """The different rows of a table of counts (rows, classes), and how often each occurs."""

    rows: Floats | csr_array
    times: NDArray[np.int64]

    @classmethod
    def of(cls, counts: Table, keys: NDArray[np.uint64] | None = None) -> GroupedRows:
        """Group equal rows. Their order does not depend on the order of `counts`, nor the columns' names.

        `keys` (rows,) put the groups in order where the columns alone could leave it to their names.
        """
        if keys is not None:
            found = _row_keys(counts, _canonical(counts, np.ones(counts.shape[0])))
            return cls(*_distinct(counts, found, np.lexsort((found, keys))))
        # The order of the columns that no name decides is found on the different rows, which are few.
        found = _row_keys(counts, np.arange(counts.shape[1]))
        rows, times = _distinct(counts, found, np.argsort(found))
        order = np.argsort(_row_keys(rows, _canonical(rows, times)))
        return cls(rows[order], times[order])

    def __len__(self) -> int:
        return int(self.times.sum())

    def resampled(self, draws: int, seed: int, *, width: int = 1) -> Iterator[Floats]:
        """How often each row occurs in bootstrap samples of as many items: blocks of shape (some draws, rows).

        A block is small enough for a table of (some draws, `width`) as well.
        """
        rng = np.random.default_rng(seed)
        size = max(1, _BLOCK // max(len(self.times), width, 1))
        draw = self._by_group if 8 * len(self.times) < len(self) else self._by_item
        for start in range(0, draws, size):
            yield draw(rng, min(size, draws - start))

    def _by_group(self, rng: np.random.Generator, draws: int) -> Floats:
        """Quick where items are many and different rows few."""
        return rng.multinomial(len(self), self.times / len(self), size=draws).astype(float)

    def _by_item(self, rng: np.random.Generator, draws: int) -> Floats:
        """Quick where most rows differ."""
        group = np.repeat(np.arange(len(self.times)), self.times)
        samples = (group[rng.integers(len(group), size=len(group))] for _ in range(draws))
        return np.array([np.bincount(sample, minlength=len(self.times)) for sample in samples], dtype=float)


def percentile_interval(
    table: GroupedRows, statistic: Statistic, *, draws: int, level: float, seed: int, width: int = 1
) -> tuple[float, float] | None:
    """The percentile interval of `statistic` under resampling of items (Efron 1979).

    `statistic` takes how often each row of `table` counts, shape (draws, rows), and gives one value a draw, NaN where
    it has none; `width` is the length of the longest row that it makes for a draw. None where more than a twentieth of
    the draws have no value.
    """
    values = [statistic(weights) for weights in table.resampled(draws, seed, width=width)]
    return percentiles(np.concatenate(values), level)


def percentiles(values: Floats, level: float) -> tuple[float, float] | None:
    """The middle `level` of bootstrap values; None where more than a twentieth of them are NaN."""
    defined = values[~np.isnan(values)]
    if len(defined) < (1 - _FEW_UNDEFINED) * len(values):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _distinct(
    counts: Table, keys: NDArray[np.uint64], order: NDArray[np.intp]
) -> tuple[Floats | csr_array, NDArray[np.int64]]:
    """The different rows, whose `keys` lie together in `order`, and how often each occurs."""
    keys = keys[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else order
    return counts[order[starts]].astype(float), np.diff(np.append(starts, len(keys)))


def _row_keys(counts: Table, places: NDArray[np.intp]) -> NDArray[np.uint64]:
    """One number for each row, equal for equal rows (but for one chance in 10⁸ at a million rows).

    It depends on the order of the columns, `places`.
    """
    odd = 2 * np.random.default_rng(0).integers(2**63, size=(counts.shape[1],), dtype=np.uint64) + np.uint64(1)
    keys = np.zeros(counts.shape[0], dtype=np.uint64)
    if isinstance(counts, np.ndarray):
        for multiplier, place in zip(odd, places, strict=True):
            keys += counts[:, place].astype(np.uint64) * multiplier
        return keys
    of_column = np.empty_like(odd)
    of_column[places] = odd
    row = np.repeat(np.arange(len(keys)), np.diff(counts.indptr))
    np.add.at(keys, row, counts.data.astype(np.uint64) * of_column[counts.indices])
    return keys


def _canonical(counts: Table, times: NDArray[np.number]) -> NDArray[np.intp]:
    """An order of the columns that does not depend on their names: by their sums, sums of squares, and so on.

    Each row occurs so many `times`.
    """
    per_row = counts.sum(axis=1)
    moments = ((counts**2).T @ (per_row * times), (counts**3).T @ times, (counts**2).T @ times, counts.T @ times)
    return np.lexsort([np.asarray(moment) for moment in moments])
