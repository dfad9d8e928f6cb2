"""How far apart two answers are, for alpha: each kind as sums over items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from middlemost.agreement.crossing import crossed
from middlemost.agreement.tally import Floats, Matrix, Rows, beside, quadratic, scaled


class Distance(Protocol):
    """A distance between answers that does not depend on the sample."""

    def columns(self, rows: Rows) -> Matrix:
        """What each item adds to the overall distribution."""
        ...

    def apart(self, rows: Rows) -> Floats:
        """The sum of distances over each item's ordered pairs of answers."""
        ...

    def overall(self, columns: Floats, n: Floats) -> Floats:
        """The sum over all ordered pairs of `n` answers, for each row of sums of `columns`."""
        ...

    def across(self, rows: Rows, columns: Floats, n: float) -> Floats:
        """The sum of distances from each item's answers to all `n` answers, whose sums of columns are `columns`."""
        ...


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A symmetric table of distances (classes, classes) with noughts on its diagonal; None: 1 between any two."""

    table: Floats | None = None

    def columns(self, rows: Rows) -> Matrix:
        """The counts themselves."""
        return rows.counts

    def apart(self, rows: Rows) -> Floats:
        """Sums of the table's entries."""
        return self._sum(rows.counts, rows.n)

    def overall(self, columns: Floats, n: Floats) -> Floats:
        """Sums of the table's entries."""
        return self._sum(columns, n)

    def across(self, rows: Rows, columns: Floats, n: float) -> Floats:
        """Sums of the table's entries."""
        if self.table is None:
            return np.asarray(rows.n * n - rows.counts @ columns)
        return np.asarray(rows.counts @ (self.table @ columns))

    def _sum(self, counts: Matrix, n: Floats) -> Floats:
        together = quadratic(counts, self.table)
        return np.asarray(n**2 - together) if self.table is None else together


@dataclass(frozen=True, eq=False)
class Squared:
    """Squared differences of the classes' values, from sums and sums of squares: no table, so any number of classes."""

    values: Floats

    @classmethod
    def of(cls, values: Floats) -> Squared:
        """Centred and scaled, so that answers such as 1e200 do not overflow; alpha does not change."""
        values = values / (np.abs(values).max(initial=0) or 1)
        return cls((values - values.mean()) / (np.ptp(values) or 1))

    def columns(self, rows: Rows) -> Matrix:
        """Sums and sums of squares."""
        return np.column_stack([rows.counts @ self.values, rows.counts @ self.values**2])

    def apart(self, rows: Rows) -> Floats:
        """2 (n Σx² - (Σx)²)."""
        return self.overall(np.asarray(self.columns(rows)), rows.n)

    def overall(self, columns: Floats, n: Floats) -> Floats:
        """2 (n Σx² - (Σx)²)."""
        return np.asarray(2 * (n * columns[:, 1] - columns[:, 0] ** 2))

    def across(self, rows: Rows, columns: Floats, n: float) -> Floats:
        """As n Σy² + nᵢ Σx² - 2 Σx Σy, over all answers and over the item's."""
        own = np.asarray(self.columns(rows))
        return np.asarray(n * own[:, 1] + rows.n * columns[1] - 2 * own[:, 0] * columns[0])


@dataclass(frozen=True, eq=False)
class Ranked:
    """Squared differences of mid-ranks, which depend on the sample: what they multiply is summed instead.

    `order` is the classes' order; `cells` are the pairs of classes (k * classes + m, k <= m) that occur together.
    """

    order: NDArray[np.intp]
    cells: NDArray[np.int64]

    @classmethod
    def of(cls, order: NDArray[np.intp], counts: Matrix) -> Ranked:
        """Those pairs in `counts`, and each class with itself."""
        n = len(order)
        _, k, m, _ = crossed(counts[:, order])
        return cls(order, np.unique(np.concatenate([k * n + m, np.arange(n) * (n + 1)])))

    def features(self, rows: Rows) -> Matrix:
        """The numbers n and itself, the counts, these times n² / pairs, and their products times n / pairs."""
        counts, some = csr_array(rows.counts)[:, self.order], rows.comparable.astype(float)
        pairs = np.where(rows.comparable, rows.pairs, 1)
        linear = scaled(counts, some * rows.n**2 / pairs)
        products = scaled(self._products(counts), some * rows.n / pairs)
        return beside([some * rows.n, some * rows.itself], scaled(counts, some), linear, products)

    def _products(self, counts: csr_array) -> csr_array:
        n = counts.shape[1]
        row, k, m, product = crossed(counts)
        diagonal = counts.tocoo()
        rows, cells = np.append(row, diagonal.row), np.append(k * n + m, diagonal.col.astype(np.int64) * (n + 1))
        values = np.append(2 * product, diagonal.data**2)
        shape = (counts.shape[0], len(self.cells))
        return csr_array((values, (rows, np.searchsorted(self.cells, cells))), shape=shape)

    def sums(self, sums: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Disagreement within items and overall, n, itself: one each for every row of sums."""
        classes, n_classes = len(self.order), len(self.order)
        n, itself, counts, linear, products = np.split(sums, np.cumsum([1, 1, classes, classes]), axis=1)
        ranks = np.cumsum(counts, axis=1) - counts / 2
        ranks = ranks / np.maximum(n, 1)
        k, m = np.divmod(self.cells, n_classes)
        within = (linear * ranks**2).sum(axis=1) - (products * ranks[:, k] * ranks[:, m]).sum(axis=1)
        overall = n[:, 0] * (counts * ranks**2).sum(axis=1) - (counts * ranks).sum(axis=1) ** 2
        return 2 * within, 2 * overall, n[:, 0], itself[:, 0]


def within(distance: Distance, rows: Rows) -> Floats:
    """Each item's observed disagreement: the mean over its pairs of answers, times the number of its answers."""
    pairs = np.where(rows.comparable, rows.pairs, 1)
    return np.where(rows.comparable, rows.n * distance.apart(rows) / pairs, 0.0)
