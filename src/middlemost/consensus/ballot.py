"""Answers as votes: the sparse products behind every method that gives each rater a weight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.core.answers import Answers
from middlemost.core.room import require_room

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ballot:
    """Which rater voted for which class of which item, built once.

    `by_cell` is sparse, (items · classes, voters); a voter is a rater, or whatever else numbers the answers. The
    entries are sorted, so that nothing depends on the order of the rows that it was built from.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> ballot = Ballot.of(encode(pl.DataFrame({"item": list("aab"), "rater": list("xyx"), "answer": list("122")})))
    >>> ballot.votes(np.array([1.0, 3.0])).tolist()
    [[1.0, 3.0], [0.0, 1.0]]
    >>> ballot.credits(np.array([[0.2, 0.8], [0.5, 0.5]])).tolist()
    [0.7, 0.8]
    """

    by_cell: Any
    shape: tuple[int, int]

    @cached_property
    def by_voter(self) -> Any:
        """The transpose of `by_cell`, in the same layout."""
        return self.by_cell.tocsc().T

    @cached_property
    def cell(self) -> NDArray[np.intp]:
        """The cell (item · class) of each vote, in the order of `by_cell`."""
        return np.repeat(np.arange(self.by_cell.shape[0]), np.diff(self.by_cell.indptr))

    @cached_property
    def voter(self) -> NDArray[np.intp]:
        """Who gave each vote, in the order of `by_cell`."""
        return np.asarray(self.by_cell.indices, dtype=np.intp)

    @classmethod
    def of(cls, answers: Answers, voter: NDArray[np.integer] | None = None) -> Ballot:
        """Build it, a voter for each rater, or `voter` (answers,) numbers them from 0.

        Raises SettingError where a table of (items, classes) would not fit in memory.
        """
        n, n_classes, cells = len(answers), answers.n_classes, answers.n_items * answers.n_classes
        require_room(cells, f"{n_classes:,} different answers to {answers.n_items:,} items")
        n_voters = answers.n_raters if voter is None else int(voter.max(initial=-1)) + 1
        voter = answers.rater if voter is None else voter
        cell = answers.item * np.int32(n_classes) + answers.answer
        # Changing the layout is a counting sort: first by voter, then by cell. A general sort takes longer.
        ones = np.ones(n, dtype=np.int8)
        by_voter = csr_array((ones, voter, np.arange(n + 1, dtype=np.int32)), shape=(n, n_voters)).tocsc()
        by_cell = csr_array((ones, cell[by_voter.indices], by_voter.indptr), shape=(n_voters, cells)).tocsc()
        votes = csr_array((np.ones(n), by_cell.indices, by_cell.indptr), shape=(cells, n_voters))
        return cls(votes, (answers.n_items, n_classes))

    # Of one number a voter or cell, gathering and counting takes half the time of the sparse product.

    def votes(self, weights: Floats) -> Floats:
        """The weights of the voters for each class of each item: (voters, ...) in, (items, classes, ...) out."""
        if weights.ndim == 1:
            return _sums(self.cell, weights.take(self.voter), self.by_cell.shape[0]).reshape(self.shape)
        return np.asarray(self.by_cell @ weights).reshape(self.shape + weights.shape[1:])

    def credits(self, worth: Floats) -> Floats:
        """What each voter's votes are worth together: (items, classes, ...) in, (voters, ...) out."""
        if worth.ndim == 2:
            return _sums(self.voter, worth.take(self.cell), self.by_cell.shape[1])
        return np.asarray(self.by_voter @ worth.reshape(self.by_voter.shape[1], *worth.shape[2:]))


def _sums(places: NDArray[np.intp], values: Floats, n: int) -> Floats:
    return np.asarray(np.bincount(places, values, n), dtype=np.float64)
