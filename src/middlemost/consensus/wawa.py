"""Worker agreement with aggregate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from middlemost.consensus.case import Case
from middlemost.consensus.settings import not_negative
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.registry import Traits


@dataclass(frozen=True)
class Wawa:
    """A vote in which each rater weighs as much as they agree with the majority.

    The weight is the share of their answers that do; to a `power` other than 1 it departs from the published rule (2
    sets good raters further apart). One step, no model. Where classes tie, agreeing with one of them counts in parts.
    `probabilities` are the weighted shares; the raters' frame has the `weight` of each. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbcc"), "rater": list("xyzxyzxz"), "answer": list("11222212")})
    >>> Wawa().fit(encode(frame)).raters["weight"].round(2).to_list()
    [0.83, 1.0, 0.5]
    """

    power: float = 1.0
    seed: int = 0

    name: ClassVar[str] = "wawa"
    traits: ClassVar[Traits] = Traits(source="Appen's worker agreement with aggregate", intervals=True, gold=True)

    def __post_init__(self) -> None:
        not_negative(power=self.power)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Vote twice. `gold` items have their known label, and so tell more of the raters."""
        case = Case.of(answers, gold)
        agreement = case.ballot.credits(case.winners(case.shares())) / np.maximum(answers.per_rater(), 1)
        weights = agreement**self.power
        shares = case.weighted_shares(weights)
        judged = case.judged_by_votes(weights)
        return case.concluded(self.name, shares, judged, seed=self.seed, columns={"weight": weights})
