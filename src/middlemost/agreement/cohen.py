"""Cohen's kappa."""

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
class CohenKappa(Weighted):
    """Cohen's kappa (1960) of two raters; of more, its mean over the pairs of raters (Light 1971).

    Chance agreement comes from each rater's own shares of the classes. `weights` let unequal answers agree in part
    (Cohen 1968). Every pair counts alike; a pair that shares fewer than two items, or gave one and the same answer to
    them, has no kappa and is left out.

    >>> from middlemost.core.answers import encode
    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabbccdd"), "rater": list("xyxyxyxy"), "answer": list("11221112")})
    >>> CohenKappa(draws=100).measure(encode(frame)).value
    0.5
    """

    name: ClassVar[str] = "cohen-kappa"
    traits: ClassVar[Traits] = Traits(
        source="Cohen 1960, Educational and Psychological Measurement 20(1); Light 1971", intervals=True
    )

    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """Kappa as a function of sums over items."""
        weights, note = weigh(answers.classes, self.weights)
        pairs = OfPairs.of(answers, weights)
        return pairs, noted(note, left_out(pairs, answers))
