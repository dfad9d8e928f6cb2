"""Krippendorff's alpha."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.agreement.measured import Resampling, Statistic, measured
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.errors import Place, SettingError
from middlemost.registry import Traits

Floats = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True)
class Alpha(Resampling):
    """Krippendorff's alpha: 1 - observed / expected disagreement, over the items with two answers or more.

    `level` says how far apart two answers are: "nominal" equal or not, "ordinal" by the ranks between them (numbers
    by size, else in sorted order), "interval" by their squared difference, "ratio" by their squared relative
    difference; the last two need numbers. The confidence interval resamples items.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11221221")})
    >>> round(Alpha().measure(encode(frame)).value, 4)
    0.125
    """

    level: Level = "nominal"
    name: ClassVar[str] = "alpha"
    traits: ClassVar[Traits] = Traits(
        source="Krippendorff 2011, Computing Krippendorff's Alpha-Reliability", intervals=True
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.level not in get_args(Level):
            raise SettingError(f"level is {self.level!r}.", mend=f"It can be {', '.join(get_args(Level))}.")

    def measure(self, answers: Answers) -> Agreement:
        """Alpha with its bootstrap interval; SettingError where the level needs numbers and the answers are none."""
        note = None
        statistic: Statistic = nominal
        if self.level == "ordinal":
            places, note = _places(answers.classes)
            statistic = partial(ordinal, places=places)
        elif self.level != "nominal":
            statistic = partial(metric, distance=_distance(self.level, _numbers(answers.classes, self.level)))
        return measured(self.name, statistic, answers, self, note=note)


def nominal(rows: Floats, weights: Floats) -> Floats:
    """Alpha where two answers are equal or not."""
    n, rows, weights = _comparable(rows, weights)
    within = (n**2 - (rows**2).sum(axis=1)) / (n - 1)
    classes, total = weights @ rows, weights @ n
    return _alpha(weights @ within, total**2 - (classes**2).sum(axis=1), total)


def metric(rows: Floats, weights: Floats, *, distance: Floats) -> Floats:
    """Alpha under fixed squared distances (classes, classes)."""
    n, rows, weights = _comparable(rows, weights)
    within = ((rows @ distance) * rows).sum(axis=1) / (n - 1)
    classes = weights @ rows
    return _alpha(weights @ within, ((classes @ distance) * classes).sum(axis=1), weights @ n)


def ordinal(rows: Floats, weights: Floats, *, places: NDArray[np.intp]) -> Floats:
    """Alpha under the ordinal metric, whose distances are differences of mid-ranks and so depend on the sample."""
    n, rows, weights = _comparable(rows[:, places], weights)
    classes = weights @ rows
    ranks = np.cumsum(classes, axis=1) - classes / 2
    squares, sums = ranks**2 @ rows.T, ranks @ rows.T
    within = 2 * (weights * (n * squares - sums**2) / (n - 1)).sum(axis=1)
    total = weights @ n
    expected = 2 * (total * (classes * ranks**2).sum(axis=1) - (classes * ranks).sum(axis=1) ** 2)
    return _alpha(within, expected, total)


def _comparable(rows: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Numbers of answers, rows and weights of the items with two answers or more."""
    n = rows.sum(axis=1)
    several = n > 1
    return n[several], rows[several], weights[:, several]


def _alpha(within: Floats, overall: Floats, total: Floats) -> Floats:
    """1 - observed / expected; NaN where nothing could disagree."""
    expected = np.where(overall > 1e-12 * np.maximum(total, 1), overall, np.nan)
    return np.asarray(1 - (total - 1) * within / expected)


def _places(classes: pl.Series) -> tuple[NDArray[np.intp], str | None]:
    numbers = classes.cast(pl.Float64, strict=False)
    if numbers.null_count() == 0 and numbers.is_finite().all():
        return np.argsort(numbers.to_numpy(), kind="stable"), None
    return np.arange(len(classes)), f"the answers are not numbers and were taken in this order: {_listed(classes)}"


def _listed(classes: pl.Series, most: int = 10) -> str:
    return ", ".join(classes.head(most)) + (", …" if len(classes) > most else "")


def _numbers(classes: pl.Series, level: Level) -> Floats:
    numbers = classes.cast(pl.Float64, strict=False)
    wrong = classes.filter(numbers.is_null() | ~numbers.is_finite().fill_null(False))
    if len(wrong):
        place, mend = Place(column="answer", value=wrong[0]), "Use level='nominal', or 'ordinal' for ordered classes."
        raise SettingError(f"Alpha at the {level} level needs answers that are numbers.", place=place, mend=mend)
    if level == "ratio" and float(numbers.min() or 0) < 0:  # type: ignore[arg-type]
        place = Place(column="answer", value=str(classes[int(numbers.arg_min() or 0)]))
        mend = "Use level='interval'."
        raise SettingError("Alpha at the ratio level needs answers from 0 up.", place=place, mend=mend)
    return numbers.to_numpy()


def _distance(level: Level, values: Floats) -> Floats:
    difference = values[:, None] - values
    if level == "interval":
        # Scaled, so that answers such as 1e200 do not overflow; alpha does not change.
        return np.asarray((difference / (np.abs(difference).max(initial=0) or 1)) ** 2)
    together = values[:, None] + values
    return np.asarray((difference / np.where(together == 0, 1, together)) ** 2)
