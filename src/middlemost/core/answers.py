"""Answers as coded columns. Names become integer codes once, here; inside, everything is arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.coding import Names, how_often
from middlemost.core.repeats import Times, comparable, superseded
from middlemost.core.room import require_room
from middlemost.errors import InputError, Place, SettingError

Repeats = Literal["all", "last"]
Codes = NDArray[np.int32]
REQUIRED = ("item", "rater", "answer")


@dataclass(frozen=True, eq=False)
class Answers:
    """What raters said of items, for one question: three columns of codes and the names that they stand for.

    `items`, `raters`, `classes`: sorted unique String series. `item`, `rater`, `answer`: int32 arrays of one length, in
    the order of the input, holding positions in those series. `round` (int32) and `seconds` (float64, NaN where
    unknown) are None where the input had no such column. `notices` are sentences on what was left out on the way in, to
    be shown to the user.

    >>> frame = pl.DataFrame({"item": ["b", "a", "a"], "rater": ["ann", "ann", "bob"], "answer": ["no", "yes", "no"]})
    >>> answers = encode(frame)
    >>> answers.items.to_list(), answers.item.tolist()
    (['a', 'b'], [1, 0, 0])
    >>> answers.counts().tolist()
    [[1, 1], [1, 0]]
    """

    items: pl.Series
    raters: pl.Series
    classes: pl.Series
    item: Codes
    rater: Codes
    answer: Codes
    round: Codes | None = None
    seconds: NDArray[np.float64] | None = None
    question: str | None = None
    notices: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.item)

    @property
    def n_items(self) -> int:
        """How many items there are, answered or not."""
        return len(self.items)

    @property
    def n_raters(self) -> int:
        """How many raters there are."""
        return len(self.raters)

    @property
    def n_classes(self) -> int:
        """How many different answers there are."""
        return len(self.classes)

    def counts(self) -> NDArray[np.int64]:
        """How often each item got each answer, shape (items, classes); SettingError where that would not fit."""
        shape = self.n_items, self.n_classes
        require_room(shape[0] * shape[1], f"{shape[1]:,} different answers to {shape[0]:,} items")
        return np.bincount(self.cells(), minlength=shape[0] * shape[1]).reshape(shape)

    def cells(self) -> NDArray[np.int64]:
        """Each answer's place in the flattened (items, classes) table."""
        return self.item.astype(np.int64) * self.n_classes + self.answer

    def per_item(self) -> NDArray[np.int64]:
        """How many answers each item has."""
        return how_often(self.item, self.n_items)

    def per_rater(self) -> NDArray[np.int64]:
        """How many answers each rater gave."""
        return how_often(self.rater, self.n_raters)

    def repeated(self) -> int:
        """How many answers repeat a rater's own on the same item."""
        return len(superseded(self.item, self.rater))

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Answers:
        """The chosen rows (a mask or positions), on the same items, raters and classes."""
        return replace(
            self,
            item=self.item[rows],
            rater=self.rater[rows],
            answer=self.answer[rows],
            round=None if self.round is None else self.round[rows],
            seconds=None if self.seconds is None else self.seconds[rows],
        )

    def with_classes(self, order: NDArray[np.integer]) -> Answers:
        """The same answers with the classes in another order, which is then not sorted."""
        position = np.empty(self.n_classes, dtype=np.int32)
        position[order] = np.arange(self.n_classes, dtype=np.int32)
        return replace(self, classes=self.classes.gather(order), answer=position[self.answer])

    def frame(self) -> pl.DataFrame:
        """The answers under their names: item, rater, answer [, round] [, seconds], in the order of the input."""
        columns = {
            "item": self.items.gather(self.item),
            "rater": self.raters.gather(self.rater),
            "answer": self.classes.gather(self.answer),
        }
        if self.round is not None:
            columns["round"] = pl.Series(self.round)
        if self.seconds is not None:
            columns["seconds"] = pl.Series(self.seconds).fill_nan(None)
        return pl.DataFrame(columns)


def encode(frame: pl.DataFrame, *, repeats: Repeats | None = None, question: str | None = None) -> Answers:
    """Code a long frame with columns item, rater, answer [, question, round, time, seconds], one row an answer.

    `repeats="all"` counts every row (the default where there is a `round` column), `"last"` keeps a rater's last answer
    to an item (the default elsewhere): of the highest round, then the latest time, then the last row. `question`
    chooses one where the frame has several. Raises InputError for missing columns, empty values, or no answers at all.
    """
    check_repeats(repeats)
    _require_columns(frame)
    frame, question = _one_question(frame, question)
    _require_values(frame)
    coder = Coder()
    coder.add(frame)
    return coder.answers(repeats=repeats, question=question, times=_times(frame))


