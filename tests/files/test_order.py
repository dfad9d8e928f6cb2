"""Rows in the order of time."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from middlemost.files.order import by_time
from middlemost.files.table import read_table


@pytest.mark.parametrize("times", [["10", "9", "", "8"], ["2024-03-02", "2024-03-01T09", "", "2023-12-31"]])
def test_rows_are_sorted_by_time_and_still_know_their_line(tmp_path: Path, times: list[str]) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("item,rater,answer,timestamp\n" + "".join(f"{n},r,x,{time}\n" for n, time in enumerate(times)))
    table, timed = by_time(read_table(path))
    assert timed
    assert table.frame["item"].to_list() == ["2", "3", "1", "0"]
    assert [table.place(row).line for row in range(4)] == [4, 5, 3, 2]


def test_without_times_nothing_is_moved() -> None:
    table = read_table(pl.DataFrame({"item": ["b", "a"], "rater": ["x", "x"], "answer": ["1", "1"]}))
    assert by_time(table) == (table, False)
    named = table.frame.with_columns(done=pl.Series(["2", "1"]))
    assert by_time(read_table(named), {"time": "done"})[0].frame["item"].to_list() == ["a", "b"]
