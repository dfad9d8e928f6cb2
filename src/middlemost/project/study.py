"""Everything that a report says of a file of answers, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus import MajorityVote, conclude
from middlemost.core.answers import Answers
from middlemost.core.gold import Gold, as_gold
from middlemost.core.results import Agreement, Consensus
from middlemost.project.coefficients import DRAWS, between_raters, first_answers
from middlemost.project.oddities import Oddity, find_oddities, plural, rater_rows
from middlemost.project.overview import (
    Confused,
    Disputed,
    GoldCheck,
    check_gold,
    distribution,
    look_like_numbers,
    most_confused,
    most_disputed,
    pooled_confusion,
    redundancy,
    strange_gold,
)
from middlemost.project.verdict import SAMPLE, Facts, Verdict, judge

WIDE = 5 * 10**6  # cells of the table of counts from which a fifth of them is enough: there are many items then
ROOM = 2 * 10**8  # cells of the raters' confusion tables that are still worth their memory (1.6 GB)


@dataclass(frozen=True, eq=False)
class Study:
    """The findings on one set of answers.

    `draws`: bootstrap samples behind each agreement's interval. `raters`: the frame of `consensus` with `chance`,
    `constant` [, `seconds`]. `confusion`: expected numbers of answers, (label, answered). `sample`: 50 items drawn at
    random for an expert. `notices`: what was left out on the way in; `caveats`: what to know of the labels.
    """

    answers: Answers
    gold: Gold | None
    source: str | None
    verdict: Verdict
    agreements: tuple[Agreement, ...]
    draws: int
    consensus: Consensus
    gold_check: GoldCheck | None
    distribution: pl.DataFrame
    redundancy: pl.DataFrame
    raters: pl.DataFrame
    confusion: NDArray[np.float64]
    confused: tuple[Confused, ...]
    disputed: tuple[Disputed, ...]
    oddities: tuple[Oddity, ...]
    sample: pl.Series
    notices: tuple[str, ...]
    caveats: tuple[str, ...]


def study(
    answers: Answers,
    gold: Gold | Mapping[str, str] | pl.DataFrame | None = None,
    *,
    source: str | None = None,
    texts: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Study:
    """Measure, conclude, look for oddities and judge. `texts` (item -> text) are shown with the disputed items."""
    known = None if gold is None else as_gold(gold)
    draws = DRAWS if answers.n_items * answers.n_classes <= WIDE else DRAWS // 5
    agreements = between_raters(answers, draws=draws, seed=seed)
    strange = None if known is None else strange_gold(answers, known)
    usable = None if strange else known
    consensus, notice = _conclude(answers, usable, seed)
    confusion = pooled_confusion(answers, consensus)
    confused = most_confused(confusion, answers.classes)
    oddities = find_oddities(answers, consensus)
    check = None if usable is None else check_gold(answers, consensus, usable)
    facts = Facts(
        n_items=answers.n_items,
        n_answers=len(answers),
        n_labels=answers.n_classes,
        single_share=float((first_answers(answers).per_item() == 1).mean()),
        alpha=agreements[0],
        gold=check,
        gold_given=known is not None,
        oddities=oddities,
        confused=confused,
        strange=strange,
        numbers=look_like_numbers(answers),
    )
    return Study(
        answers=answers,
        gold=known,
        source=source,
        verdict=judge(facts),
        agreements=agreements,
        draws=draws,
        consensus=consensus,
        gold_check=check,
        distribution=distribution(answers, consensus),
        redundancy=redundancy(answers),
        raters=rater_rows(answers, consensus),
        confusion=confusion,
        confused=confused,
        disputed=most_disputed(answers, consensus, texts),
        oddities=oddities,
        sample=draw_sample(answers, seed=seed),
        notices=(*answers.notices, *_repeats(answers)),
        caveats=tuple(text for text in (*notice, *consensus.notices) if text not in answers.notices),
    )


def draw_sample(answers: Answers, *, n: int = SAMPLE, seed: int = 0) -> pl.Series:
    """`n` items drawn at random, in random order; the same for the same items and seed, whatever their order."""
    order = np.random.default_rng(seed).permutation(answers.n_items)[:n]
    return answers.items.gather(order)


def _repeats(answers: Answers) -> tuple[str, ...]:
    """What becomes of a rater's repeats that count."""
    n = answers.repeated()
    repeats = plural(n, "answer repeats", "answers repeat")
    agreement = "agreement is measured on the first only, everything else on all of them."
    return (f"{repeats} a rater's own on the same item: {agreement}",) if n else ()


def _conclude(answers: Answers, gold: Gold | None, seed: int) -> tuple[Consensus, tuple[str, ...]]:
    if answers.n_raters * answers.n_classes**2 <= ROOM:
        return conclude(answers, gold, seed=seed), ()
    notice = "There are too many raters and labels for a confusion table each: the labels are majority votes."
    return MajorityVote(seed=seed).fit(answers), (notice,)
