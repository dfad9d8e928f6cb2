"""The bins and pictures."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middlemost.view.charts import label_chart, number_bins, share_bins


@given(st.lists(st.floats(0, 1), max_size=50), st.sampled_from([0.0, 0.01, 0.25, 1 / 3, 0.5, 1.0]))
def test_every_share_falls_into_exactly_one_bin(shares: list[float], start: float) -> None:
    rows = share_bins(pl.Series(shares, dtype=pl.Float64), start)
    assert sum(row["n"] for row in rows) == len(shares)
    assert len({row["bin"] for row in rows}) == len(rows) >= 10


@given(st.dictionaries(st.integers(1, 5_000), st.integers(1, 9), min_size=1, max_size=60))
def test_every_item_falls_into_one_of_few_bins(times: dict[int, int]) -> None:
    rows = number_bins(pl.Series(list(times)), pl.Series(list(times.values())))
    assert sum(row["n"] for row in rows) == sum(times.values())
    assert len(rows) <= 24


def test_few_numbers_are_shown_one_by_one() -> None:
    assert number_bins(pl.Series([3, 5]), pl.Series([1, 2])) == [
        {"bin": "3", "n": 1},
        {"bin": "4", "n": 0},
        {"bin": "5", "n": 2},
    ]


@pytest.mark.parametrize("label", ["plain", "<b>&'\"\\", "שלום", "x" * 900, "a\nb"])
def test_any_label_can_be_drawn(label: str) -> None:
    svg = str(label_chart([{"label": label, "share_of_items": 0.5, "share_of_answers": 0.4}]))
    assert svg.startswith('<svg role="img" aria-label="')
    assert "<b>" not in svg


def test_labels_that_look_alike_when_cut_keep_a_bar_each() -> None:
    rows = [{"label": f"{'x' * 60}{i}{'y' * 60}", "share_of_items": 0.3, "share_of_answers": 0.3} for i in range(3)]
    assert str(label_chart(rows)).count("var(--series-2)") == 3
