"""Scott's pi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from middlemost.agreement.pairs import OfPairs, left_out
from middlemost.agreement.statistic import Statistic, noted
from middlemost.agreement.weighted import Weighted
from middlemost.agreement.weights import weigh
from middlemost.core.answers import Answers
from middlemost.registry import Traits


@dataclass(frozen=True)
class ScottPi(Weighted):
    """Scott's pi (1955) of two raters; of more, its mean over the pairs of raters.

    As Cohen's kappa, but chance agreement comes from the two raters' common shares of the classes: raters who favour
    different classes are not excused.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11221112")})
    >>> round(ScottPi(draws=100).measure(encode(frame)).value, 4)
    0.4667
    """

    name: ClassVar[str] = "scott-pi"
    traits: ClassVar[Traits] = Traits(source="Scott 1955, Public Opinion Quarterly 19(3)", intervals=True)

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """Pi as a function of sums over items."""
        weights, note = weigh(answers.classes, self.weights)
        pairs = OfPairs.of(answers, weights, pooled=True)
        return pairs, noted(note, left_out(pairs, answers))
