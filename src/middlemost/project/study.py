"""Everything that a report says of answers that are labels, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.agreement import Alpha
from middlemost.consensus import MajorityVote, conclude
from middlemost.core.answers import Answers
from middlemost.core.gold import Gold, GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.project.coefficients import DRAWS, between_raters
from middlemost.project.found import Agreeing, Found, Given, agreeing, caveats, draw_sample, notices, single_share
from middlemost.project.oddities import find_oddities, rater_rows
from middlemost.project.overview import (
    Confused,
    Disputed,
    GoldCheck,
    Strange,
    check_gold,
    distribution,
    look_like_numbers,
    most_confused,
    most_disputed,
    pooled_confusion,
    redundancy,
    strange_gold,
)
from middlemost.project.verdict import Facts, Verdict, judge

WIDE = 5 * 10**6  # cells of the table of counts from which a fifth of them is enough: there are many items then
ROOM = 2 * 10**8  # cells of the raters' confusion tables that are still worth their memory (1.6 GB)


@dataclass(frozen=True, eq=False, kw_only=True)
class Study(Found):
    """The findings on answers that are labels.

    `certain`: numbers among them are known to be the codes of labels. `strange`: gold in other words than the answers.
    `raters`: the frame of `consensus` with `chance`, `constant` [, `seconds`]. `confusion`: expected numbers of
    answers, (label, answered).
    """

    certain: bool
    strange: Strange | None
    consensus: Consensus
    gold_check: GoldCheck | None
    distribution: pl.DataFrame
    redundancy: pl.DataFrame
    raters: pl.DataFrame
    confusion: NDArray[np.float64]
    confused: tuple[Confused, ...]
    disputed: tuple[Disputed, ...]

    @cached_property
    def verdict(self) -> Verdict:
        """May one train on them."""
        return judge(
            Facts(
                n_items=self.answers.n_items,
                n_answers=len(self.answers),
                n_labels=self.answers.n_classes,
                single_share=single_share(self.answers),
                alpha=self.agreeing.deciding,
                gold=self.gold_check,
                gold_given=self.gold is not None,
                oddities=self.oddities,
                confused=self.confused,
                strange=self.strange,
                numbers=None if self.certain else look_like_numbers(self.answers),
            )
        )


def study(
    answers: Answers,
    gold: GoldLike | None = None,
    given: Given = Given(),  # noqa: B008
    *,
    certain: bool = False,
) -> Study:
    """Measure, conclude, look for oddities. `certain`: numbers are known to be the codes of labels."""
    known = None if gold is None else as_gold(gold)
    strange = None if known is None else strange_gold(answers, known)
    usable = None if strange else known
    consensus, words = _conclude(answers, usable, given)
    confusion = pooled_confusion(answers, consensus)
    agreed = _agreeing(answers, given)
    return Study(
        answers=answers,
        gold=known,
        given=given,
        agreeing=agreed,
        oddities=find_oddities(answers, consensus),
        sample=draw_sample(answers, seed=given.seed),
        notices=notices(answers, agreed.breakdown),
        caveats=caveats(answers, *words, *consensus.notices),
        certain=certain,
        strange=strange,
        consensus=consensus,
        gold_check=None if usable is None else check_gold(answers, consensus, usable),
        distribution=distribution(answers, consensus),
        redundancy=redundancy(answers),
        raters=rater_rows(answers, consensus),
        confusion=confusion,
        confused=most_confused(confusion, answers.classes),
        disputed=most_disputed(answers, consensus, given.texts),
    )


def _agreeing(answers: Answers, given: Given) -> Agreeing:
    draws = DRAWS if answers.n_items * answers.n_classes <= WIDE else DRAWS // 5
    shown = between_raters(answers, draws=draws, seed=given.seed)
    return agreeing(answers, shown, Alpha(draws=draws, seed=given.seed), given)


def _conclude(answers: Answers, gold: Gold | None, given: Given) -> tuple[Consensus, tuple[str, ...]]:
    if answers.n_raters * answers.n_classes**2 <= ROOM:
        return conclude(answers, gold, model=given.model, seed=given.seed), ()
    notice = "There are too many raters and labels for a confusion table each: the labels are majority votes."
    return MajorityVote(seed=given.seed).fit(answers), (notice,)
