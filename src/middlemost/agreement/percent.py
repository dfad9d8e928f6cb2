"""Percent agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from middlemost.agreement.statistic import BeyondChance, NoChance, Statistic
from middlemost.agreement.weighted import Weighted
from middlemost.agreement.weights import weigh
from middlemost.core.answers import Answers
from middlemost.registry import Traits


@dataclass(frozen=True)
class PercentAgreement(Weighted):
    """The share of pairs of answers to an item that are equal, averaged over the items with two or more.

    Easy to read, and blind to chance: with two classes, coin flips reach .5. Missing answers are handled as by Gwet
    (2014). `weights` let unequal answers agree in part.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("112212")})
    >>> str(PercentAgreement().measure(encode(frame)).estimate)
    '.667 (.000 to 1.000)'
    """

    name: ClassVar[str] = "percent-agreement"
    traits: ClassVar[Traits] = Traits(source="Gwet 2014, Handbook of Inter-Rater Reliability", intervals=True)

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """The share as a function of sums over items."""
        weights, note = weigh(answers.classes, self.weights)
        return BeyondChance(NoChance(), weights), note
