"""Fleiss' kappa."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from middlemost.agreement.statistic import BeyondChance, ByShares, Statistic
from middlemost.agreement.weighted import Weighted
from middlemost.agreement.weights import weigh
from middlemost.core.answers import Answers
from middlemost.registry import Traits


@dataclass(frozen=True)
class FleissKappa(Weighted):
    """Fleiss' kappa (1971): percent agreement beyond what the classes' overall shares would give.

    Items may have different numbers of answers, handled as by Gwet (2014): items with one answer count towards the
    classes' shares only. `weights` let unequal answers agree in part.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11221122")})
    >>> agreement = FleissKappa().measure(encode(frame))
    >>> agreement.value, agreement.note
    (1.0, 'no interval: all answers to the 4 items with two or more agree')
    """

    name: ClassVar[str] = "fleiss-kappa"
    traits: ClassVar[Traits] = Traits(source="Fleiss 1971, Psychological Bulletin 76(5)", intervals=True)

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """Kappa as a function of sums over items."""
        weights, note = weigh(answers.classes, self.weights)
        return BeyondChance(ByShares(weights), weights), note
