"""What the coefficients share: from answers to a value with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, get_args

import numpy as np
from scipy.special import stdtrit

from middlemost.agreement.statistic import ByClass, Spread, Statistic, noted
from middlemost.agreement.tally import Floats, Rows, Signatures, total
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.errors import SettingError
from middlemost.inference.bootstrap import GroupedRows, percentile_interval, percentiles
from middlemost.registry import Traits

Ends = tuple[float | None, float | None, str | None]
Interval = Literal["items", "raters", "formula"]


class Coefficient(Protocol):
    """A row of COEFFICIENTS: a frozen dataclass with one verb."""

    name: ClassVar[str]
    traits: ClassVar[Traits]

    def measure(self, answers: Answers) -> Agreement:
        """How far the raters agree."""
        ...


class Categorical(Coefficient, Protocol):
    """A coefficient that is a function of sums over items; breakdowns work with these."""

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """The function, and a note on what it assumes of these answers."""
        ...


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """The settings of every interval: `draws` bootstrap samples at `confidence`, from `seed`.

    `interval` says what is drawn: "items", for other items and the same raters; "raters", for other raters and the same
    items; or nothing, but the published standard error taken with Student's t: "formula".
    """

    draws: int = 1000
    confidence: float = 0.95
    seed: int = 0
    interval: Interval = "items"

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise SettingError(f"confidence is {self.confidence}.", mend="It lies between 0 and 1; .95 is usual.")
        if self.draws < 100:
            raise SettingError(f"draws is {self.draws}.", mend="An interval needs at least 100.")
        if self.seed < 0:
            raise SettingError(f"seed is {self.seed}.", mend="It is a whole number from 0 up.")
        if self.interval not in get_args(Interval):
            raise SettingError(f"interval is {self.interval!r}.", mend=f"It can be {', '.join(get_args(Interval))}.")


@dataclass(frozen=True, eq=False)
class Sample:
    """The table of a statistic with equal rows held once."""

    rows: Rows
    grouped: GroupedRows

    @classmethod
    def of(cls, statistic: Statistic, answers: Answers) -> Sample:
        """The table of the items that have answers."""
        counts = statistic.table(answers)
        answered = answers.per_item() > 0
        # Where columns are raters, the order of equal-looking rows could hang on names: signatures do not.
        keys = None if isinstance(statistic, ByClass) else Signatures.of(answers).item[answered]
        grouped = GroupedRows.of(counts if answered.all() else counts[answered], keys)
        return cls(Rows.of(grouped.rows), grouped)

    @property
    def times(self) -> Floats:
        """How often each row occurs."""
        return self.grouped.times.astype(float)

    @property
    def n_comparable(self) -> int:
        """How many items have two answers or more."""
        return int(self.grouped.times[self.rows.comparable].sum())


def measured(
    name: str, statistic: Statistic, answers: Answers, settings: Resampling, *, note: str | None = None
) -> Agreement:
    """The coefficient of `answers` with its interval, or its declared value and the reason why it has none."""
    sample = Sample.of(statistic, answers)
    features = statistic.features(sample.rows)
    value = float(statistic.value(total(features, sample.times[None]))[0])
    why = _undefined(statistic, sample, value)
    spread = None if why else statistic.spread(sample.rows, sample.times)

    def on_items(weights: Floats) -> Floats:
        return statistic.value(total(features, weights))

    low, high, why = None, None, noted(why, _no_interval(sample, value))
    if why is None and settings.interval == "formula":
        low, high, why = _by_formula(value, spread, settings)
    elif why is None and settings.interval == "raters":
        low, high, why = _over_raters(statistic, answers, settings)
    elif why is None:
        found = percentile_interval(
            sample.grouped, on_items, draws=settings.draws, level=settings.confidence, seed=settings.seed,
            width=features.shape[1],
        )  # fmt: skip
        low, high, why = _ends(found, "items")
    return Agreement(
        name=name,
        value=0.0 if np.isnan(value) else value,
        low=low,
        high=high,
        level=settings.confidence,
        n_items=len(sample.grouped),
        n_raters=int(np.count_nonzero(answers.per_rater())),
        n_answers=len(answers),
        note=noted(why, note, _repeats(answers, statistic.own_repeats)),
        standard_error=spread and spread.standard_error,
        resampled=settings.interval,
    )


def _undefined(statistic: Statistic, sample: Sample, value: float) -> str | None:
    """Why the value is a declared one."""
    if not len(sample.grouped):
        return "there are no answers, so the coefficient is set to 0"
    if not sample.n_comparable:
        return "no item has two answers, so nothing can be compared and the coefficient is set to 0"
    if np.isnan(value):
        return statistic.undefined
    return None


def _no_interval(sample: Sample, value: float) -> str | None:
    if sample.n_comparable == 1:
        return "no interval: only one item has two answers"
    if value >= 1 - 1e-12:
        return f"no interval: all answers to the {sample.n_comparable:,} items with two or more agree"
    return None


def _by_formula(value: float, spread: Spread | None, settings: Resampling) -> Ends:
    if spread is None:
        return None, None, "no interval: no standard error is published for this coefficient on such answers"
    half = float(stdtrit(spread.freedom, (1 + settings.confidence) / 2)) * spread.standard_error
    return value - half, min(1.0, value + half), None


def _over_raters(statistic: Statistic, answers: Answers, settings: Resampling) -> Ends:
    """Draw raters with replacement; the copies of one are never compared with each other."""
    raters = np.flatnonzero(answers.per_rater())
    if len(raters) < 3:
        return None, None, f"no interval: {len(raters)} raters are too few to draw from"
    raters = raters[np.argsort(Signatures.of(answers).rater[raters], kind="stable")]
    rng, value_of, values = np.random.default_rng(settings.seed), statistic.of_raters(answers), []
    for _ in range(settings.draws):
        drawn = raters[rng.integers(len(raters), size=len(raters))]
        values.append(value_of(np.bincount(drawn, minlength=answers.n_raters).astype(float)))
    return _ends(percentiles(np.array(values), settings.confidence), "raters")


def _ends(found: tuple[float, float] | None, drawn: str) -> Ends:
    if found is None:
        return None, None, f"no interval: too few {drawn}, many samples of them have only one kind of answer"
    return *found, None


def _repeats(answers: Answers, fate: str) -> str | None:
    repeated = answers.repeated()
    if not repeated:
        return None
    said = "1 answer repeats" if repeated == 1 else f"{repeated:,} answers repeat"
    return f"{said} a rater's own on the same item: {fate}"
