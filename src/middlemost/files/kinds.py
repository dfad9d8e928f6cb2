"""What kind of answers a file holds: labels, numbers or sets of labels. Never guessed in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from middlemost.core.numbers import not_numbers
from middlemost.errors import SettingError, shorten
from middlemost.files.columns import find_columns
from middlemost.files.table import Table

Kind = Literal["choice", "numbers", "sets"]

FEW_CODES = 12  # different numbers that may well be the codes of labels
SEPARATORS = "|;,"
NEEDED = ("item", "rater", "answer")


@dataclass(frozen=True)
class Taken:
    """The `kind` that answers are read as, and in `words` what was assumed and how to change it: None if asked for."""

    kind: Kind
    words: str | None = None


def different(table: Table, columns: Mapping[str, str] | None, question: str | None) -> pl.Series:
    """The different answers in a table, to the one question."""
    given = {noun: column for noun, column in (columns or {}).items() if noun in (*NEEDED, "question")}
    found = find_columns(table, NEEDED, ("question",), given)
    frame = table.frame
    if question is not None and "question" in found:
        frame = frame.filter(pl.col(found["question"]) == question)
    answers = frame[found["answer"]].drop_nulls().unique()
    return answers.filter(~answers.is_in(["nan", "NaN"]))  # which are missing answers


def taken_as(answers: pl.Series, asked: Kind | None = None) -> Taken:
    """How the `different` answers are to be read: as `asked`, else by what they look like.

    More than twelve different answers that are all numbers are numbers; anything else is a label, a set only if asked.

    >>> taken_as(pl.Series([str(n) for n in range(30)])).kind
    'numbers'
    >>> taken_as(pl.Series(["1", "2", "3"])).words
    'Read as labels, though all 3 of them are numbers. Points on a scale? --kind numbers'
    """
    if asked is not None:
        if asked not in get_args(Kind):
            raise SettingError(f"kind is {asked!r}.", mend="It can be 'choice', 'numbers' or 'sets'.")
        return Taken(asked)
    n = answers.n_unique()
    numeric = n > 0 and not not_numbers(answers).any()
    if numeric and n > FEW_CODES:
        said = f"Read as numbers on a scale: all answers are numbers, {n:,} different ones."
        return Taken("numbers", f"{said} Codes of labels? --kind choice")
    if numeric and n > 2:
        return Taken("choice", f"Read as labels, though all {n} of them are numbers. Points on a scale? --kind numbers")
    if example := _like_a_set(answers):
        answer, separator = example
        said = f"Read as labels, though some look like sets of labels: “{shorten(answer, 40)}”."
        return Taken("choice", f"{said} Sets? --kind sets --separator '{separator}'")
    return Taken("choice")


def _like_a_set(answers: pl.Series) -> tuple[str, str] | None:
    """The first of at least two answers that hold a separator, whose parts come again in others, and the separator."""
    for separator in SEPARATORS:
        joined = answers.filter(answers.str.contains(separator, literal=True)).sort()
        parts = answers.str.split(separator).explode().str.strip_chars()
        if len(joined) > 1 and parts.n_unique() <= len(answers):
            return joined[0], separator
    return None
