"""Gwet's AC1 and AC2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from middlemost.agreement.statistic import BeyondChance, ByGuessing, Statistic
from middlemost.agreement.weighted import Weighted
from middlemost.agreement.weights import weigh
from middlemost.core.answers import Answers
from middlemost.registry import Traits


@dataclass(frozen=True)
class GwetAC(Weighted):
    """Gwet's AC1 (2008), and AC2 with `weights`: chance agreement comes only from answers that are guesses.

    It stays high where nearly all items belong to one class and raters agree, where kappa falls to nought.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11111112")})
    >>> round(GwetAC(draws=100).measure(encode(frame)).value, 3)
    0.68
    """

    name: ClassVar[str] = "gwet-ac"
    traits: ClassVar[Traits] = Traits(
        source="Gwet 2008, British Journal of Mathematical and Statistical Psychology 61(1)", intervals=True
    )

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """The coefficient as a function of sums over items."""
        weights, note = weigh(answers.classes, self.weights)
        return BeyondChance(ByGuessing(weights), weights), note
