"""Gold from a file, frame or mapping: items whose right label is known."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from middlemost.core.gold import Gold, as_gold
from middlemost.errors import InputError, Place
from middlemost.files.columns import find_columns
from middlemost.files.table import Table, located, read_table


def read_gold(source: object, *, columns: Mapping[str, str] | None = None) -> Gold:
    """Gold from a path or frame with columns item, label [, drawn], from a mapping item -> label, or as it is.

    `drawn` says how the items were found: `random` from all items, or `chosen`. Rows without a label at the end of a
    file are read as not yet done; before other labels they are an InputError, since leaving out the hard ones makes
    any measurement too good.

    >>> read_gold({"q1": "yes"}).labels.to_list()
    ['yes']
    """
    if isinstance(source, (Gold, Mapping)):
        return as_gold(source)
    table = read_table(source, "gold")
    found = find_columns(table, ("item", "label"), ("drawn",), columns)
    table = _done(table, found["item"], found["label"])
    frame = table.frame.select(pl.col(theirs).alias(ours) for ours, theirs in found.items())
    with located(table.name):
        return as_gold(frame)


def _done(table: Table, item: str, label: str) -> Table:
    """The rows up to the last label, each of them complete."""
    given = table.frame[label].is_not_null().arg_true()
    if not len(given):
        message = "No item has a label yet." if table.frame.height else "There is a header but no gold."
        raise InputError(message, place=Place(table.name, column=label), mend="Fill in the right labels.")
    head = Table(table.name, table.frame.head(int(given[-1]) + 1), table.lines, table.rows)
    for column in (item, label):
        empty = head.frame[column].is_null().arg_true()
        if len(empty):
            message = f"There is no {'item' if column == item else 'label'} here, but there are labels after it."
            mend = (
                "Answer the hard ones too: gold without them flatters. If an item has no right answer, delete its line."
            )
            raise InputError(message, place=head.place(int(empty[0]), column), mend=mend)
    return head
