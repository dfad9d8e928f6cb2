"""Krippendorff's alpha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.agreement.distances import Distance, Ranked, Squared, Tabulated, within
from middlemost.agreement.measured import Resampling, measured
from middlemost.agreement.sets import set_distance
from middlemost.agreement.statistic import ByClass, Spread, Statistic
from middlemost.agreement.tally import Floats, Matrix, Rows, beside, by_class, scaled, total
from middlemost.agreement.weights import (
    Custom,
    Weighting,
    as_numbers,
    bipolar_distance,
    circular_distance,
    in_order,
    require_few,
    require_weighting,
    tabulated,
    weigh,
)
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.errors import Place, SettingError
from middlemost.registry import Traits

Level = Literal["nominal", "ordinal", "interval", "ratio", "circular", "bipolar", "jaccard", "masi"]


@dataclass(frozen=True)
class Alpha(Resampling):
    """Krippendorff's alpha: 1 - observed / expected disagreement, over the items with two answers or more.

    `level` says how far apart two answers are: "nominal" equal or not, "ordinal" by the ranks between them (numbers
    by size, else in sorted order), "interval" by their squared difference, "ratio" by their squared relative
    difference, "circular" by the chord where the scale closes (hours, angles: `period` is its length, one more than
    from least to greatest by default), "bipolar" where the ends of the scale are far; these four need numbers.
    "jaccard" and "masi" take an answer as the set of labels between its `separator`s. `distance` is a distance of your
    own, a function or mapping of two answers; `weights` one of Gwet's weightings, as in R's irrCAC.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11221221")})
    >>> round(Alpha().measure(encode(frame)).value, 4)
    0.125
    """

    level: Level = "nominal"
    period: float | None = None
    separator: str = "|"
    distance: Custom | None = None
    weights: Weighting | Custom | None = None
    name: ClassVar[str] = "alpha"
    traits: ClassVar[Traits] = Traits(
        source="Krippendorff 2011, Computing Krippendorff's Alpha-Reliability", intervals=True
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.level not in get_args(Level):
            raise SettingError(f"level is {self.level!r}.", mend=f"It can be {', '.join(get_args(Level))}.")
        if self.weights is not None:
            require_weighting(self.weights)
        if sum([self.level != "nominal", self.distance is not None, self.weights is not None]) > 1:
            raise SettingError("Only one of level, distance and weights can say how far apart answers are.")
        if self.period is not None and (self.level != "circular" or not self.period > 0):
            raise SettingError(f"period is {self.period}.", mend="It is a number above 0, for level='circular'.")
        if not self.separator:
            raise SettingError("separator is empty.", mend="It stands between the labels of one answer: '|', say.")

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """Alpha as a function of sums; SettingError where the level needs numbers and the answers are none."""
        if self.level == "ordinal":
            order, note = _order(answers.classes)
            return RankedAlpha(Ranked.of(order, by_class(answers))), note
        distance, note = self._distance(answers.classes)
        return FixedAlpha(distance), note

    def measure(self, answers: Answers) -> Agreement:
        """Alpha with its interval; SettingError where the level needs numbers and the answers are none."""
        statistic, note = self.statistic(answers)
        return measured(self.name, statistic, answers, self, note=note)

    def _distance(self, classes: pl.Series) -> tuple[Distance, str | None]:
        if self.weights is not None:
            weights, note = weigh(classes, self.weights)
            return Tabulated(None if weights is None else 1 - weights), note
        if self.distance is not None:
            return Tabulated(_custom(classes, self.distance)), None
        if self.level in ("jaccard", "masi"):
            return Tabulated(set_distance(classes, self.separator, masi=self.level == "masi")), None
        if self.level == "nominal":
            return Tabulated(), None
        return _of_numbers(_numbers(classes, self.level), self), None


@dataclass(frozen=True, eq=False)
class FixedAlpha(ByClass):
    """Alpha under distances that do not depend on the sample."""

    distance: Distance

    def features(self, rows: Rows) -> Matrix:
        """Disagreement within, n and itself, then the distribution, of items that can be compared."""
        some = rows.comparable.astype(float)
        first = [within(self.distance, rows), some * rows.n, some * rows.itself]
        return beside(first, scaled(self.distance.columns(rows), some))

    def value(self, sums: Floats) -> Floats:
        """Alpha for each row of sums."""
        n = sums[:, 1]
        return _alpha(sums[:, 0], self.distance.overall(sums[:, 3:], n), n, sums[:, 2])

    def spread(self, rows: Rows, times: Floats) -> Spread | None:
        """Gwet's standard error (irrCAC for R 1.4), over the items with two answers or more."""
        some = times * rows.comparable
        sums = total(self.features(rows), times[None])
        n_items, n = some.sum(), sums[0, 1]
        overall = float(self.distance.overall(sums[:, 3:], sums[:, 1])[0]) / n**2
        if n_items < 2 or overall <= 1e-12:
            return None
        observed = sums[0, 0] / n
        own = within(self.distance, rows) - observed * rows.n
        across = 2 * (self.distance.across(rows, sums[0, 3:], n) / n - overall * rows.n)
        linear = (observed / overall * across - own) / overall * n_items / n
        error = np.sqrt(some @ linear**2 / (n_items * (n_items - 1)))
        return Spread(float(error), int(times @ (rows.n > 0)) - 1)


@dataclass(frozen=True, eq=False)
class RankedAlpha(ByClass):
    """Alpha at the ordinal level, whose distances are differences of mid-ranks and so depend on the sample."""

    ranked: Ranked

    def features(self, rows: Rows) -> Matrix:
        """What the ranks multiply."""
        return self.ranked.features(rows)

    def value(self, sums: Floats) -> Floats:
        """Alpha for each row of sums."""
        return _alpha(*self.ranked.sums(sums))

    def spread(self, rows: Rows, times: Floats) -> Spread | None:
        """None is published for distances that depend on the sample."""
        return None


def _alpha(within: Floats, overall: Floats, n: Floats, itself: Floats) -> Floats:
    """1 - observed / expected; NaN where nothing could disagree."""
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.where(overall > 1e-12 * np.maximum(n, 1), overall / (n**2 - itself), np.nan)
        return np.asarray(1 - within / n / expected)


def _of_numbers(values: Floats, settings: Alpha) -> Distance:
    if settings.level == "interval":
        return Squared.of(values)
    if len(values) < 2:
        return Tabulated()
    require_few(pl.Series(values))
    if settings.level == "circular":
        return Tabulated(circular_distance(values, settings.period))
    if settings.level == "bipolar":
        return Tabulated(bipolar_distance(values))
    together = values[:, None] + values
    return Tabulated(((values[:, None] - values) / np.where(together == 0, 1, together)) ** 2)


def _custom(classes: pl.Series, given: Custom) -> Floats:
    require_few(classes)
    table = tabulated(classes, given, same=0.0)
    if table.min(initial=0) < 0:
        raise SettingError("A distance is below 0.", mend="Equal answers are 0 apart, others more.")
    return table / (table.max(initial=0) or 1)


def _order(classes: pl.Series) -> tuple[NDArray[np.intp], str | None]:
    numbers = as_numbers(classes)
    if numbers is not None:
        return np.argsort(numbers, kind="stable"), None
    return np.arange(len(classes)), in_order(classes)


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
