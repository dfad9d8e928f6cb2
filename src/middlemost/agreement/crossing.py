"""Which columns of a table occur together: products of the counts of each row, over the pairs that there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.agreement.tally import Matrix
from middlemost.errors import SettingError

MOST_PAIRS = 50_000_000


def how_many(counts: Matrix) -> int:
    """How many products there would be."""
    filled = np.diff(csr_array(counts).indptr).astype(np.int64)
    return int((filled * (filled - 1) // 2).sum())


def crossed(counts: Matrix) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """For every row and every two of its columns: the row, the lesser column, the greater one, and the product."""
    sparse = csr_array(counts)
    sparse.sort_indices()
    starts = np.repeat(sparse.indptr[:-1], np.diff(sparse.indptr)).astype(np.int64)
    place = np.arange(sparse.nnz)
    before = place - starts
    second = np.repeat(place, before)
    first = np.arange(len(second)) - np.repeat(np.cumsum(before) - before, before) + np.repeat(starts, before)
    row = np.repeat(np.arange(sparse.shape[0]), np.diff(sparse.indptr))
    columns = sparse.indices.astype(np.int64)
    return row[second], columns[first], columns[second], sparse.data[first] * sparse.data[second]


def require_few_pairs(counts: Matrix) -> None:
    """SettingError where going through every two answers to an item would take too long."""
    if how_many(counts) > MOST_PAIRS:
        raise SettingError(
            f"There are {how_many(counts):,} pairs of answers, too many for a coefficient of pairs of raters.",
            mend="Fleiss' kappa, Conger's and alpha take all raters together.",
        )
