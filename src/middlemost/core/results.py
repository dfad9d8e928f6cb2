"""What the methods return: frozen, self-describing, with Polars frames for people and arrays for programs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.estimate import Estimate


@dataclass(frozen=True)
class Agreement:
    """How far raters agree: one coefficient with its interval.

    Where the data cannot carry the coefficient (one class, no item with two answers), `value` is the declared value,
    `low` and `high` are None, and `note` says why.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    level: float
    n_items: int
    n_raters: int
    n_answers: int
    note: str | None = None

    @property
    def estimate(self) -> Estimate:
        """The same as an `Estimate`, for views."""
        return Estimate(self.value, self.low, self.high, self.level, self.n_items, self.note)


@dataclass(frozen=True, eq=False)
class Consensus:
    """Labels concluded from answers, how sure, and who is good.

    `labels`: frame (item, label, confidence, n_answers, share), one row an item, sorted by item; `share` is the share
    of the item's answers that chose the label. `probabilities`: (items, classes) floats whose axes `items` and
    `classes` name. `raters`: frame (rater, n_answers, accuracy, low, high), intervals at 95 %. `confusion`: (raters,
    classes, classes), true class by answered class, None where the method has none. `log_likelihood` is unpenalised
    and in sample; `objective` is what the iterations raise; both None where the method has none. `calibrated` tells
    whether the confidences were set right against gold. `error`: the share of wrong labels among all items, None
    without gold drawn at random.
    """

    method: str
    items: pl.Series
    classes: pl.Series
    probabilities: NDArray[np.float64]
    labels: pl.DataFrame
    raters: pl.DataFrame
    class_prior: NDArray[np.float64]
    confusion: NDArray[np.float64] | None = None
    log_likelihood: float | None = None
    objective: float | None = None
    history: tuple[float, ...] = ()
    n_iter: int = 0
    converged: bool = True
    calibrated: bool = False
    error: Estimate | None = None
    notices: tuple[str, ...] = ()
