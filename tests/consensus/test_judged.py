"""Raters are judged by the others, never by their own answers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from middlemost.consensus import DawidSkene, FastDawidSkene, PooledDawidSkene, conclude
from middlemost.core.answers import Answers, encode

METHODS = [DawidSkene(), FastDawidSkene(), PooledDawidSkene()]


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Five raters right in .85 of 100 items, a sixth who guesses on 100 items that nobody else answered."""
    dice = np.random.default_rng(0)
    truth = [str(number % 2) for number in range(200)]
    together = [
        (f"i{n}", f"r{r}", truth[n] if dice.random() < 0.85 else str(1 - int(truth[n])))
        for n in range(100)
        for r in range(5)
    ]
    alone = [(f"i{n}", "alone", str(dice.integers(2))) for n in range(100, 200)]
    return encode(pl.DataFrame(together + alone, schema=["item", "rater", "answer"], orient="row"))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_who_answered_what_nobody_else_did_cannot_be_judged(answers: Answers, method: DawidSkene) -> None:
    alone = method.fit(answers).raters.filter(rater="alone").row(0, named=True)
    assert (alone["accuracy"], alone["low"], alone["high"]) == (None, None, None)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_an_answer_does_not_vouch_for_itself(answers: Answers, method: DawidSkene) -> None:
    """Take one rater's answers away, label by the rest, and the rater is as good as the fit with them says."""
    said = method.fit(answers).raters.filter(rater="r2")["accuracy"][0]
    without = method.fit(answers.take(answers.rater != 3)).labels.select("item", "label")
    assert answers.raters[3] == "r2"
    own = answers.frame().filter(rater="r2").join(without, on="item")
    assert said == pytest.approx((own["answer"] == own["label"]).mean(), abs=0.06)


def test_gold_judges_raters_whom_nobody_else_can(answers: Answers) -> None:
    gold = {f"i{n}": str(n % 2) for n in range(100, 200)}
    alone = DawidSkene().fit(answers, gold).raters.filter(rater="alone").row(0, named=True)
    assert 0.35 < alone["accuracy"] < 0.65


def test_the_default_judges_by_the_others_with_gold_too(answers: Answers) -> None:
    raters = conclude(answers, {f"i{n}": str(n % 2) for n in range(40)}).raters
    assert raters.filter(rater="alone")["accuracy"][0] is None
    assert raters.filter(rater="r0")["accuracy"][0] < 0.95
