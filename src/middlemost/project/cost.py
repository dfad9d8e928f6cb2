"""What the collection has cost, and what the rest will cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from middlemost.core.protocol import Collection, Pay
from middlemost.inference.proportion import effective
from middlemost.project.folder import Project
from middlemost.project.progress import Progress, progress
from middlemost.store import work

LEVEL = 0.9
WIDEST = 20.0  # an interval from a twentieth of a figure to twenty times it tells nobody anything


@dataclass(frozen=True)
class Cost:
    """What raters `earned` so far, and what the `pages` to come will cost; repeats and control items are among them.

    `left` with its interval at `level`; None where nobody knows yet how long an answer takes. `note`: why there is no
    interval, or no figure.
    """

    currency: str
    by: Literal["item", "hour"]
    earned: float
    pages: int
    left: float | None
    low: float | None
    high: float | None
    level: float = LEVEL
    note: str | None = None

    @property
    def exact(self) -> bool:
        """Whether nothing about it is uncertain."""
        return self.left is not None and self.low == self.high


@dataclass(frozen=True)
class _Pages:
    """How many pages there are to come, with the variance of that number."""

    n: float
    variance: float


def cost(project: Project, done: Progress | None = None) -> Cost | None:
    """The cost so far and to come at the present pace; None where the protocol declares no pay."""
    declared = project.protocol.pay
    if declared is None:
        return None
    done = progress(project) if done is None else done
    earned = project.store.read(work.done, 0.0, float("inf"))
    pages = _to_come(project, max(0, done.wanted - done.answers))
    so_far = sum(round(declared.earned(int(row.pages), row.active_ms / 1000), 2) for row in earned)
    return _cost(declared, round(so_far, 2), pages, earned)


def _to_come(project: Project, left: int) -> _Pages:
    """The answers that are `left`, and the repeats and control items that come with them and with those so far."""
    rules, rows = project.protocol.collection, project.store.read(work.rounds)
    again = _again(rules, rows)
    owed = sum(max(0.0, _share_again(rules, row.rounds) * row.first - row.again) for row in rows)
    controls = project.store.read(work.controls) if rules.controls else 0
    share = rules.controls.share / (1 - rules.controls.share) if rules.controls else 0.0
    unseen = max(0, controls * len(rows) - sum(row.controls for row in rows))
    drawn = rules.repeats.share if rules.repeats else 0.0
    chance = drawn * (1 - drawn) + share * (1 - share)
    return _Pages(left + owed + left * again + min(left * share, unseen), left * chance)


def _again(rules: Collection, rows: Sequence[Any]) -> float:
    """How many more pages come of one, later: as raters' work is shared out so far."""
    first = sum(row.first for row in rows)
    if not first:
        return _share_again(rules, 1)
    return float(sum(_share_again(rules, row.rounds) * row.first for row in rows) / first)


def _share_again(rules: Collection, rounds: int) -> float:
    """Which share of a rater's items come to them again: all of them, so often, or those of the declared share."""
    return rounds - 1.0 if rounds > 1 else rules.repeats.share if rules.repeats else 0.0


@dataclass(frozen=True)
class _Price:
    """What a page costs, the standard error of that, and how many of them an interval reaches to either side."""

    value: float
    error: float = 0.0
    reach: float = float(ndtri((1 + LEVEL) / 2))


def _cost(declared: Pay, earned: float, pages: _Pages, rows: Sequence[Any]) -> Cost:
    known = Cost(declared.currency, "hour", earned, round(pages.n), None, None, None)
    if declared.per_item is not None:
        return _priced(replace(known, by="item"), pages, _Price(declared.per_item))
    if not known.pages:
        return replace(known, left=0.0, low=0.0, high=0.0)
    price = _by_the_hour(declared.per_hour or 0.0, rows)
    if price is None:
        return replace(known, note="nobody knows yet how long an answer takes")
    if len(rows) < 2:
        return replace(known, left=round(pages.n * price.value, 2), note="one rater's pace has no interval")
    return _priced(known, pages, price)


def _by_the_hour(rate: float, rows: Sequence[Any]) -> _Price | None:
    """What a page costs at the raters' pace: a ratio of sums over raters, who differ, with its jackknife error.

    Who answered most says most, so that there are in effect fewer raters than there are.
    """
    hours = np.array([row.active_ms / 3_600_000 for row in rows], dtype=float)
    given = np.array([row.pages for row in rows], dtype=float)
    if not hours.sum() or not given.sum():
        return None
    mean, share, n = float(hours.sum() / given.sum()), given / given.sum(), len(rows)
    if n < 2:
        return _Price(mean * rate)
    off = (hours - mean * given) / np.maximum(1 - share, 1e-9) / given.sum()
    reach = float(stdtrit(max(effective(given) - 1, 1.0), (1 + LEVEL) / 2))
    return _Price(mean * rate, sqrt(float((off**2).sum()) * (n - 1) / n) * rate, reach)


def _priced(known: Cost, pages: _Pages, price: _Price) -> Cost:
    """With the interval, which is as wide to either side in ratio: costs cannot be below nothing."""
    value = pages.n * price.value
    if not value:
        return replace(known, left=0.0, low=0.0, high=0.0)
    off = price.reach * sqrt(pages.variance / pages.n**2 + (price.error / price.value) ** 2)
    if off > log(WIDEST):
        return replace(known, left=round(value, 2), note="raters' paces are too far apart for an interval")
    off = exp(off)
    return replace(known, left=round(value, 2), low=round(value / off, 2), high=round(value * off, 2))
