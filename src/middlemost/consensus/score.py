"""How right a consensus is, against gold that it has not seen."""

from __future__ import annotations

import numpy as np

from middlemost.core.answers import Codes
from middlemost.core.estimate import Estimate
from middlemost.core.gold import Gold, GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.core.ties import tied
from middlemost.inference.proportion import clopper_pearson, jeffreys


def accuracy(consensus: Consensus, gold: GoldLike, *, level: float = 0.95) -> Estimate:
    """The share of the answered gold items whose most probable class is the gold label.

    Ties count as their expectation: one of two tied classes is half right. A gold label that nobody answered is wrong.
    The interval is Jeffreys'; without gold there is none.

    >>> import polars as pl
    >>> from middlemost.consensus.majority import MajorityVote
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aab"), "rater": list("xyx"), "answer": list("122")})
    >>> accuracy(MajorityVote().fit(encode(frame)), {"a": "1", "b": "2"}).value
    0.75
    """
    answered, classes = _answered(consensus, as_gold(gold))
    if not len(answered):
        return Estimate(0.0, level=level, n=0, note="no gold item has answers")
    best = np.column_stack([tied(consensus.probabilities[answered]), np.zeros(len(answered), dtype=bool)])
    right = float((best[np.arange(len(answered)), classes] / best.sum(axis=1)).sum())
    low, high = jeffreys(right, len(answered), level)
    return Estimate(right / len(answered), low, high, level, len(answered))


def error_share(consensus: Consensus, gold: GoldLike, *, level: float = 0.95) -> Estimate | None:
    """The share of wrong labels among all items, by the gold items drawn at random; None where there are none.

    The labels are taken as released. The interval is exact (Clopper and Pearson 1934), on condition that the fit has
    not seen the gold.
    """
    answered, classes = _answered(consensus, as_gold(gold).at_random())
    if not len(answered):
        return None
    said = Gold(consensus.labels["item"], consensus.labels["label"]).positions(consensus.items, consensus.classes)[1]
    wrong, n = int(np.count_nonzero(said[answered] != classes)), len(answered)
    return Estimate(wrong / n, *clopper_pearson(wrong, n, level), level, n)


def _answered(consensus: Consensus, gold: Gold) -> tuple[Codes, Codes]:
    """Positions of the gold items with answers, and of their labels (-1 where nobody answered so)."""
    item, label = gold.positions(consensus.items, consensus.classes)
    has_answers = np.append(consensus.labels["n_answers"].to_numpy() > 0, False)[item]
    return item[has_answers], label[has_answers]
