"""The long table of answers, as CSV, JSON Lines and Parquet."""

from __future__ import annotations

import json

import polars as pl

from middlemost.files.exports.base import Export, Outgoing
from middlemost.files.release import parquet


def as_parquet(given: Outgoing) -> Export:
    """One row an answer to one question."""
    return Export(parquet(given.table), {})


def as_csv(given: Outgoing) -> Export:
    """The same; `shown_order` is a JSON list, times are ISO 8601."""
    orders = [json.dumps(one, ensure_ascii=False) for one in given.table["shown_order"].to_list()]
    frame = _plain(given.table).with_columns(pl.Series("shown_order", orders, dtype=pl.String))
    return Export(frame.write_csv().encode(), {})


def as_json_lines(given: Outgoing) -> Export:
    """The same, an object a line."""
    return Export(_plain(given.table).write_ndjson().encode(), {})


def _plain(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.col("started_at", "submitted_at").dt.to_string("iso:strict"))
