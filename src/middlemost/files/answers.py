"""Answers from a file or frame, ready for the methods: text, checked, coded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers, Coder, Repeats, check_repeats, choose_question, encode
from middlemost.core.numbers import not_numbers
from middlemost.errors import InputError, Place
from middlemost.files.columns import find_columns
from middlemost.files.intake import SURPLUS, Intake, check_missing, says_surplus
from middlemost.files.intake import Missing as Missing
from middlemost.files.parquet import ParquetFile, Times
from middlemost.files.table import Table, located, read_table

LONGEST_LABEL = 1_000
MOST_CLASSES = 1_000
_ONE_OF_A_FEW = "Choose the column that holds one of a few labels."
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

    Or from a data set of Hugging Face, at hand or as a folder.
    Columns item, rater, answer [, question, round, time, seconds]; the names of crowd-kit and Label Studio exports
    are recognised, `columns` names others (`{"answer": "sentiment"}`). Everything is read as text. `repeats` "all"
    counts every row (default with a round column), "last" keeps a rater's last answer to an item. Rows without an
    item, rater or answer are an InputError with their line, or with `missing="drop"` left out with a notice. Answers
    that a column `surplus` marks with true, as in a release, are left out with a notice. Parquet is read in blocks of
    rows: its text need not fit in memory, only 12 bytes an answer and the different names.

    >>> import polars as pl
    >>> answers = read_answers(pl.DataFrame({"task": [1, 1], "worker": ["a", "b"], "label": ["yes", "no"]}))
    >>> len(answers), answers.classes.to_list()
    (2, ['no', 'yes'])
    """
    file = ParquetFile.at(source)
    if file is not None:
        return answers_of_blocks(file, repeats=repeats, question=question, columns=columns, missing=missing)
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
    check_labels(long.table, long.found["answer"])
    with located(table.name):
        answers = encode(long.frame(), repeats=repeats, question=question)
    return replace(answers, notices=(*answers.notices, *long.notices))


def answers_of_blocks(
    file: ParquetFile,
    *,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
) -> Answers:
    """The same from a file that is read, checked and coded a block at a time."""
    check_missing(missing)
    check_repeats(repeats)
    found = find_columns(file.head, _NEEDED, _OPTIONAL, columns)
    marks_surplus = SURPLUS in file.schema and SURPLUS not in found.values() and _all_say_surplus(file)
    intake, blocks = Intake(found, marks_surplus=marks_surplus), _Blocks(file, found, question)
    read = [theirs for ours, theirs in found.items() if ours != "time"]
    for table in file.tables([*read, SURPLUS] if marks_surplus else read):
        complete = intake.take(table)
        if missing == "drop" or not intake.n_incomplete:
            blocks.add(complete)
    intake.check(file.name, missing)
    answers = blocks.answers(repeats)
    return replace(answers, notices=(*answers.notices, *intake.notices()))


def _all_say_surplus(file: ParquetFile) -> bool:
    return all(says_surplus(texts) for texts in file.column(SURPLUS))


class _Blocks:
    """The blocks of a file, each checked and coded before the next is read."""

    def __init__(self, file: ParquetFile, found: Mapping[str, str], question: str | None) -> None:
        self._file, self._found, self._question = file, found, question
        self._typed = {ours: theirs for ours, theirs in found.items() if ours != "time"}
        self._coder = Coder()
        self._labels = pl.Series(dtype=pl.String)
        self._asked: set[str] = set()
        self._kept: list[range | NDArray[np.int64]] = []

    def add(self, table: Table) -> None:
        """Check and code the next rows; all of them are complete."""
        self._check_labels(table)
        frame = Long(table, self._typed, ()).frame()
        if "question" in frame.columns:
            self._asked.update(frame["question"].unique().drop_nulls())
            if self._question is not None:
                mask = frame["question"].eq_missing(self._question)
                table, frame = table.only(mask), frame.filter(mask)
        if frame.height:
            self._coder.add(frame)
        if "time" in self._found:
            self._kept.append(_compact(table.sources()))

    def answers(self, repeats: Repeats | None) -> Answers:
        """All of them, coded."""
        times = Times(self._file, self._found["time"], self._kept) if "time" in self._found else None
        with located(self._file.name):
            asked = (
                choose_question(sorted(self._asked), self._question) if "question" in self._found else self._question
            )
            return self._coder.answers(repeats=repeats, question=asked, times=times)

    def _check_labels(self, table: Table) -> None:
        column = self._found["answer"]
        _check_lengths(table, column)
        self._labels = pl.concat([self._labels, table.frame[column].alias("").unique()]).unique()
        _check_classes(self._labels, Place(table.name, column=column))


def _compact(rows: NDArray[np.int64]) -> range | NDArray[np.int64]:
    whole = len(rows) > 0 and int(rows[-1] - rows[0]) == len(rows) - 1
    return range(int(rows[0]), int(rows[-1]) + 1) if whole else rows


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
    check_missing(missing)
    found = find_columns(table, _NEEDED, _OPTIONAL, columns)
    marked = SURPLUS in table.frame.columns and SURPLUS not in found.values() and says_surplus(table.frame[SURPLUS])
    intake = Intake(found, marks_surplus=marked)
    complete = intake.take(table)
    intake.check(table.name, missing)
    return Long(complete, found, intake.notices())


def check_labels(table: Table, column: str) -> None:
    """Answers that are texts, not choices, are refused before they become a matrix with a column each."""
    _check_lengths(table, column)
    _check_classes(table.frame[column], Place(table.name, column=column))


def _check_lengths(table: Table, column: str) -> None:
    answers = table.frame[column]
    lengths = answers.str.len_chars()
    row = lengths.arg_max()
    if row is not None and (longest := int(lengths[row])) > LONGEST_LABEL:
        message = f"This answer has {longest:,} characters: it looks like a text, not a label."
        raise InputError(message, place=table.place(row, column, answers[row]), mend=_ONE_OF_A_FEW)


def _check_classes(answers: pl.Series, place: Place) -> None:
    n = answers.n_unique()
    if n > MOST_CLASSES:
        message = f"There are {n:,} different answers: they look like texts or numbers, not labels."
        numbers = "Numbers are read by read_numbers. For labels, choose the column that holds one of a few."
        raise InputError(message, place=place, mend=_ONE_OF_A_FEW if not_numbers(answers).any() else numbers)


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
