"""Answers that are numbers, from a file or frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from middlemost.core.answers import Repeats, encode
from middlemost.core.numbers import MEND, NumericAnswers, as_numbers, not_numbers
from middlemost.errors import InputError
from middlemost.files.answers import Long, Missing, long_table
from middlemost.files.table import Table, located, read_table


def read_numbers(
    source: object,
    *,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
) -> NumericAnswers:
    """Numeric answers from what `read_answers` reads, with the same arguments.

    An answer that is no finite number is an InputError with its line; where a file has several `question`s, only the
    answers to the one asked for have to be numbers.

    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": ["ox", "ox"], "rater": ["ann", "bob"], "answer": ["1207", "1198"]})
    >>> read_numbers(frame).values.tolist()
    [1207.0, 1198.0]
    """
    return numbers_of(read_table(source), repeats=repeats, question=question, columns=columns, missing=missing)


def numbers_of(
    table: Table,
    *,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
) -> NumericAnswers:
    """The same from a table already read."""
    long = long_table(table, columns, missing)
    with located(long.table.name):
        answers = encode(long.frame(), repeats=repeats, question=question)
    bad = not_numbers(answers.classes)
    if bad.any():
        raise _refusal(long, answers.question, answers.classes.filter(bad))
    return replace(as_numbers(answers), notices=(*answers.notices, *long.notices))


def _refusal(long: Long, question: str | None, bad: pl.Series) -> InputError:
    """An error about the first row that holds one of the `bad` answers."""
    frame, column = long.table.frame, long.found["answer"]
    wrong = frame[column].is_in(bad.to_list())
    if question is not None and "question" in long.found:
        wrong &= frame[long.found["question"]] == question
    rows = wrong.arg_true()
    message = (
        "This answer is not a number."
        if len(rows) == 1
        else f"{len(rows):,} answers are not numbers, first of all this one."
    )
    return InputError(message, place=long.table.place(int(rows[0]), column, frame[column][int(rows[0])]), mend=MEND)
