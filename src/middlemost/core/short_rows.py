"""Reductions along rows, column by column: on many short rows several times faster than NumPy along them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

N = TypeVar("N", bound=np.generic)


def maxima(table: NDArray[N]) -> NDArray[N]:
    """The greatest value of each row.

    >>> maxima(np.array([[1, 3, 2], [5, 4, 4]])).tolist()
    [3, 5]
    """
    greatest = table[:, 0].copy()
    for column in table.swapaxes(0, 1)[1:]:
        np.maximum(greatest, column, out=greatest)
    return greatest


def sums(table: NDArray[N]) -> NDArray[N]:
    """The sum of each row, in the table's own type.

    >>> sums(np.array([[1, 3, 2], [5, 4, 4]])).tolist()
    [6, 13]
    """
    total = table[:, 0].copy()
    for column in table.swapaxes(0, 1)[1:]:
        np.add(total, column, out=total)
    return total


def how_many(table: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many places of each row are true.

    >>> how_many(np.array([[True, True, False]])).tolist()
    [2]
    """
    total = table[:, 0].astype(np.int64)
    for column in table.swapaxes(0, 1)[1:]:
        total += column
    return total
