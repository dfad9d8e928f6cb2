"""Answers that are sets of labels, from a file or frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from middlemost.core.answers import Answers, Repeats, encode
from middlemost.core.sets import as_sets
from middlemost.errors import SettingError
from middlemost.files.answers import Missing, check_labels, long_table
from middlemost.files.table import Table, located, read_table


def read_sets(
    source: object,
    separator: str = "|",
    *,
    empty: str | None = None,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
) -> Answers:
    """Answers such as "toxic|insult" from what `read_answers` reads, with the same other arguments.

    Each set is put into one spelling, its labels sorted. `empty` is the word that stands for none of the labels; such
    an answer becomes "".

    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": ["a", "a"], "rater": ["x", "y"], "answer": ["toxic| insult", "insult|toxic"]})
    >>> read_sets(frame).classes.to_list()
    ['insult|toxic']
    """
    table = read_table(source)
    return sets_of(table, separator, empty=empty, repeats=repeats, question=question, columns=columns, missing=missing)


def sets_of(
    table: Table,
    separator: str = "|",
    *,
    empty: str | None = None,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
) -> Answers:
    """The same from a table already read."""
    if not separator:
        raise SettingError("separator is empty.", mend="It stands between the labels of one answer: '|', say.")
    long = long_table(table, columns, missing)
    check_labels(long.table, long.found["answer"])
    with located(long.table.name):
        answers = encode(long.frame(), repeats=repeats, question=question)
    return replace(as_sets(answers, separator, empty=empty), notices=(*answers.notices, *long.notices))
