"""Names become integer codes, block by block: no more than one block of text need be in memory."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.int32]


class Names:
    """A column of names, taken in by blocks. Until all are known, each has the number of its first appearance.

    >>> names = Names()
    >>> for block in (["b", "a"], ["c", "a"]):
    ...     names.add(pl.Series(block))
    >>> axis, codes = names.coded()
    >>> axis.to_list(), codes.tolist()
    (['a', 'b', 'c'], [1, 0, 2, 0])
    """

    def __init__(self) -> None:
        self._categories = pl.Categories.random()
        # Polars forgets the names of categories that no series refers to.
        self._kept = pl.Series(dtype=pl.Categorical(self._categories))
        self._blocks: list[NDArray[np.uint32]] = []

    def add(self, column: pl.Series) -> None:
        """Take in the next values of the column, none of them null."""
        self._kept = self._kept.rename(column.name)
        self._blocks.append(column.cast(pl.String).cast(self._kept.dtype).to_physical().to_numpy())

    def coded(self) -> tuple[pl.Series, Codes]:
        """The sorted names, and the position among them of each value of the column. To be called once, at the end."""
        found = self._categories.to_series().alias(self._kept.name)
        del self._kept, self._categories
        # On one thread: on several, sorting text takes twice the processor's time and hardly less of ours.
        ordered = found.to_frame().with_row_index("code", 0).sort(found.name, multithreaded=False)
        position = np.empty(len(found), dtype=np.int32)
        position[ordered.to_series(0).to_numpy()] = np.arange(len(found), dtype=np.int32)
        del found
        return ordered.to_series(1), self._placed(position)

    def _placed(self, position: Codes) -> Codes:
        """`position` of every code, each block let go as it is done."""
        codes, start = np.empty(sum(map(len, self._blocks)), dtype=np.int32), 0
        self._blocks.reverse()
        while self._blocks:
            block = self._blocks.pop()
            codes[start : start + len(block)] = position[block]
            start += len(block)
        return codes


def how_often(codes: NDArray[np.integer], n: int, *, most: int = 2**22) -> NDArray[np.int64]:
    """How often each of the codes from 0 to n - 1 occurs.

    As `numpy.bincount`, but that copies all of them first; this, no more than `most` or n at a time.

    >>> how_often(np.int32([2, 0, 2]), 4).tolist()
    [1, 0, 2, 0]
    """
    size = max(most, n)
    times = np.bincount(codes[:size], minlength=n)
    for start in range(size, len(codes), size):
        times += np.bincount(codes[start : start + size], minlength=n)
    return times
