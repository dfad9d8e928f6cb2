"""The one operator behind every model of raters: two products with the answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from middlemost.core.answers import Answers
from middlemost.core.room import require_room

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
# From so many answers on, a table of so many numbers is kept in single precision: it stays in the processor's cache.
MANY, LARGE = 10_000_000, 2**21


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

    `said` holds the columns of its entries, item by item; the entries of item i begin at `starts[i]`. They are sorted,
    so that nothing depends on the order of the rows it was built from. `shape`: raters, classes. `weights` (items,):
    what each answer to an item counts, 1 where it is None. The products go through it in parts of about `most` entries,
    so that the ones that it consists of need not be in memory for all answers. With `single`, each part's products are
    summed in single precision, and those of counts added up in double.
    """

    said: Codes
    starts: Codes
    shape: tuple[int, int]
    weights: Floats | None = None
    most: int = 2**20
    single: bool = False

    @classmethod
    def of(cls, answers: Answers) -> SparseOperator:
        """Build it; raises SettingError where the tables of (rater, class, class) would not fit in memory."""
        n_raters, n_classes = answers.n_raters, answers.n_classes
        _require_room(answers)
        width, n = n_raters * n_classes, len(answers)
        # Changing the layout is a counting sort: first by what was said, then by item. A general sort takes longer.
        nothing, said = np.zeros(n, dtype=np.int8), answers.rater * np.int32(n_classes)
        said += answers.answer
        by_said = csr_array((nothing, said, np.arange(n + 1, dtype=np.int32)), shape=(n, width)).tocsc()
        items = answers.item[by_said.indices]
        told = csr_array((nothing, items, by_said.indptr), shape=(width, answers.n_items))
        del by_said, said
        by_item = told.tocsc()
        single = n > MANY and width * n_classes > LARGE
        return cls(by_item.indices, by_item.indptr, (n_raters, n_classes), single=single)

    def weighted(self, weights: Floats) -> SparseOperator:
        """The same with each answer to an item counting as its weight (items,)."""
        return replace(self, weights=weights)

    def scores(self, log_confusion: Floats, into: Floats | None = None) -> Floats:
        """Sum the log-probabilities (raters, true, answered) of each item's answers: shape (items, true).

        They are put `into` an array that nobody needs any more, if there is one: new memory takes time.
        """
        n_raters, n_classes = self.shape
        return self.told(log_confusion.transpose(0, 2, 1).reshape(n_raters * n_classes, n_classes), into)

    def counts(self, posterior: Floats) -> Floats:
        """Count answers by rater under a posterior (items, true): shape (raters, true, answered)."""
        n_raters, n_classes = self.shape
        return self.heard(posterior).reshape(n_raters, n_classes, n_classes).transpose(0, 2, 1)

    def told(self, table: Floats, into: Floats | None = None) -> Floats:
        """For each item the sum of the rows that its answers choose from a table (rater · answer, any)."""
        table = table.astype(self._type, copy=False)
        if len(self._small_parts) == 1 and not self.single:
            found = np.asarray(self._small_parts[0].matrix @ table)
        else:
            found = np.empty((len(self.starts) - 1, table.shape[1])) if into is None else into
            for part in self._small_parts:
                found[part.items] = part.matrix @ table
        if self.weights is not None:
            found *= self.weights[:, None]
        return found

    def heard(self, table: Floats) -> Floats:
        """For each (rater · answer) the sum of the rows of a table (items, any) whose items were answered so."""
        found = np.zeros((self.shape[0] * self.shape[1], table.shape[1]))
        for part in self._large_parts:
            rows = table[part.items]
            rows = rows if self.weights is None else rows * self.weights[part.items, None]
            found += part.transposed @ rows.astype(self._type, copy=False)
        return found

    def votes(self) -> NDArray[np.integer]:
        """How often each item got each answer, shape (items, classes), in the smallest type that holds it."""
        n_classes = self.shape[1]
        most = np.min_scalar_type(np.diff(self.starts).max(initial=0))
        found = np.empty((len(self.starts) - 1, n_classes), dtype=most)
        for part in self._small_parts:
            n_items = part.matrix.shape[0]
            cells = np.repeat(np.arange(0, n_items * n_classes, n_classes), np.diff(part.matrix.indptr))
            cells += part.matrix.indices % np.int32(n_classes)
            found[part.items] = np.bincount(cells, minlength=n_items * n_classes).reshape(n_items, n_classes)
        return found

    @property
    def _type(self) -> type[np.floating[Any]]:
        return np.float32 if self.single else np.float64

    @cached_property
    def _small_parts(self) -> tuple[Part, ...]:
        """Parts whose products stay in the processor's cache until they are put in their place."""
        return self._parts(self.most)

    @cached_property
    def _large_parts(self) -> tuple[Part, ...]:
        """Parts as long as the table (rater · answer, any) that the product with each is added to."""
        return self._parts(max(4 * self.most, 5 * self.shape[0] * self.shape[1]))

    def _parts(self, most: int) -> tuple[Part, ...]:
        """The matrix in parts of so many entries, and those that complete the last item."""
        cuts = self.starts.searchsorted(np.arange(most, int(self.starts[-1]), most))
        bounds = list(pairwise(np.unique([0, *cuts, len(self.starts) - 1]).tolist()))
        longest = max((int(self.starts[last] - self.starts[first]) for first, last in bounds), default=0)
        ones = np.ones(longest, dtype=self._type)
        return tuple(self._part(first, last, ones) for first, last in bounds)

    def _part(self, first: int, last: int, ones: Floats) -> Part:
        starts = self.starts[first : last + 1]
        said = self.said[starts[0] : starts[-1]]
        shape, entries = (last - first, self.shape[0] * self.shape[1]), (ones[: len(said)], said, starts - starts[0])
        return Part(slice(first, last), _of(csr_array(shape), entries), _of(csc_array(shape[::-1]), entries))


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of the matrix for some items, and the same transposed."""

    items: slice
    matrix: Any
    transposed: Any


def _of(matrix: Any, entries: tuple[Floats, Codes, Codes]) -> Any:
    """The matrix with these entries, not a copy of them, which its constructor would make of parts of longer arrays."""
    matrix.data, matrix.indices, matrix.indptr = entries
    return matrix


def _require_room(answers: Answers) -> None:
    n_items, n_raters, n_classes = answers.n_items, answers.n_raters, answers.n_classes
    what = f"{n_classes:,} different answers by {n_raters:,} raters to {n_items:,} items"
    require_room(n_classes * max(n_items, n_raters * n_classes), what)
