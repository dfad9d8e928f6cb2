"""What every report says, whatever kind of answers it is about."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from middlemost.agreement import Alpha, intra_rater
from middlemost.agreement.alpha import Level
from middlemost.core.answers import Answers
from middlemost.core.gold import Gold
from middlemost.core.probabilities import ModelLike
from middlemost.core.results import Agreement, IntraRater
from middlemost.core.words import plural
from middlemost.files.groups import Groups
from middlemost.project.breakdown import Breakdown, break_down
from middlemost.project.coefficients import first_answers
from middlemost.project.oddities import Oddity
from middlemost.project.verdict import SAMPLE, Verdict


@dataclass(frozen=True, eq=False)
class Given:
    """What comes with the answers, and how they were read.

    The name of their `source`, `texts` (item -> text) to show, `groups` of raters or items, a `model`'s probabilities,
    `in_order` if rows are in the order in which answers were given, and in `read_as` how the answers were taken and how
    to change that.
    """

    source: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    groups: Groups = field(default_factory=Groups)
    model: ModelLike | None = None
    in_order: bool = False
    read_as: str | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Agreeing:
    """How far raters agree: the `agreements` that are shown, and the first of them taken apart.

    `draws`: the bootstrap samples behind each interval. `intra`: their agreement with themselves, None without repeats.
    """

    agreements: tuple[Agreement, ...]
    draws: int
    breakdown: Breakdown
    intra: IntraRater | None

    @property
    def deciding(self) -> Agreement:
        """The one that the verdict rests on."""
        return self.breakdown.deciding(self.agreements[0])


@dataclass(frozen=True, eq=False, kw_only=True)
class Found(ABC):
    """The findings on one set of answers, of whatever kind.

    `sample`: 50 items drawn at random for an expert. `notices`: what was left out on the way in; `caveats`: what to
    know of the labels.
    """

    answers: Answers
    gold: Gold | None
    given: Given
    agreeing: Agreeing
    oddities: tuple[Oddity, ...]
    sample: pl.Series
    notices: tuple[str, ...]
    caveats: tuple[str, ...]

    @property
    @abstractmethod
    def verdict(self) -> Verdict:
        """May one train on them, and what is in the way: each kind of answers is judged by rules of its own."""

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """The coefficients that are shown."""
        return self.agreeing.agreements


def agreeing(
    answers: Answers, agreements: tuple[Agreement, ...], coefficient: Alpha, given: Given, *, level: Level = "nominal"
) -> Agreeing:
    """Take the first of the `agreements`, which `coefficient` gave, apart; both on each rater's first answers."""
    nominal = coefficient.level == "nominal"
    behind = break_down(
        first_answers(answers), agreements[0], coefficient, given.groups, choices=nominal, in_order=given.in_order
    )
    again = intra_rater(answers, level=level, draws=coefficient.draws, seed=given.seed) if answers.repeated() else None
    return Agreeing(agreements, coefficient.draws, behind, again)


def draw_sample(answers: Answers, *, n: int = SAMPLE, seed: int = 0) -> pl.Series:
    """`n` items drawn at random, in random order; the same for the same items and seed, whatever their order."""
    order = np.random.default_rng(seed).permutation(answers.n_items)[:n]
    return answers.items.gather(order)


def notices(answers: Answers, breakdown: Breakdown) -> tuple[str, ...]:
    """What was left out on the way in, and what becomes of a rater's repeats that count."""
    n = answers.repeated()
    repeats = plural(n, "answer repeats", "answers repeat")
    agreement = "agreement is measured on the first only, everything else on all of them."
    said = (f"{repeats} a rater's own on the same item: {agreement}",) if n else ()
    return (*answers.notices, *said, *breakdown.left_out)


def caveats(answers: Answers, *texts: str) -> tuple[str, ...]:
    """What to know of the labels, but for what the `answers` say themselves."""
    return tuple(text for text in texts if text not in answers.notices)


def single_share(answers: Answers) -> float:
    """The share of items with one rater's answer."""
    return float((first_answers(answers).per_item() == 1).mean())
