"""What each item got, as a table: the only view of the answers that the coefficients have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from middlemost.core.answers import Answers

Floats = NDArray[np.float64]
Matrix = Floats | csr_array
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class Rows:
    """`counts` (items, columns): how often each item got each answer. `n` (items,): its answers.

    Where raters weigh more than one answer each, `itself` is the sum of the squared weights: the pairs of an answer
    with itself, which say nothing of agreement. Otherwise it equals `n`.
    """

    counts: Matrix
    n: Floats
    itself: Floats

    @classmethod
    def of(cls, counts: Matrix) -> Rows:
        """Rows in which every answer weighs one."""
        n = np.asarray(counts.sum(axis=1), dtype=float)
        return cls(counts, n, n)

    @property
    def pairs(self) -> Floats:
        """The ordered pairs of different answers to each item."""
        return self.n**2 - self.itself

    @property
    def comparable(self) -> NDArray[np.bool_]:
        """Which items have two answers or more."""
        return self.pairs > 1e-9

    def per_answer(self) -> Matrix:
        """Each item's shares of the columns; noughts where it has no answer."""
        return scaled(self.counts, 1 / np.where(self.n > 0, self.n, 1))


def tabulate(item: NDArray[np.integer], column: NDArray[np.integer], shape: tuple[int, int],
             weight: Floats | None = None) -> Matrix:  # fmt: skip
    """Weighted counts of (item, column): dense where that is small, else sparse."""
    if shape[0] * shape[1] <= 8 * len(item) + 100_000:
        places = item.astype(np.int64) * shape[1] + column
        counted = np.bincount(places, weight, minlength=shape[0] * shape[1])
        return counted.astype(float, copy=False).reshape(shape)
    ones = np.ones(len(item)) if weight is None else weight
    return csr_array((ones, (item.astype(np.int64), column.astype(np.int64))), shape=shape)


def by_class(answers: Answers, weight: Floats | None = None) -> Matrix:
    """How often each item got each class, shape (items, classes)."""
    return tabulate(answers.item, answers.answer, (answers.n_items, answers.n_classes), weight)


def by_rater(answers: Answers, weight: Floats | None = None) -> Matrix:
    """How often each item got each class from each rater, shape (items, raters * classes)."""
    column = answers.rater.astype(np.int64) * answers.n_classes + answers.answer
    return tabulate(answers.item, column, (answers.n_items, answers.n_raters * answers.n_classes), weight)


def scaled(matrix: Matrix, factors: Floats) -> Matrix:
    """Each row times its factor."""
    if isinstance(matrix, np.ndarray):
        return matrix * factors[:, None]
    return csr_array((matrix.data * np.repeat(factors, np.diff(matrix.indptr)), matrix.indices, matrix.indptr),
                     shape=matrix.shape)  # fmt: skip


def beside(columns: list[Floats], *matrices: Matrix) -> Matrix:
    """Columns (items,), then matrices, as one; dense if all are."""
    return together(np.column_stack(columns), *matrices)


def together(*matrices: Matrix) -> Matrix:
    """Matrices side by side as one; dense if all are."""
    dense = [matrix for matrix in matrices if isinstance(matrix, np.ndarray)]
    if len(dense) == len(matrices):
        return np.hstack(dense)
    return csr_array(hstack([csr_array(matrix) for matrix in matrices]))


def difference(one: Matrix, other: Matrix) -> Matrix:
    """One matrix less the other; dense if either is."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return _dense(one) - _dense(other)
    return csr_array(one - other)


def quadratic(matrix: Matrix, table: Floats | None) -> Floats:
    """The sum over k and m of row[k] table[k, m] row[m], for each row; None is the identity."""
    if table is None:
        return np.asarray((matrix**2).sum(axis=1), dtype=float)
    size = max(1, _BLOCK // len(table))
    parts = [_dense(matrix[start : start + size]) for start in range(0, matrix.shape[0], size)]
    return np.concatenate([((part @ table) * part).sum(axis=1) for part in parts] or [np.empty(0)])


def _dense(matrix: Matrix) -> Floats:
    return matrix if isinstance(matrix, np.ndarray) else np.asarray(matrix.toarray())


def total(matrix: Matrix, weights: Floats) -> Floats:
    """Sums of the rows: `weights` (draws, rows) @ `matrix` (rows, columns)."""
    return np.asarray(weights @ matrix)


@dataclass(frozen=True, eq=False)
class Signatures:
    """A number for each item and each rater that depends on what was answered, on no name and on no order of rows."""

    item: NDArray[np.uint64]
    rater: NDArray[np.uint64]

    @classmethod
    def of(cls, answers: Answers, steps: int = 3) -> Signatures:
        """Refine counts of answers by those of the neighbours, step by step (Weisfeiler and Leman 1968)."""
        ends = (answers.item, answers.rater, answers.answer)
        sizes = (answers.n_items, answers.n_raters, answers.n_classes)
        colours = [_mix(np.bincount(e, minlength=n).astype(np.uint64)) for e, n in zip(ends, sizes, strict=True)]
        for _ in range(steps):
            edges = np.zeros(len(answers), dtype=np.uint64)
            for end, colour in zip(ends, colours, strict=True):
                edges = _mix(edges + colour[end])
            colours = [_mix(colour + _sum(edges, end, len(colour))) for end, colour in zip(ends, colours, strict=True)]
        return cls(colours[0], colours[1])


def _sum(values: NDArray[np.uint64], into: NDArray[np.integer], size: int) -> NDArray[np.uint64]:
    sums = np.zeros(size, dtype=np.uint64)
    np.add.at(sums, into, values)
    return sums


def _mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
