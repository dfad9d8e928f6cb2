"""The recommended default, without a choice to make."""

from __future__ import annotations

from dataclasses import replace

from middlemost.consensus.dawid_skene import DawidSkene
from middlemost.consensus.score import error_share
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.results import Consensus

WITHOUT_GOLD = "The confidences are not calibrated: without gold there is nothing to measure them against."
WITH_GOLD = "The confidences are not calibrated: they are usually too high. Rely on the share of wrong labels."


def conclude(answers: Answers, gold: GoldLike | None = None, *, seed: int = 0) -> Consensus:
    """Labels by the default method; with gold (mapping item -> label, or frame), the share of wrong labels too.

    The fit does not see the gold, so that the gold can judge it: `error` is the share of wrong labels with its exact
    interval, if gold was drawn at random. Gold items keep the label that the raters' answers gave them. The confidences
    are not calibrated, and `notices` says so.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> str(conclude(encode(frame), gold={"a": "1", "b": "2", "c": "1"}).error)
    '.000 (.000 to .708)'
    """
    consensus = DawidSkene(seed=seed).fit(answers)
    if gold is None:
        return _noting(consensus, WITHOUT_GOLD)
    gold = as_gold(gold)
    error = error_share(consensus, gold)
    notices = [*gold.notices, WITH_GOLD]
    if error is None:
        why = "was chosen" if gold.drawn == "chosen" else "has no answers"
        notices.append(f"The gold {why}, so it cannot tell the share of wrong labels among all items.")
    return replace(_noting(consensus, *notices), error=error)


def _noting(consensus: Consensus, *notices: str) -> Consensus:
    return replace(consensus, notices=(*consensus.notices, *notices))
