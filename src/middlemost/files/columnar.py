"""Parquet and Arrow: what can go wrong in reading them is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from middlemost.errors import InputError, Place


@contextmanager
def readable(name: str, kind: str = "Parquet") -> Iterator[None]:
    """What goes wrong within is the fault of the file `name`."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        message = f"The {kind} file breaks off or is damaged."
        raise InputError(message, place=Place(name), mend="Copy or download it again.") from error