class Coder:
    """Codes answers that come in blocks, so that their text need never be in memory together. To be used once."""

    def __init__(self) -> None:
        self._names = {name: Names() for name in REQUIRED}
        self._rounds: list[Codes] = []
        self._seconds: list[NDArray[np.float64]] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Take in the next rows: columns item, rater, answer [, round] [, seconds], in each block the same."""
        for name, names in self._names.items():
            names.add(frame[name])
        if "round" in frame.columns:
            self._rounds.append(_rounds(frame))
        if "seconds" in frame.columns:
            self._seconds.append(frame["seconds"].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy())

    def answers(self, *, repeats: Repeats | None, question: str | None, times: Times | None) -> Answers:
        """All of them, `repeats` as of `encode`; `times` gives the times of some rows."""
        (items, item), (raters, rater), (classes, answer) = (self._names.pop(name).coded() for name in REQUIRED)
        rounds = np.concatenate(self._rounds) if self._rounds else None
        seconds = np.concatenate(self._seconds) if self._seconds else None
        answers = Answers(items, raters, classes, item, rater, answer, rounds, seconds, question)
        if repeats == "all" or (repeats is None and rounds is not None):
            return answers
        return _without(answers, superseded(item, rater, rounds, times))


def check_repeats(repeats: object) -> None:
    """Raise SettingError unless it is one of the words for it, or None."""
    if repeats not in (None, "all", "last"):
        raise SettingError(f"repeats is {repeats!r}.", mend="It can be 'all' or 'last'.")


def _require_columns(frame: pl.DataFrame) -> None:
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise InputError(
            f"There is no column {' or '.join(missing)}; there are {', '.join(frame.columns) or 'none'}.",
            mend="Answers need the columns item, rater and answer.",
        )


def _require_values(frame: pl.DataFrame) -> None:
    if frame.is_empty():
        raise InputError("There are no answers.", mend="At least one row with item, rater and answer is needed.")
    for name in REQUIRED:
        column = frame[name]
        empty = column.fill_nan(None).is_null() if column.dtype.is_float() else column.is_null()
        if empty.any():
            row = int(empty.arg_max() or 0) + 1
            raise InputError(
                f"The {name} in row {row} is empty.", place=Place(column=name), mend="Fill it in or leave out the row."
            )


def _one_question(frame: pl.DataFrame, question: str | None) -> tuple[pl.DataFrame, str | None]:
    if "question" not in frame.columns:
        return frame, question
    asked = frame["question"].cast(pl.String).unique().drop_nulls().sort().to_list()
    chosen = choose_question(asked, question)
    return (frame if question is None else frame.filter(pl.col("question").cast(pl.String) == question)), chosen


def choose_question(asked: list[str], question: str | None) -> str | None:
    """The one of the `asked` questions that is meant; InputError where that is not clear."""
    if question is None and len(asked) <= 1:
        return asked[0] if asked else None
    if question is None or question not in asked:
        many = question is None
        problem = f"There are answers to {len(asked)} questions" if many else f"Nobody answered {question!r}"
        raise InputError(f"{problem}: {', '.join(asked)}.", mend="Choose one of them with `question`.")
    return question


def _rounds(frame: pl.DataFrame) -> Codes:
    rounds = frame["round"].cast(pl.Int32, strict=False)
    if rounds.null_count():
        row = int(rounds.is_null().arg_max() or 0)
        place = Place(column="round", value=str(frame["round"][row]))
        raise InputError(f"The round in row {row + 1} is not a whole number.", place=place)
    return rounds.to_numpy()


def _times(frame: pl.DataFrame) -> Times | None:
    """The times of some rows, as what can be compared among all."""
    if "time" not in frame.columns:
        return None
    times = frame["time"]
    return lambda rows: comparable(times).gather(rows)


def _without(answers: Answers, dropped: NDArray[np.intp]) -> Answers:
    """The answers without those that later ones stand in for, and a notice of it."""
    if not len(dropped):
        return answers
    kept = np.ones(len(answers), dtype=bool)
    kept[dropped] = False
    notice = (
        f"{len(dropped):,} answers repeat a rater's own on the same item: the last one counts."
        if len(dropped) > 1
        else "1 answer repeats a rater's own on the same item: the last one counts."
    )
    return replace(answers.take(kept), notices=(*answers.notices, notice))
