"""Brennan and Prediger's coefficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from middlemost.agreement.statistic import BeyondChance, ByClasses, Statistic
from middlemost.agreement.weighted import Weighted
from middlemost.agreement.weights import weigh
from middlemost.core.answers import Answers
from middlemost.registry import Traits


@dataclass(frozen=True)
class BrennanPrediger(Weighted):
    """Brennan and Prediger's coefficient (1981): percent agreement beyond that of raters who choose every class alike.

    It does not change with the shares of the classes, but rises with classes that nobody needs.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11111112")})
    >>> BrennanPrediger(draws=100).measure(encode(frame)).value
    0.5
    """

    name: ClassVar[str] = "brennan-prediger"
    traits: ClassVar[Traits] = Traits(
        source="Brennan and Prediger 1981, Educational and Psychological Measurement 41(3)", intervals=True
    )

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """The coefficient as a function of sums over items."""
        weights, note = weigh(answers.classes, self.weights)
        return BeyondChance(ByClasses(weights), weights), note
