"""The long table of answers, as CSV, JSON Lines and Parquet: written a block at a time, however long it is."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from middlemost.files.release import parquet

ROWS = 100_000  # of a Parquet file that are held at once
_TIMES = ("started_at", "submitted_at")


def write_csv(out: Path, blocks: Iterable[pl.DataFrame]) -> None:
    """One row an answer to one question; `shown_order` is a JSON list, times are ISO 8601."""
    with out.open("wb") as file:
        for number, block in enumerate(blocks):
            file.write(_iso(block).write_csv(include_header=number == 0).encode())


def write_json_lines(out: Path, blocks: Iterable[pl.DataFrame]) -> None:
    """The same, an object a line."""
    with out.open("wb") as file:
        for block in blocks:
            file.write(_iso(_listed(block)).write_ndjson().encode())


def write_parquet(out: Path, blocks: Iterable[pl.DataFrame]) -> None:
    """The same, with times as such. Its parts lie beside it until they are put together."""
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        parts = []
        for number, block in enumerate(_gathered(blocks)):
            parts.append(Path(folder) / f"{number:06}.parquet")
            parts[-1].write_bytes(parquet(_listed(block)))
        try:
            pl.scan_parquet(parts).sink_parquet(out, compression="zstd", statistics=True)
        except pl.exceptions.ComputeError as error:
            raise _of_the_disk(error) from error


def _of_the_disk(error: Exception) -> Exception:
    """What Polars says of a disk that is full, or away, as Python says it."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    return OSError(int(found[1]), os.strerror(int(found[1]))) if found else error


def _gathered(blocks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Fewer blocks, of so many rows that they are worth a part each; one at least."""
    held: list[pl.DataFrame] = []
    for block in blocks:
        held.append(block)
        if sum(one.height for one in held) >= ROWS:
            yield pl.concat(held)
            held = held[:0]
    if held:
        yield pl.concat(held)


def _listed(block: pl.DataFrame) -> pl.DataFrame:
    return block.with_columns(pl.col("shown_order").str.json_decode(pl.List(pl.String)))


def _iso(block: pl.DataFrame) -> pl.DataFrame:
    return block.with_columns(pl.col(_TIMES).dt.to_string("iso:strict"))
