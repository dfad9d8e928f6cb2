"""Reductions along rows are those of NumPy, whatever the length of a row."""

from __future__ import annotations

import numpy as np
import pytest

from middlemost.core.short_rows import SHORT, firsts, how_many, maxima, sums, totals


@pytest.mark.parametrize("columns", [1, 2, SHORT, SHORT + 1, 300])
def test_short_and_long_rows_reduce_alike(columns: int) -> None:
    table = np.random.default_rng(0).integers(200, size=(40, columns)).astype(np.uint8)
    np.testing.assert_array_equal(maxima(table), table.max(axis=1))
    np.testing.assert_array_equal(totals(table), table.sum(axis=1))
    np.testing.assert_array_equal(sums(table.astype(float)), table.sum(axis=1))
    np.testing.assert_array_equal(how_many(table > 100), (table > 100).sum(axis=1))
    expected = np.where((table > 100).any(axis=1), (table > 100).argmax(axis=1), columns)
    np.testing.assert_array_equal(firsts(table > 100), expected)
    assert sums(table).dtype == np.uint8
    assert totals(table).dtype == how_many(table > 100).dtype == np.int64


def test_a_table_of_several_restarts_is_reduced_along_its_second_axis() -> None:
    table = np.random.default_rng(0).random((5, SHORT + 3, 4))
    np.testing.assert_array_equal(maxima(table), table.max(axis=1))
    np.testing.assert_allclose(sums(table), table.sum(axis=1))
