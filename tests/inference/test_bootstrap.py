"""The bootstrap over items."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from middlemost.inference.bootstrap import GroupedRows, percentile_interval

Floats = NDArray[np.float64]


def test_equal_rows_are_held_once() -> None:
    table = GroupedRows.of(np.array([[1, 2], [0, 3], [1, 2]]))
    assert sorted(zip(table.rows.tolist(), table.times.tolist(), strict=True)) == [([0, 3], 1), ([1, 2], 2)]
    assert len(table) == 3


@pytest.mark.parametrize("copies", [1, 50])
def test_each_draw_has_as_many_items_as_the_data(copies: int) -> None:
    counts = np.repeat(np.random.default_rng(0).permutation(30).reshape(10, 3), copies, axis=0)
    weights = np.concatenate(list(GroupedRows.of(counts).resampled(70, seed=0)))
    assert weights.shape == (70, 10)
    assert (weights.sum(axis=1) == 10 * copies).all()


@pytest.mark.parametrize("most_differ", [False, True])
def test_the_interval_of_a_mean_is_that_of_the_normal_theory(most_differ: bool) -> None:
    values = np.random.default_rng(0).integers(1_000 if most_differ else 10, size=2_000)
    table = GroupedRows.of(values[:, None])

    def mean(weights: Floats) -> Floats:
        return np.asarray(weights @ table.rows[:, 0] / weights.sum(axis=1))

    low, high = percentile_interval(table, mean, draws=4_000, level=0.95, seed=0) or (0, 0)
    half = 1.96 * values.std() / len(values) ** 0.5
    assert low == pytest.approx(values.mean() - half, abs=half / 10)
    assert high == pytest.approx(values.mean() + half, abs=half / 10)


def test_there_is_no_interval_where_many_draws_have_no_value() -> None:
    table = GroupedRows.of(np.array([[0], [1], [2]]))

    def rare(weights: Floats) -> Floats:
        return np.where(weights[:, 0] > 0, 1.0, np.nan)

    assert percentile_interval(table, rare, draws=500, level=0.95, seed=0) is None


def test_the_same_seed_gives_the_same_draws_and_the_columns_order_does_not_matter() -> None:
    counts = np.random.default_rng(0).integers(4, size=(40, 3)) * [1, 2, 3]

    def draws(table: GroupedRows, seed: int) -> Floats:
        (weights,) = table.resampled(5, seed)
        return np.sort(weights @ np.sort(table.rows, axis=1), axis=1)

    first = draws(GroupedRows.of(counts), 0)
    assert (first == draws(GroupedRows.of(counts[::-1, [2, 0, 1]]), 0)).all()
    assert (first != draws(GroupedRows.of(counts), 1)).any()
