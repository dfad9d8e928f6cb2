"""Names to codes, block by block, and who answered twice."""

from __future__ import annotations

import gc

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from middlemost.core.coding import Names, how_often
from middlemost.core.repeats import comparable, repeated, superseded

BLOCKS = st.lists(st.lists(st.text(max_size=3), max_size=6), min_size=1, max_size=6)


@given(BLOCKS)
def test_the_blocks_in_which_names_come_do_not_matter(blocks: list[list[str]]) -> None:
    whole = [name for block in blocks for name in block]
    names = Names()
    gc.freeze()  # what was there before is not looked through at every block
    for block in blocks:
        names.add(pl.Series("item", block, dtype=pl.String))
        gc.collect()
    gc.unfreeze()
    axis, codes = names.coded()
    assert axis.to_list() == sorted(set(whole), key=str.encode)
    assert axis.gather(codes).to_list() == whole
    assert codes.dtype == np.int32


def test_two_columns_of_names_do_not_meet() -> None:
    items, raters = Names(), Names()
    items.add(pl.Series(["a", "b"]))
    raters.add(pl.Series(["b"]))
    assert items.coded()[0].to_list() == ["a", "b"]
    assert raters.coded()[0].to_list() == ["b"]


@given(st.lists(st.integers(0, 5), max_size=40))
def test_codes_are_counted_as_numpy_counts_them(codes: list[int]) -> None:
    array = np.array(codes, dtype=np.int32)
    assert how_often(array, 7, most=3).tolist() == np.bincount(array, minlength=7).tolist()


ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=30)


@given(ROWS, st.integers(1, 40))
def test_who_answered_twice_is_found_however_many_rows_are_looked_at_together(
    rows: list[tuple[int, int, int, int]], most: int
) -> None:
    table = np.array(rows, dtype=np.int32).reshape(-1, 4)
    item, rater, rounds, time = table.T
    pairs = [row[:2] for row in rows]
    assert repeated(item, rater, most=most).tolist() == [n for n, pair in enumerate(pairs) if pairs.count(pair) > 1]
    last = {pair: n for pair, n, *_ in sorted(((row[:2], n, row[2], row[3]) for n, row in enumerate(rows)), key=order)}
    found = superseded(item, rater, rounds, lambda some: pl.Series(time)[some], most=most)
    assert found.tolist() == sorted(set(range(len(rows))) - set(last.values()))


def order(row: tuple[tuple[int, ...], int, int, int]) -> tuple[int, int, int]:
    """By round, then time, then place."""
    return row[2], row[3], row[1]


def test_times_are_numbers_only_where_all_of_them_are() -> None:
    assert comparable(pl.Series(["9", "10", None])).to_list() == [9.0, 10.0, None]
    assert comparable(pl.Series(["9", "10", "2026-01-01"])).to_list() == ["9", "10", "2026-01-01"]
