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
    `low` and `high` are None, and `note` says why. `standard_error` is the published one by formula, None where there
    is none; `resampled` says what `low` and `high` rest on: bootstrap samples of "items" or "raters", or a "formula".
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
    standard_error: float | None = None
    resampled: str = "items"

    @property
    def estimate(self) -> Estimate:
        """The same as an `Estimate`, for views."""
        return Estimate(self.value, self.low, self.high, self.level, self.n_items, self.note)


@dataclass(frozen=True, eq=False)
class IntraRater:
    """How far raters agree with themselves when they meet an item again.

    `agreement`: the share of pairs of a rater's own answers to an item that are equal; `alpha`: the same beyond chance.
    In both, `n_items` counts the (rater, item) pairs that were answered more than once, `n_raters` the raters who did
    so. `most_right`: the largest share of single answers that can be right if raters answer so. `raters`: frame (rater,
    n_items, n_repeats, agreement, low, high), intervals at 95 %; who is most surely inconsistent comes first.
    `n_repeats`: answers after a rater's first to the item. Where there are none, the values are declared ones, and
    `sentence` and the notes say why.
    """

    agreement: Agreement
    alpha: Agreement
    most_right: Estimate
    raters: pl.DataFrame
    n_repeats: int
    sentence: str


@dataclass(frozen=True, eq=False)
class Calibration:
    """How a consensus was set right against gold, every figure cross-fitted: no gold item had a say in its own.

    `chosen`: "blend" of all models, "votes" for the blend without a model that was given beside the answers, or the one
    model; `margin`: by how much its log-loss (nats a gold item) is below the best other's, with `margin_error`, the
    standard error of that. `models`: frame (model, log_loss, accuracy, weight), best first; a weight is the model's
    part in the chosen. `held`: frame (item, truth, label, confidence), one row a gold item, by item; `truth` is None
    for a label that nobody answered. `reliability`: frame (low, high, n,
    confidence, right, right_low, right_high), one row a range of confidence. `by_class`: frame (label, given, wrong,
    low, high, true, missed, missed_low, missed_high): of the gold items given the label the share wrong, of those that
    truly have it the share missed. `apart`: by how many standard errors the gold items are harder to label than the
    others; where these are not alike, the items without gold had no say in the share of wrong labels. Intervals in the
    frames are at 95 %.
    """

    chosen: str
    margin: float
    margin_error: float
    models: pl.DataFrame
    held: pl.DataFrame
    reliability: pl.DataFrame
    by_class: pl.DataFrame
    apart: float

    @property
    def n_gold(self) -> int:
        """How many gold items it rests on."""
        return len(self.held)


@dataclass(frozen=True, eq=False)
class Consensus:
    """Labels concluded from answers, how sure, and who is good.

    `labels`: frame (item, label, confidence, n_answers, share), one row an item, sorted by item; `share` is the share
    of the item's answers that chose the label. `probabilities`: (items, classes) floats whose axes `items` and
    `classes` name. `raters`: frame (rater, n_answers, accuracy, low, high), intervals at 95 %. `confusion`: (raters,
    classes, classes), true class by answered class, None where the method has none. `log_likelihood` is unpenalised
    and in sample; `objective` is what the iterations raise; both None where the method has none. `calibrated` tells
    whether the confidences were set right against gold, `calibration` how. `error`: the share of wrong labels among the
    items without gold (or like those with it, where all have it), None without gold drawn at random.
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
    calibration: Calibration | None = None


@dataclass(frozen=True, eq=False)
class NumericConsensus:
    """Numbers concluded from the raters' numbers, how sure, and who is good.

    `estimates`: frame (item, estimate, low, high, n_answers), one row an item, sorted by item. `raters`: frame (rater,
    n_answers, bias, bias_low, bias_high, deviation, ...): how far above the others a rater answers, and how far their
    answers scatter round that. Intervals are at confidence `level`; null is what the data cannot tell. `objective` and
    `history` are None and empty where the method has no objective.
    """

    method: str
    items: pl.Series
    estimates: pl.DataFrame
    raters: pl.DataFrame
    level: float = 0.95
    objective: float | None = None
    history: tuple[float, ...] = ()
    n_iter: int = 0
    converged: bool = True
    notices: tuple[str, ...] = ()
