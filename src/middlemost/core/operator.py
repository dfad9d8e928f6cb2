"""The one operator behind every model of raters: two products with the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.core.answers import Answers
from middlemost.errors import SettingError

Floats = NDArray[np.float64]
MOST_CELLS = 250_000_000


class Operator(Protocol):
    """What an algorithm needs to know of the answers: sparse in memory here, a stream of blocks elsewhere."""

    def scores(self, log_confusion: Floats) -> Floats:
        """Sum the log-probabilities (raters, true, answered) of each item's answers: shape (items, true)."""
        ...

    def counts(self, posterior: Floats) -> Floats:
        """Count answers by rater under a posterior (items, true): shape (raters, true, answered)."""
        ...


@dataclass(frozen=True, eq=False)
class SparseOperator:
    """The answers as a sparse items × (rater · answer) indicator matrix, built once.

    Its entries are sorted, so that nothing depends on the order of the rows it was built from.
    """

    matrix: Any
    shape: tuple[int, int]

    @classmethod
    def of(cls, answers: Answers) -> SparseOperator:
        """Build it; raises SettingError where the tables of (rater, class, class) would not fit in memory."""
        n_raters, n_classes = answers.n_raters, answers.n_classes
        _require_room(answers)
        width, n = n_raters * n_classes, len(answers)
        rows = np.arange(n + 1, dtype=np.int32)
        said = csr_array((np.ones(n), answers.rater * np.int32(n_classes) + answers.answer, rows), shape=(n, width))
        # Changing the layout is a counting sort: first by what was said, then by item. A general sort takes longer.
        by_said = said.tocsc()
        items = answers.item[by_said.indices]
        told = csr_array((by_said.data, items, by_said.indptr), shape=(width, answers.n_items))
        return cls(told.tocsc().T, (n_raters, n_classes))

    def scores(self, log_confusion: Floats) -> Floats:
        """Sum the log-probabilities (raters, true, answered) of each item's answers: shape (items, true)."""
        n_raters, n_classes = self.shape
        by_answer = log_confusion.transpose(0, 2, 1).reshape(n_raters * n_classes, n_classes)
        return np.asarray(self.matrix @ by_answer)

    def counts(self, posterior: Floats) -> Floats:
        """Count answers by rater under a posterior (items, true): shape (raters, true, answered)."""
        n_raters, n_classes = self.shape
        return np.asarray(self.matrix.T @ posterior).reshape(n_raters, n_classes, n_classes).transpose(0, 2, 1)


def _require_room(answers: Answers) -> None:
    cells = answers.n_classes * max(answers.n_items, answers.n_raters * answers.n_classes)
    if cells > MOST_CELLS:
        raise SettingError(
            f"{answers.n_classes:,} different answers by {answers.n_raters:,} raters to {answers.n_items:,} items"
            f" would need {cells * 8 / 2**30:.0f} GiB for each table.",
            mend="This method is for answers out of a list: is the answer column a free text or an id?",
        )
