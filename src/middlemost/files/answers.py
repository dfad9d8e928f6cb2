"""Answers from a file or frame, ready for the methods: text, checked, coded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from middlemost.core.answers import Answers, Repeats, encode
from middlemost.core.numbers import not_numbers
from middlemost.errors import InputError, Place, SettingError
from middlemost.files.columns import find_columns
from middlemost.files.table import Table, located, read_table

Missing = Literal["error", "drop"]

LONGEST_LABEL = 1_000
MOST_CLASSES = 1_000
SURPLUS = "surplus"
_NEEDED = ("item", "rater", "answer")
_OPTIONAL = ("question", "round", "time", "seconds")


def read_answers(
    source: object,
    *,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
) -> Answers:
    """Answers from a path (csv, tsv, jsonl, json, parquet; text also as .gz) or a frame (Polars, pandas).

    Columns item, rater, answer [, question, round, time, seconds]; the names of crowd-kit and Label Studio exports
    are recognised, `columns` names others (`{"answer": "sentiment"}`). Everything is read as text. `repeats` "all"
    counts every row (default with a round column), "last" keeps a rater's last answer to an item. Rows without an
    item, rater or answer are an InputError with their line, or with `missing="drop"` left out with a notice. Answers
    that a column `surplus` marks with true, as in a release, are left out with a notice.

    >>> import polars as pl
    >>> answers = read_answers(pl.DataFrame({"task": [1, 1], "worker": ["a", "b"], "label": ["yes", "no"]}))
    >>> len(answers), answers.classes.to_list()
    (2, ['no', 'yes'])
    """
    return answers_of(read_table(source), repeats=repeats, question=question, columns=columns, missing=missing)


def answers_of(
    table: Table,
    *,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
) -> Answers:
    """The same from a table already read."""
    long = long_table(table, columns, missing)
    _check_labels(long.table, long.found["answer"])
    with located(table.name):
        answers = encode(long.frame(), repeats=repeats, question=question)
    return replace(answers, notices=(*answers.notices, *long.notices))


@dataclass(frozen=True, eq=False)
class Long:
    """A table with one complete row an answer; `found` maps our columns to the table's."""

    table: Table
    found: Mapping[str, str]
    notices: tuple[str, ...]

    def frame(self) -> pl.DataFrame:
        """The columns under our names and in their types."""
        return pl.DataFrame([_typed(self.table, ours, theirs) for ours, theirs in self.found.items()])


def long_table(table: Table, columns: Mapping[str, str] | None, missing: Missing) -> Long:
    """The table with its columns recognised and its incomplete rows refused or left out."""
    if missing not in ("error", "drop"):
        raise SettingError(f"missing={missing!r} is unknown.", mend='Use "error" or "drop".')
    found = find_columns(table, _NEEDED, _OPTIONAL, columns)
    if not table.frame.height:
        raise InputError("There is a header but no answer.", place=Place(table.name), mend="Was the export finished?")
    table, late = _counted(table, found)
    table, incomplete = _complete(table, found, missing)
    return Long(table, found, tuple(notice for notice in (late, incomplete) if notice))


def _counted(table: Table, found: Mapping[str, str]) -> tuple[Table, str | None]:
    """The rows that count, and a sentence on the others: a release says `surplus` of answers too late for a place."""
    if SURPLUS not in table.frame.columns or SURPLUS in found.values():
        return table, None
    said = table.frame[SURPLUS].str.to_lowercase()
    if not said.drop_nulls().is_in(["true", "false"]).all():
        return table, None  # a column of another meaning
    late = said.eq_missing("true")
    n = int(late.sum())
    if not n:
        return table, None
    if n == len(late):
        place = Place(table.name, column=SURPLUS)
        raise InputError("Every answer is marked as surplus.", place=place, mend="Take the column out to count them.")
    were = "1 answer is marked as surplus and was" if n == 1 else f"{n:,} answers are marked as surplus and were"
    return table.only(~late), f"{were} left out."


def _complete(table: Table, found: Mapping[str, str], missing: Missing) -> tuple[Table, str | None]:
    """The rows that have an item, a rater and an answer, and a sentence on the others."""
    empty = [pl.col(found[ours]).is_null() for ours in ("item", "rater")]
    answer = pl.col(found["answer"])
    mask = table.frame.select(pl.any_horizontal(*empty, answer.is_null(), answer.is_in(["nan", "NaN"]))).to_series()
    n = int(mask.sum())
    if not n:
        return table, None
    if missing == "error" or n == len(mask):
        raise _incomplete(table, found, mask)
    return table.only(~mask), f"{n:,} of {len(mask):,} rows have no item, rater or answer and were left out."


def _incomplete(table: Table, found: Mapping[str, str], mask: pl.Series) -> InputError:
    bad = mask.arg_true()
    row = int(bad[0])
    ours = next((name for name in _NEEDED if table.frame[found[name]][row] is None), "answer")
    value = table.frame[found[ours]][row]
    lines = [str(table.place(int(other)).line or int(other) + 1) for other in bad[:8]]
    unit = "line" if table.lines else "row"
    others = f" {len(bad):,} rows lack something ({unit}s {', '.join(lines)}{', …' if len(bad) > 8 else ''})."
    return InputError(
        f"There is no {ours} here.{others if len(bad) > 1 else ''}",
        place=table.place(row, found[ours], value),
        mend='Complete them, or leave them out: missing="drop", on the command line --missing drop.',
    )


def _check_labels(table: Table, column: str) -> None:
    """Answers that are texts, not choices, are refused before they become a matrix with a column each."""
    answers = table.frame[column]
    lengths = answers.str.len_chars()
    row = lengths.arg_max()
    mend = "Choose the column that holds one of a few labels."
    if row is not None and (longest := int(lengths[row])) > LONGEST_LABEL:
        message = f"This answer has {longest:,} characters: it looks like a text, not a label."
        raise InputError(message, place=table.place(row, column, answers[row]), mend=mend)
    n = answers.n_unique()
    if n > MOST_CLASSES:
        message = f"There are {n:,} different answers: they look like texts or numbers, not labels."
        if not not_numbers(answers).any():
            mend = "Numbers are read by read_numbers. For labels, choose the column that holds one of a few."
        raise InputError(message, place=Place(table.name, column=column), mend=mend)


def _typed(table: Table, ours: str, theirs: str) -> pl.Series:
    column = table.frame[theirs].alias(ours)
    wanted = {"round": pl.Int32(), "seconds": pl.Float64()}.get(ours)
    if wanted is None:
        return column
    typed = column.cast(wanted, strict=False)
    wrong = (typed.is_null() & (column.is_not_null() | (ours == "round"))).arg_true()
    if len(wrong):
        row = int(wrong[0])
        expected = "a whole number" if ours == "round" else "a number"
        raise InputError(f"Expected {expected}.", place=table.place(row, theirs, column[row]))
    return typed
