"""The bootstrap over items, on tables of counts where equal rows are held once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
_BLOCK = 4_000_000
_FEW_UNDEFINED = 0.05


@dataclass(frozen=True, eq=False)
class GroupedRows:
    """The different rows of a table of counts (rows, classes), and how often each occurs."""

    rows: Floats
    times: NDArray[np.int64]

    @classmethod
    def of(cls, counts: NDArray[np.int64]) -> GroupedRows:
        """Group equal rows. Their order does not depend on the order of `counts`, nor the columns' names."""
        keys = _row_keys(counts)
        order = np.argsort(keys)
        starts = np.flatnonzero(np.append(True, keys[order][1:] != keys[order][:-1])) if len(keys) else order
        times = np.diff(np.append(starts, len(keys)))
        return cls(counts[order[starts]].astype(float), times)

    def __len__(self) -> int:
        return int(self.times.sum())

    def resampled(self, draws: int, seed: int) -> Iterator[Floats]:
        """How often each row occurs in bootstrap samples of as many items: blocks of shape (some draws, rows)."""
        rng = np.random.default_rng(seed)
        size = max(1, _BLOCK // max(len(self.times), 1))
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
    table: GroupedRows, statistic: Statistic, *, draws: int, level: float, seed: int
) -> tuple[float, float] | None:
    """The percentile interval of `statistic` under resampling of items (Efron 1979).

    `statistic` takes how often each row of `table` counts, shape (draws, rows), and gives one value a draw, NaN where
    it has none. None where more than a twentieth of the draws have no value.
    """
    values = np.concatenate([statistic(weights) for weights in table.resampled(draws, seed)])
    defined = values[~np.isnan(values)]
    if len(defined) < (1 - _FEW_UNDEFINED) * draws:
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _row_keys(counts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """One number for each row, equal for equal rows (but for one chance in 10⁸ at a million rows)."""
    odd = 2 * np.random.default_rng(0).integers(2**63, size=(counts.shape[1],), dtype=np.uint64) + np.uint64(1)
    keys = np.zeros(len(counts), dtype=np.uint64)
    for multiplier, place in enumerate(_canonical(counts)):
        keys += counts[:, place].astype(np.uint64) * odd[multiplier]
    return keys


def _canonical(counts: NDArray[np.int64]) -> NDArray[np.intp]:
    """An order of the columns that does not depend on their names: by their sums, sums of squares, and so on."""
    per_row = counts.sum(axis=1)
    moments = [(counts**2).T @ per_row, (counts**3).sum(axis=0), (counts**2).sum(axis=0), counts.sum(axis=0)]
    return np.lexsort(moments)
