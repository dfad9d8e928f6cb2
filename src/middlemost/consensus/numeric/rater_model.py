"""Raters with a bias, a scale and a variance of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import polars as pl
from scipy.special import gammaincinv, ndtri

from middlemost.consensus.numeric.concluded import Floats, Intervals, Ordered, estimate_frame, nullable
from middlemost.consensus.numeric.variational import (
    Posterior,
    begin,
    freedom_of_raters,
    spread_of_items,
    spread_of_raters,
    step,
)
from middlemost.consensus.settings import not_negative, whole
from middlemost.core.answers import Answers
from middlemost.core.results import NumericConsensus
from middlemost.inference.fixed_point import climb
from middlemost.registry import Traits


@dataclass(frozen=True)
class RaterModel(Intervals):
    """Each rater answers bias + scale × the item's number + noise of their own variance.

    Items and biases come from normal distributions that are fitted too, so that an item or rater with few answers
    leans on the others; so do the variances, from an inverse gamma one; scales are taken to lie round 1, most within
    .6 and 1.4. Fitted by variational Bayes in steps that never lower the evidence bound; it ends when that rises by
    less than `tol` an answer, or after `max_iter` steps. A bias is relative to the raters at hand, at the mean item:
    no method can tell from answers alone that all are wrong. The intervals of deviations are somewhat narrow where
    items have fewer than about five answers.

    >>> import polars as pl
    >>> from middlemost.core.numbers import encode_numbers
    >>> frame = pl.DataFrame({"item": list("aaabbbcccddd"), "rater": list("xyz" * 4),
    ...                       "answer": [10, 13, 10, 20, 23, 19, 30, 33, 31, 40, 43, 40]})
    >>> RaterModel().fit(encode_numbers(frame)).raters["bias"].round(0).to_list()
    [-1.0, 2.0, -1.0]
    """

    max_iter: int = 200
    tol: float = 1e-6

    name: ClassVar[str] = "rater-model"
    traits: ClassVar[Traits] = Traits(
        source="Raykar et al. 2010, JMLR 11; Mandel 1959 (bias and scale)",
        objective="evidence lower bound",
        intervals=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        not_negative(tol=self.tol)
        whole(max_iter=self.max_iter)

    def fit(self, answers: Answers) -> NumericConsensus:
        """A number for each item. Raises InputError where an answer is not a number."""
        standard, centre, unit = _standardised(Ordered.of(answers))
        if unit == 0.0:
            return self._all_equal(answers, centre)
        found, convergence = climb(
            lambda fit: step(fit, standard), begin(standard), max_iter=self.max_iter, tol=self.tol * len(answers)
        )
        notices = answers.notices
        if not convergence.converged:
            notices += (f"The fit did not converge in {self.max_iter} steps: more may change the estimates.",)
        of_unit = len(answers) * float(np.log(unit))
        return NumericConsensus(
            method=self.name,
            items=answers.items,
            estimates=self._estimates(answers, standard, found, centre, unit),
            raters=self._raters(answers, standard, found, unit),
            level=self.confidence,
            objective=found.objective - of_unit,
            history=tuple(bound - of_unit for bound in convergence.history),
            n_iter=convergence.n_iter,
            converged=convergence.converged,
            notices=notices,
        )

    def _estimates(
        self, answers: Answers, ordered: Ordered, fit: Posterior, centre: float, unit: float
    ) -> pl.DataFrame:
        width = ndtri((1 + self.confidence) / 2) * spread_of_items(fit, ordered)
        ends = centre + unit * (fit.mean - width), centre + unit * (fit.mean + width)
        return estimate_frame(answers, centre + unit * fit.mean, ends)

    def _raters(self, answers: Answers, ordered: Ordered, fit: Posterior, unit: float) -> pl.DataFrame:
        """Bias at the mean item, scale and deviation with their intervals."""
        covariance = spread_of_raters(fit, ordered)
        at = fit.prior.mean
        bias = fit.bias + (fit.scale - 1) * at
        variance = covariance[0] + 2 * at * covariance[1] + at**2 * covariance[2]
        quantile = ndtri((1 + self.confidence) / 2)
        wide, far = quantile * np.sqrt(variance), quantile * np.sqrt(covariance[2])
        tail = (1 - self.confidence) / 2
        shape = fit.prior.shape + freedom_of_raters(fit, ordered) / 2
        precise, vague = (gammaincinv(shape, end) / shape * fit.precision for end in (1 - tail, tail))
        columns: dict[str, Floats] = {
            "bias": unit * bias,
            "bias_low": unit * (bias - wide),
            "bias_high": unit * (bias + wide),
            "deviation": unit / np.sqrt(fit.precision),
            "deviation_low": unit / np.sqrt(precise),
            "deviation_high": unit / np.sqrt(vague),
            "scale": fit.scale,
            "scale_low": fit.scale - far,
            "scale_high": fit.scale + far,
        }
        known = {name: nullable(column) for name, column in columns.items()}
        return pl.DataFrame({"rater": answers.raters, "n_answers": answers.per_rater(), **known})

    def _all_equal(self, answers: Answers, value: float) -> NumericConsensus:
        """What can be said where all answers are the same number, or there are none: that number, and no more."""
        nothing = np.full(answers.n_raters, np.nan)
        none = np.full(answers.n_items, np.nan)
        names = [f"{name}{end}" for name in ("bias", "deviation", "scale") for end in ("", "_low", "_high")]
        raters = {"rater": answers.raters, "n_answers": answers.per_rater()} | dict.fromkeys(names, nullable(nothing))
        notice = "All answers are the same number: there is nothing to tell raters apart by, and no interval."
        return NumericConsensus(
            method=self.name,
            items=answers.items,
            estimates=estimate_frame(answers, np.full(answers.n_items, value), (none, none)),
            raters=pl.DataFrame(raters),
            level=self.confidence,
            objective=0.0,
            notices=(*answers.notices, notice),
        )


def _standardised(ordered: Ordered) -> tuple[Ordered, float, float]:
    """The answers less their mean, in units of their standard deviation; that mean and unit (0 where all are equal)."""
    value = ordered.value + ordered.origin[ordered.item]
    if not len(value) or np.ptp(value) == 0 or value.std() == 0:
        return ordered, float(value[0]) if len(value) else 0.0, 0.0
    centre, unit = float(value.mean()), float(value.std())
    return replace(ordered, value=(value - centre) / unit), centre, unit
