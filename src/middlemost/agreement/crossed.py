"""Numeric answers as a full table: the items that every rater answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from middlemost.agreement.measured import Resampling
from middlemost.agreement.statistic import noted
from middlemost.agreement.tally import Floats
from middlemost.agreement.weights import as_numbers
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement
from middlemost.errors import Place, SettingError
from middlemost.inference.bootstrap import percentiles


@dataclass(frozen=True, eq=False)
class Crossed:
    """`values` (items, raters): the mean of a rater's answers to an item. `note` says how many items were left out."""

    values: Floats
    note: str | None

    @classmethod
    def of(cls, answers: Answers) -> Crossed:
        """The items that all raters answered; SettingError where answers are no numbers."""
        numbers = _numbers(answers)
        raters = np.flatnonzero(answers.per_rater())
        met = answers.item.astype(np.int64) * answers.n_raters + answers.rater
        pairs, inverse = np.unique(met, return_inverse=True)
        means = np.bincount(inverse, numbers[answers.answer]) / np.bincount(inverse) if len(pairs) else np.empty(0)
        per_item = np.bincount(pairs // max(answers.n_raters, 1), minlength=answers.n_items)
        full = per_item[pairs // max(answers.n_raters, 1)] == max(len(raters), 1)
        values = means[full].reshape(-1, max(len(raters), 1))
        answered = int(np.count_nonzero(per_item))
        note = f"{answered - len(values):,} of {answered:,} items lack an answer from some rater and are left out"
        return cls(_in_order(values), None if len(values) == answered else note)


@dataclass(frozen=True)
class OfNumbers(Resampling):
    """A coefficient of numeric answers, every rater of which answered every item."""

    name: ClassVar[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.interval == "raters":
            mend = "'items' draws items; an interval by 'formula' is there where one is published."
            raise SettingError(f"There is no interval over raters for {self.name}.", mend=mend)

    def report(
        self,
        answers: Answers,
        value_of: Callable[[Floats], float],
        by_formula: Callable[[Floats, float], tuple[float, float, float | None] | None] | None = None,
    ) -> Agreement:
        """The value with its interval, or the declared one and why. `by_formula` gives low, high, standard error."""
        table = Crossed.of(answers)
        values, why = table.values, _too_small(table.values)
        value = np.nan if why else value_of(values)
        if why is None and np.isnan(value):
            why = "the answers do not vary, so the coefficient is set to 0"
        formula = by_formula(values, value) if by_formula and why is None else None
        low, high = None, None
        if why is None and self.interval == "formula":
            low, high = (formula[0], formula[1]) if formula else (None, None)
            why = None if formula else "no interval: none is published for this coefficient on such answers"
        elif why is None:
            low, high, why = self._over_items(values, value_of)
        return Agreement(
            name=self.name,
            value=0.0 if np.isnan(value) else float(value),
            low=low,
            high=high,
            level=self.confidence,
            n_items=len(values),
            n_raters=int(np.count_nonzero(answers.per_rater())),
            n_answers=len(answers),
            note=noted(why, table.note),
            standard_error=formula[2] if formula else None,
            resampled=self.interval,
        )

    def _over_items(
        self, values: Floats, value_of: Callable[[Floats], float]
    ) -> tuple[float | None, float | None, str | None]:
        rng, n = np.random.default_rng(self.seed), len(values)
        drawn = (value_of(values[rng.integers(n, size=n)]) for _ in range(self.draws))
        found = percentiles(np.fromiter(drawn, dtype=float, count=self.draws), self.confidence)
        if found is None:
            return None, None, "no interval: in many samples of the items the answers do not vary"
        return *found, None


def _too_small(values: Floats) -> str | None:
    if len(values) < 3:
        return "fewer than three items have an answer from every rater, so the coefficient is set to 0"
    if values.shape[1] < 2:
        return "there is only one rater, so nothing can be compared and the coefficient is set to 0"
    return None


def _numbers(answers: Answers) -> Floats:
    numbers = as_numbers(answers.classes)
    if numbers is None:
        wrong = next(name for name in answers.classes if as_numbers(pl.Series([name])) is None)
        raise SettingError(
            "This coefficient needs answers that are numbers.", place=Place(column="answer", value=wrong),
            mend="Use alpha or a kappa for classes.",
        )  # fmt: skip
    return numbers


def _in_order(values: Floats) -> Floats:
    """Raters and items in an order that does not depend on their names: raters by their numbers, items by theirs."""
    if not len(values):
        return values
    by_rater = np.lexsort([(values**power).sum(axis=0) for power in (3, 2, 1)])
    return values[:, by_rater][np.lexsort(values[:, by_rater].T)]
