"""Answers that are numbers: a guess, a rating, a point on a scale."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers, Repeats, encode
from middlemost.errors import InputError, Place

MEND = "Write numbers with a point and no thousands separator, as in 1207.5."
_TOO_LARGE = 1e100


@dataclass(frozen=True, eq=False)
class NumericAnswers(Answers):
    """Answers whose classes are the texts of finite numbers; `values` are those numbers, one an answer.

    Coefficients of agreement take them as they are: they are `Answers` too.

    >>> frame = pl.DataFrame({"item": ["ox", "ox"], "rater": ["ann", "bob"], "answer": [1207.0, 1197.5]})
    >>> answers = encode_numbers(frame)
    >>> answers.values.tolist(), answers.classes.to_list()
    ([1207.0, 1197.5], ['1197.5', '1207.0'])
    """

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """What was answered, float64, in the order of the input."""
        return self.classes.cast(pl.Float64).to_numpy()[self.answer]


def encode_numbers(
    frame: pl.DataFrame, *, repeats: Repeats | None = None, question: str | None = None
) -> NumericAnswers:
    """Code a long frame as `encode` does, with an `answer` that is a number or the text of one.

    Raises InputError where it is not, or not finite, as well as for what `encode` refuses.
    """
    return as_numbers(encode(frame, repeats=repeats, question=question))


def as_numbers(answers: Answers) -> NumericAnswers:
    """The same answers, as numbers: 7, 7.0 and 07 become one class. Raises InputError where one is no finite number."""
    if isinstance(answers, NumericAnswers):
        return answers
    numbers = _floats(answers.classes)
    bad = not_numbers(answers.classes)
    if bad.any():
        value = answers.classes.filter(bad).sort()[0]
        raise InputError("An answer is not a number.", place=Place(column="answer", value=value), mend=MEND)
    classes, position = _coded(numbers)
    columns = {field.name: getattr(answers, field.name) for field in fields(answers)}
    return NumericAnswers(**columns | {"classes": classes, "answer": position[answers.answer]})


def not_numbers(texts: pl.Series) -> pl.Series:
    """Which texts are there, but are no finite numbers (from 10¹⁰⁰ on, sums of squares are not).

    >>> not_numbers(pl.Series(["1207", " 1e3", "12,5", "inf", None])).to_list()
    [False, False, True, True, False]
    """
    return ~(_floats(texts).abs() < _TOO_LARGE).fill_null(False) & texts.is_not_null()


def _floats(texts: pl.Series) -> pl.Series:
    return texts.str.strip_chars().cast(pl.Float64, strict=False) + 0.0  # so that -0 is 0


def _coded(numbers: pl.Series) -> tuple[pl.Series, NDArray[np.int32]]:
    """One text for each different number, sorted as texts, and the place of each of `numbers` among them."""
    whole = bool(((numbers == numbers.round()) & (numbers.abs() < 2**53)).all())
    different, place = np.unique(numbers.to_numpy(), return_inverse=True)
    texts = pl.Series(different).cast(pl.Int64 if whole else pl.Float64).cast(pl.String)
    order = texts.arg_sort().to_numpy()
    position = np.empty(len(order), dtype=np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    return texts.gather(order), position[place]
