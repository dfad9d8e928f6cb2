"""A Parquet file as blocks of rows: it may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.repeats import are_numbers
from middlemost.files.columnar import readable
from middlemost.files.table import Table, as_text, whole

MAGIC = b"PAR1"
BLOCK = 2**20


@dataclass(frozen=True, eq=False)
class ParquetFile:
    """A Parquet file, of which no more than `block` rows are read at a time."""

    name: str
    scan: pl.LazyFrame
    schema: pl.Schema
    n_rows: int
    block: int = BLOCK

    @classmethod
    def at(cls, source: object, *, block: int = BLOCK) -> ParquetFile | None:
        """The file at a path; None where there is none, or it is not Parquet. InputError where it is damaged."""
        if not isinstance(source, (str, Path)) or not _is_parquet(Path(source)):
            return None
        with readable(str(source)):
            scan = pl.scan_parquet(Path(source), glob=False, hive_partitioning=False)
            schema = scan.collect_schema()
            n_rows = int(scan.select(pl.len()).collect().item())
        return cls(str(source), scan, schema, n_rows, block)

    @property
    def head(self) -> Table:
        """The table without its rows."""
        return Table(self.name, pl.DataFrame(schema=dict.fromkeys(self.schema, pl.String)))

    def tables(self, columns: Sequence[str]) -> Iterator[Table]:
        """These columns as text, a block of rows at a time; rows that hold nothing in any column are left out."""
        codes = {column for column in columns if self.schema[column].is_float() and self._all_whole(column)}
        for first in range(0, self.n_rows, self.block):
            frame = self._text(first, columns, codes)
            table = Table(self.name, frame, rows=np.arange(first, first + frame.height))
            blank = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
            if blank.any():
                blank &= self._blank_elsewhere(first, columns)
            yield table.only(~blank) if blank.any() else table

    def column(self, column: str) -> Iterator[pl.Series]:
        """One column as text, all rows of it, a block at a time."""
        codes = {column} if self.schema[column].is_float() and self._all_whole(column) else set()
        for first in range(0, self.n_rows, self.block):
            yield self._text(first, [column], codes)[column]

    def _text(self, first: int, columns: Sequence[str], codes: set[str]) -> pl.DataFrame:
        """A block as text. A block of whole floats in a column that has others too is not one of codes."""
        frame = self._read(first, columns)
        other = [column for column in columns if self.schema[column].is_float() and column not in codes]
        return as_text(frame.with_columns(pl.col(other).fill_nan(None).cast(pl.String)), self.name)

    def _all_whole(self, column: str) -> bool:
        blocks = (self._read(first, [column])[column] for first in range(0, self.n_rows, self.block))
        return all(whole(block.fill_nan(None).drop_nulls()) for block in blocks)

    def _blank_elsewhere(self, first: int, columns: Sequence[str]) -> pl.Series:
        others = [column for column in self.schema if column not in columns]
        if not others:
            return pl.Series([True])
        frame = as_text(self._read(first, others), self.name)
        return frame.select(pl.all_horizontal(pl.all().is_null())).to_series()

    def _read(self, first: int, columns: Sequence[str]) -> pl.DataFrame:
        with readable(self.name):
            return self.scan.select(columns).slice(first, self.block).collect()


@dataclass(frozen=True, eq=False)
class Times:
    """The column of times of a file, read again only where someone answered twice.

    `kept`: for each block the rows of the file that count, in order; a range where that is all of them.
    """

    file: ParquetFile
    column: str
    kept: Sequence[range | NDArray[np.int64]]

    def __call__(self, rows: NDArray[np.intp]) -> pl.Series:
        """The times of some of the rows that count, in order, as what can be compared among all."""
        chosen, numbers, start = [], True, 0
        for kept, (first, texts) in zip(self.kept, self._blocks(), strict=True):
            known = texts.gather(np.asarray(kept) - first)
            numbers = numbers and are_numbers(known)
            some = rows[slice(*rows.searchsorted([start, start + len(kept)]))]
            chosen.append(known.gather(some - start))
            start += len(kept)
        times = pl.concat(chosen)
        return times.cast(pl.Float64) if numbers else times

    def _blocks(self) -> Iterator[tuple[int, pl.Series]]:
        return zip(range(0, self.file.n_rows, self.file.block), self.file.column(self.column), strict=True)


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
