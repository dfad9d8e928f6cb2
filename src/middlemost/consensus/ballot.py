"""Answers as votes: the sparse products behind every method that gives each rater a weight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.core.answers import Answers
from middlemost.core.operator import MOST_CELLS
from middlemost.errors import SettingError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ballot:
    """Which rater voted for which class of which item, built once.

    `by_cell` is sparse, (items · classes, voters); a voter is a rater, or a rater giving one answer. The entries are
    sorted, so that nothing depends on the order of the rows that it was built from.

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

    @classmethod
    def of(cls, answers: Answers, *, each_answer: bool = False) -> Ballot:
        """Build it, a voter for each rater, or with `each_answer` for each rater · class.

        Raises SettingError where a table of (items, classes) would not fit in memory.
        """
        _require_room(answers)
        n, n_classes, cells = len(answers), answers.n_classes, answers.n_items * answers.n_classes
        voter, n_voters = answers.rater, answers.n_raters
        if each_answer:
            voter, n_voters = answers.rater * np.int32(n_classes) + answers.answer, n_voters * n_classes
        cell = answers.item * np.int32(n_classes) + answers.answer
        # Changing the layout is a counting sort: first by voter, then by cell. A general sort takes longer.
        told = csr_array((np.ones(n), voter, np.arange(n + 1, dtype=np.int32)), shape=(n, n_voters)).tocsc()
        by_cell = csr_array((told.data, cell[told.indices], told.indptr), shape=(n_voters, cells)).tocsc().T
        return cls(by_cell, (answers.n_items, n_classes))

    def votes(self, weights: Floats) -> Floats:
        """The weights of the voters for each class of each item: (voters, ...) in, (items, classes, ...) out."""
        return np.asarray(self.by_cell @ weights).reshape(self.shape + weights.shape[1:])

    def credits(self, worth: Floats) -> Floats:
        """What each voter's votes are worth together: (items, classes, ...) in, (voters, ...) out."""
        return np.asarray(self.by_voter @ worth.reshape(self.by_voter.shape[1], *worth.shape[2:]))


def _require_room(answers: Answers) -> None:
    cells = answers.n_classes * max(answers.n_items, answers.n_raters)
    if cells > MOST_CELLS:
        raise SettingError(
            f"{answers.n_classes:,} different answers to {answers.n_items:,} items by {answers.n_raters:,} raters"
            f" would need {cells * 8 / 2**30:.0f} GiB for each table.",
            mend="This method is for answers out of a list: is the answer column a free text or an id?",
        )
