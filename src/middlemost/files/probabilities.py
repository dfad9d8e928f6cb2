"""A model's probabilities, from a file or frame."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from middlemost.core.probabilities import LONG, Flaw, Probabilities, arranged, flaws
from middlemost.errors import InputError, Place
from middlemost.files.columns import find_columns
from middlemost.files.table import Table, read_table


def read_probabilities(source: object, *, columns: Mapping[str, str] | None = None) -> Probabilities:
    """What a model says of items, from a path or frame: item and one column a class, or item, label, probability.

    Formats and names of columns as in `read_answers`. With columns for label and probability each row is one class,
    and a class that an item has no row for has probability 0; else every column but the item's is a class, named as
    the answers are written. Raises InputError with the line for a value that is no probability, an item whose
    probabilities do not sum to 1 (within .02; they are then scaled), and an item or class given twice.

    >>> frame = pl.DataFrame({"item": ["a", "a"], "label": ["no", "yes"], "probability": [0.2, 0.8]})
    >>> read_probabilities(frame).values.tolist()
    [[0.2, 0.8]]
    """
    table = read_table(source)
    found = find_columns(table, ("item",), LONG[1:], columns)
    theirs = _named(table, found)
    frame = table.frame.select(pl.col(column).str.strip_chars().alias(ours) for ours, column in theirs.items())
    if flaw := next(flaws(frame), None):
        raise InputError(flaw.message, place=_place(table, flaw, theirs), mend=flaw.mend)
    return arranged(frame)


def _named(table: Table, found: Mapping[str, str]) -> dict[str, str]:
    """Our name of each column that is read -> the table's."""
    if set(LONG) <= set(found):
        return {name: found[name] for name in LONG}
    classes = [name for name in table.frame.columns if name != found["item"]]
    if "item" in classes:
        mend = 'Say which column names the items: columns={"item": "..."}; the others are classes.'
        raise InputError("Two columns could name the items.", place=Place(table.name, column="item"), mend=mend)
    return {"item": found["item"], **{name: name for name in classes}}


def _place(table: Table, flaw: Flaw, theirs: Mapping[str, str]) -> Place:
    if flaw.row is None:
        return Place(table.name)
    column = None if flaw.column is None else theirs[flaw.column]
    return table.place(flaw.row, column, flaw.value)
