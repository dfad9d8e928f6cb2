"""What a model says of items: a probability for each class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.errors import InputError, Place

Floats = NDArray[np.float64]

LONG = ("item", "label", "probability")
OFF = 0.02  # by which a row's sum may miss 1: numbers printed with few decimals, or held in 16 bits, do


@dataclass(frozen=True, eq=False)
class Probabilities:
    """`values` (items, classes) of a model: `items` and `classes` are sorted String series, every row sums to 1.

    >>> frame = pl.DataFrame({"item": ["b", "a"], "no": [0.25, 1.0], "yes": [0.75, 0.0]})
    >>> found = as_probabilities(frame)
    >>> found.items.to_list(), found.classes.to_list(), found.values.tolist()
    (['a', 'b'], ['no', 'yes'], [[1.0, 0.0], [0.25, 0.75]])
    """

    items: pl.Series
    classes: pl.Series
    values: Floats

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class Flaw:
    """What is wrong in which row (from 0) and column of a frame; no row where it is about all of them."""

    message: str
    mend: str
    row: int | None = None
    column: str | None = None
    value: str | None = None


ModelLike = Probabilities | pl.DataFrame | Mapping[str, Probabilities | pl.DataFrame]


def as_probabilities(given: Probabilities | pl.DataFrame) -> Probabilities:
    """Probabilities from a frame with a column item and one column a class, or with columns item, label, probability.

    In the second form a pair of item and label that is not there has probability 0. Rows may miss a sum of 1 by .02,
    as rounded ones do, and are then scaled. InputError for an empty value, one that is no number from 0 to 1, another
    sum, an item or pair that comes twice, or nothing at all.
    """
    if isinstance(given, Probabilities):
        return given
    if flaw := next(flaws(given), None):
        file = "the probabilities" if flaw.row is None else f"the probabilities, row {flaw.row + 1}"
        raise InputError(flaw.message, place=Place(file, None, flaw.column, flaw.value), mend=flaw.mend)
    return arranged(given)


def flaws(frame: pl.DataFrame) -> Iterator[Flaw]:
    """What keeps a frame, its values numbers or their text, from being probabilities; the first one is to be told."""
    columns = value_columns(frame)
    if "item" not in frame.columns or not columns:
        mend = "They need a column item and one column a class, or the columns item, label and probability."
        yield Flaw(f"The columns are {', '.join(frame.columns) or 'none'}.", mend)
        return
    if not frame.height:
        yield Flaw("There are no probabilities.", "Give a row for each item that has answers.")
    for name in ("item", "label") if is_long(frame) else ("item",):
        for row in frame[name].is_null().arg_true():
            yield Flaw(f"The {name} is empty.", "Fill it in or leave out the row.", row, name)
    yield from _twice(frame)
    for name in columns:
        yield from _no_share(frame[name])
    yield from _no_whole(frame)


def arranged(frame: pl.DataFrame) -> Probabilities:
    """The probabilities of a frame without flaws."""
    if not is_long(frame):
        frame = frame.sort("item")
        names = pl.Series(sorted(value_columns(frame)), dtype=pl.String)
        values = frame.select(pl.col(names.to_list()).cast(pl.Float64)).to_numpy().astype(float)
        return Probabilities(frame["item"].cast(pl.String), names, values / values.sum(axis=1, keepdims=True))
    items, item = _coded(frame["item"])
    classes, label = _coded(frame["label"])
    values = np.zeros((len(items), len(classes)))
    values[item, label] = frame["probability"].cast(pl.Float64).to_numpy()
    return Probabilities(items, classes, values / values.sum(axis=1, keepdims=True))


def is_long(frame: pl.DataFrame) -> bool:
    """Whether each row holds one class's probability."""
    return set(LONG) <= set(frame.columns)


def value_columns(frame: pl.DataFrame) -> list[str]:
    """The columns that hold probabilities."""
    return ["probability"] if is_long(frame) else [name for name in frame.columns if name != "item"]


def _coded(column: pl.Series) -> tuple[pl.Series, NDArray[np.int64]]:
    names = column.cast(pl.String)
    axis = names.unique().sort()
    return axis, names.cast(pl.Enum(axis)).to_physical().cast(pl.Int64).to_numpy()


def _twice(frame: pl.DataFrame) -> Iterator[Flaw]:
    keys = [frame["item"], frame["label"]] if is_long(frame) else [frame["item"]]
    for row in (~pl.select(pl.struct(keys).is_first_distinct()).to_series()).arg_true():
        name = str(frame["item"][row])
        again = f"Item {name!r} has the label {frame['label'][row]!r}" if is_long(frame) else f"Item {name!r} comes"
        yield Flaw(f"{again} a second time.", "Each item has one row of probabilities.", row, "item", name)


def _no_share(column: pl.Series) -> Iterator[Flaw]:
    """Values that are no number from 0 to 1."""
    numbers = column.cast(pl.Float64, strict=False)
    fine = (numbers.is_between(0, 1 + OFF) & numbers.is_finite()).fill_null(False)
    for row in (~fine).arg_true():
        value = None if column[row] is None else str(column[row])
        if value is None:
            message, mend = "The probability is empty.", "Fill it in; 0 says that the model rules the class out."
        elif numbers[row] is None:
            message, mend = "This is no number.", "Every column but item holds the probabilities of a class."
        else:
            message, mend = "This is no probability.", "Probabilities lie between 0 and 1."
        yield Flaw(message, mend, row, column.name, value)


def _no_whole(frame: pl.DataFrame) -> Iterator[Flaw]:
    """Items whose probabilities do not sum to 1."""
    _, item = _coded(frame["item"])
    sums = np.bincount(item, frame.select(pl.sum_horizontal(pl.col(value_columns(frame)).cast(pl.Float64))).to_series())
    for row in np.flatnonzero(np.abs(sums[item] - 1) > OFF).tolist():
        message = f"The probabilities of item {str(frame['item'][row])!r} sum to {sums[item[row]]:.3g}, not to 1."
        mend = "Scores become probabilities by softmax, counts by division by their sum."
        yield Flaw(message, mend, row)
