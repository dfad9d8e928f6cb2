"""Rows in the order in which answers were given, where a column says when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from middlemost.files.columns import find_columns
from middlemost.files.table import Table


def by_time(table: Table, columns: Mapping[str, str] | None = None) -> tuple[Table, bool]:
    """The table sorted by its column of times, and whether it has one; rows without a time come first.

    Times are numbers, or texts that sort as they are (ISO 8601).
    """
    given = {noun: column for noun, column in (columns or {}).items() if noun == "time"}
    found = find_columns(table, (), ("time",), given)
    if "time" not in found or not table.frame[found["time"]].drop_nulls().len():
        return table, False
    times = table.frame[found["time"]]
    numbers = times.cast(pl.Float64, strict=False)
    ranks = (times if numbers.null_count() > times.null_count() else numbers).rank("dense").fill_null(0)
    order = np.argsort(ranks.to_numpy(), kind="stable")
    rows = order.astype(np.int64) if table.rows is None else table.rows[order]
    return replace(table, frame=table.frame[order], rows=rows), True
