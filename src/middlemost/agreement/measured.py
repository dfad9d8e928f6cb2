"""What the coefficients share: from a table of counts to a value with its bootstrap interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.errors import SettingError
from middlemost.inference.bootstrap import GroupedRows, percentile_interval
from middlemost.registry import Traits

Floats = NDArray[np.float64]


class Coefficient(Protocol):
    """A row of COEFFICIENTS: a frozen dataclass with one verb."""

    name: ClassVar[str]
    traits: ClassVar[Traits]

    def measure(self, answers: Answers) -> Agreement:
        """How far the raters agree."""
        ...


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """The settings of every interval: `draws` bootstrap samples of the items, at `confidence`, from `seed`."""

    draws: int = 1000
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise SettingError(f"confidence is {self.confidence}.", mend="It lies between 0 and 1; .95 is usual.")
        if self.draws < 100:
            raise SettingError(f"draws is {self.draws}.", mend="An interval needs at least 100.")
        if self.seed < 0:
            raise SettingError(f"seed is {self.seed}.", mend="It is a whole number from 0 up.")


class Statistic(Protocol):
    """A coefficient as a function of how often each row of a table of counts occurs; NaN where it is undefined."""

    def __call__(self, rows: Floats, weights: Floats) -> Floats:
        """`rows` (rows, classes), `weights` (draws, rows); one value a draw."""
        ...


def measured(
    name: str, statistic: Statistic, answers: Answers, settings: Resampling, *, note: str | None = None
) -> Agreement:
    """The coefficient of `answers` with its interval, or its declared value and the reason why it has none."""
    counts = answers.counts()
    counts = counts[counts.sum(axis=1) > 0]
    table = GroupedRows.of(counts)
    value, why = _value(table, statistic)
    low, high, why = (None, None, why) if why else _interval(table, statistic, value, settings)
    return Agreement(
        name=name,
        value=value,
        low=low,
        high=high,
        level=settings.confidence,
        n_items=len(counts),
        n_raters=int(np.count_nonzero(answers.per_rater())),
        n_answers=len(answers),
        note="; ".join(part for part in (why, note, _repeats(answers)) if part) or None,
    )


def _value(table: GroupedRows, statistic: Statistic) -> tuple[float, str | None]:
    """The coefficient, or its declared value and why."""
    if not len(table):
        return 0.0, "there are no answers, so the coefficient is set to 0"
    if not _comparable(table):
        return 0.0, "no item has two answers, so nothing can be compared and the coefficient is set to 0"
    value = float(statistic(table.rows, table.times[None].astype(float))[0])
    if np.isnan(value):
        return 0.0, "all answers are the same: chance alone would agree as well, so the coefficient is set to 0"
    return value, None


def _interval(
    table: GroupedRows, statistic: Statistic, value: float, settings: Resampling
) -> tuple[float | None, float | None, str | None]:
    """Its ends, or why there is none."""
    comparable = _comparable(table)
    if comparable == 1:
        return None, None, "no interval: only one item has two answers"
    if value >= 1 - 1e-12:
        return None, None, f"no interval: all answers to the {comparable:,} items with two or more agree"
    found = percentile_interval(
        table,
        lambda weights: statistic(table.rows, weights),
        draws=settings.draws,
        level=settings.confidence,
        seed=settings.seed,
    )
    if found is None:
        return None, None, "no interval: too few items, many samples of them have only one kind of answer"
    return *found, None


def _comparable(table: GroupedRows) -> int:
    """How many items have two answers or more."""
    return int(table.times[table.rows.sum(axis=1) > 1].sum())


def _repeats(answers: Answers) -> str | None:
    repeated = answers.repeated()
    if not repeated:
        return None
    what = "1 answer repeats" if repeated == 1 else f"{repeated:,} answers repeat"
    return f"{what} a rater's own on the same item, taken as if given by another rater"
