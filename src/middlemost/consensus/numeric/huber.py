"""Huber's estimate of location."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from middlemost.consensus.numeric.concluded import Floats, Intervals, Ordered, estimate_frame, rater_frame, student
from middlemost.consensus.settings import not_negative, positive, whole
from middlemost.core.answers import Answers
from middlemost.core.results import NumericConsensus
from middlemost.inference.fixed_point import climb
from middlemost.registry import Traits

_NORMAL_MAD = 1.482602218505602
_NORMAL_MEAN = 1.2533141373155001


@dataclass(frozen=True)
class Huber(Intervals):
    """Between mean and median: answers further than `bend` scales from the estimate pull no harder than at that bend.

    The scale is one for all items: the median distance of answers from their item's median, in units of a normal
    standard deviation (the mean one, where over half of them are 0). 1.345 keeps 95 % of the mean's efficiency where
    errors are normal. A rater's bias and deviation are against the others' estimates (to first order).

    >>> import polars as pl
    >>> from middlemost.core.numbers import encode_numbers
    >>> frame = pl.DataFrame({"item": ["ox"] * 5, "rater": list("vwxyz"), "answer": [1190, 1200, 1210, 1220, 9999]})
    >>> Huber().fit(encode_numbers(frame)).estimates["estimate"].round(1).to_list()
    [1210.0]
    """

    bend: float = 1.345
    max_iter: int = 200
    tol: float = 1e-9

    name: ClassVar[str] = "huber"
    traits: ClassVar[Traits] = Traits(
        source="Huber 1964, Annals of Mathematical Statistics 35(1)",
        objective="minus Huber's loss, summed over answers, in squared scales",
        intervals=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(bend=self.bend)
        not_negative(tol=self.tol)
        whole(max_iter=self.max_iter)

    def fit(self, answers: Answers) -> NumericConsensus:
        """A number for each item. Raises InputError where an answer is not a number."""
        ordered = Ordered.of(answers)
        scale = _scale(ordered)
        begin = _Fit.at(np.zeros(len(ordered.n)), ordered, scale, self.bend)
        found, convergence = climb(
            lambda fit: fit.moved(ordered, scale, self.bend),
            begin,
            max_iter=self.max_iter,
            tol=self.tol * max(len(answers), 1),
        )
        ends, others = _uncertainty(found, ordered, scale, self.bend, self.confidence)
        return NumericConsensus(
            method=self.name,
            items=answers.items,
            estimates=estimate_frame(
                answers, ordered.origin + found.centre, (ordered.origin + ends[0], ordered.origin + ends[1])
            ),
            raters=rater_frame(answers, ordered, others, self.confidence),
            level=self.confidence,
            objective=found.objective,
            history=convergence.history,
            n_iter=convergence.n_iter,
            converged=convergence.converged,
            notices=answers.notices,
        )


@dataclass(frozen=True, eq=False)
class _Fit:
    """The items' estimates, counted from `Ordered.origin`, and minus the loss there."""

    centre: Floats
    objective: float

    @classmethod
    def at(cls, centre: Floats, ordered: Ordered, scale: float, bend: float) -> _Fit:
        away = np.abs(ordered.value - centre[ordered.item]) / scale
        loss = np.where(away <= bend, away**2 / 2, bend * away - bend**2 / 2)
        return cls(centre, -float(loss.sum()))

    def moved(self, ordered: Ordered, scale: float, bend: float) -> _Fit:
        """One step of reweighted means, which never raises the loss."""
        away = np.abs(ordered.value - self.centre[ordered.item]) / scale
        weight = bend / np.maximum(away, bend)
        total = ordered.per_item(weight)
        centre = ordered.per_item(weight * ordered.value) / np.where(total > 0, total, 1)
        return _Fit.at(centre, ordered, scale, bend)


def _scale(ordered: Ordered) -> float:
    """The normal standard deviation that the answers' distances from their items' medians suggest; never 0."""
    shared = ordered.n[ordered.item] > 1
    upper = ordered.value[ordered.starts[ordered.item] + ordered.n[ordered.item] // 2]
    away = np.abs(ordered.value - upper / 2)[shared]
    if not len(away):
        return 1.0
    middle, mean = _NORMAL_MAD * float(np.median(away)), _NORMAL_MEAN * float(away.mean())
    return (middle if middle > 1e-9 * mean else mean) or 1.0


def _uncertainty(
    found: _Fit, ordered: Ordered, scale: float, bend: float, level: float
) -> tuple[tuple[Floats, Floats], Floats]:
    """The ends of the items' intervals, and for each answer the estimate from the others (NaN without any)."""
    away = ordered.value - found.centre[ordered.item]
    inside = (np.abs(away) <= bend * scale).astype(float)
    pull = np.clip(away, -bend * scale, bend * scale)
    slope = np.maximum(ordered.per_item(inside), 1.0)
    n = ordered.n.astype(float)
    freedom = np.maximum(n - 1, 0)
    variance = ordered.per_item(pull**2) / np.maximum(freedom, 1)
    ends = student(found.centre, variance, freedom, slope**2 / np.maximum(n, 1), level)
    without = found.centre[ordered.item] - pull / np.maximum(slope[ordered.item] - inside, 1.0)
    return ends, np.where(n[ordered.item] > 1, without, np.nan)
